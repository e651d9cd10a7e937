"""Mode 5: answer questions about a recording with its steps.

An answer may have several paragraphs, one per line. Code and values are in backticks.
"""

from collections.abc import Iterator, Mapping

import msgspec

from comparison.models import Recording

from .facts import (  # fmt: skip
    answer_row,
    code,
    ended,
    first,
    listed,
    made,
    phrase,
    returned,
    status_of,
    unsent,
    who,
)
from .model import Arriving, Moment, Note
from .steps import Places


def key_moments(
    framework: str,
    recording: Recording,
    statuses: Mapping[int, int | str],
    arriving: Arriving | None = None,
    notes: tuple[Note, ...] = (),
) -> tuple[Moment, ...]:
    """Return the key moments of a recording.

    `statuses` has the received status, or the failure, for each status that a view
    returned. Without it, the question about any number is omitted. `arriving` has the
    statuses that arrive through servers. `notes` has differences from the reference.
    """
    found = [
        *_earlier(recording),
        *_tuple(framework, recording),
        *_any_number(framework, recording, statuses, arriving),
        *_two_statuses(framework, recording),
        *_one_status(framework, recording),
        *_body_dropped(framework, recording),
        *_headers(recording),
        *_handlers(framework, recording),
        *_waiting(framework, recording),
        *_failure(recording),
        *_differing(notes),
    ]
    return tuple(found)


def _tuple(framework: str, recording: Recording) -> Iterator[Moment]:
    event, status = returned(recording), status_of(recording)
    if event is None or event.value is None or event.value.type != "tuple":
        return
    items = event.value.items
    if len(items) < 2 or items[1].text != str(status):
        return
    step = _returned_at(recording)
    kinds = listed(f"`{item.type}`" for item in items)
    yield Moment(
        f"Why do we return a tuple with (response, status_code) in {framework}?",
        f"{who(event)} returned a tuple of {kinds}: {code(event.value.text)}."
        f" {framework} took the second item for the status code and set {status}"
        f" explicitly, as shown in execution_table step {step}.",
        (step,),
    )


def _any_number(
    framework: str,
    recording: Recording,
    statuses: Mapping[int, int | str],
    arriving: Arriving | None,
) -> Iterator[Moment]:
    row, status = answer_row(recording), status_of(recording)
    if not statuses or row is None or status is None:
        return
    paragraphs = [] if arriving is None else [_on_servers(arriving)]
    unchanged = [number for number, received in statuses.items() if received == number]
    changed = [
        f"{number} came back as {received}"
        if isinstance(received, int)
        else f"{number}: {received}"
        for number, received in statuses.items()
        if received != number
    ]
    if unchanged:
        invalid = [number for number in unchanged if not 100 <= number <= 599]
        although = (
            ", although a status is between 100 and 599 (RFC 9110, section 15)"
            if invalid
            else ""
        )
        paragraphs.append(
            f"In process {framework} let {listed(unchanged)} through unchanged{although}."
        )
    if changed:
        paragraphs.append(f"In process not all came back: {'; '.join(changed)}.")
    meaning = phrase(status)
    means = f"means '{meaning}'" if meaning else "has no agreed meaning"
    paragraphs.append(
        f"The example uses {status}, which {means}: see execution_table step {row.step}."
    )
    yield Moment(
        "Can we use any number as a custom status code?",
        "\n".join(paragraphs),
        (row.step,),
    )


def _on_servers(arriving: Arriving) -> str:
    always = arriving.always or "no number"
    never = arriving.never or "no number"
    return (
        f"No. In the recorded status map {always} arrived as sent, with the body,"
        f" through all {arriving.stacks} servers; {never} through none of them. The rest"
        " depends on the server."
    )


def _two_statuses(framework: str, recording: Recording) -> Iterator[Moment]:
    event, maker = returned(recording), made(recording)
    if event is None or maker is None or maker.status_before in (None, maker.status):
        return
    step, where = _returned_at(recording), who(event, capital=False)
    yield Moment(
        f"When does the status become {maker.status}?",
        f"Not in {where}: the response that it returned had status"
        f" {maker.status_before}. {framework} set {maker.status} a moment later, in"
        f" `make_response`; step {step} shows it.",
        (step,),
    )


def _one_status(framework: str, recording: Recording) -> Iterator[Moment]:
    """Explain a status that the app did not return next to a body."""
    event, maker = returned(recording), made(recording)
    value = None if event is None else event.value
    if event is None or maker is None or value is None or maker.detail:
        return
    if value.type in ("tuple", "NoneType") or value.status not in (None, maker.status):
        return
    step = _returned_at(recording)
    if value.status is None:
        answer = f"{who(event)} returned `{value.type}` and no status: {framework} made"
        answer += f" a response of it with status {maker.status}, as step {step} shows."
    else:
        answer = f"{who(event)} returned a response that had it already,"
        answer += f" {code(value.text)}: {framework} left it as it was (step {step})."
    yield Moment(f"Where does the status {maker.status} come from?", answer, (step,))


def _earlier(recording: Recording) -> Iterator[Moment]:
    if not recording.setup:
        return
    before = recording.setup[-1]
    step = len(recording.setup)
    received = before.response.status if before.response else before.failure
    yield Moment(
        "Why does the client send more than one request?",
        "A request can leave cookies and data in the app for the next one. The client"
        f" sent {before.request.request_line} first and received {received}, as step {step} shows.",
        (step,),
    )


def _body_dropped(framework: str, recording: Recording) -> Iterator[Moment]:
    response, row = recording.exchange.response, answer_row(recording)
    if response is None or row is None:
        return
    method = recording.exchange.request.method
    if "none is allowed" in response.framing:
        why = f"the answer to {method}" if method == "HEAD" else f"a {response.status}"
        yield Moment(
            "Where did the body go?",
            f"{framework} handed over a body, but {why} has none: {response.framing}."
            f" The client received nothing of it, as step {row.step} shows.",
            (row.step,),
        )
    elif method == "HEAD" and not response.body:
        yield Moment(
            "Where did the body go?",
            "HEAD requests only the header fields (RFC 9110, section 9.3.2):"
            f" step {row.step} has no content.",
            (row.step,),
        )


def _headers(recording: Recording) -> Iterator[Moment]:
    response, row = recording.exchange.response, answer_row(recording)
    if response is None or row is None:
        return
    places = response.header("location")
    if places and response.status in (301, 302, 303, 307, 308):
        yield Moment(
            "What does a client do with a redirect?",
            f"The response has status {response.status} and"
            f" {code(f'Location: {places[0]}')}. A browser requests that next. The client"
            f" of this recording does not: it ends with step {recording.table[-1].step}.",
            (row.step,),
        )
    names = [value.partition("=")[0] for value in response.header("set-cookie")]
    if names:
        which = listed(code(name) for name in dict.fromkeys(names))
        yield Moment(
            "What does the client store?",
            f"The response of step {row.step} sets {which}: the client sends it along"
            " with its next request.",
            (row.step,),
        )


def _handlers(framework: str, recording: Recording) -> Iterator[Moment]:
    caught = first(recording, "error_caught")
    handler = first(recording, "handler_called")
    places = Places(recording)
    if caught is None:
        return
    step = places.first("handler" if handler is not None else "caught")
    if step is None:
        return
    detail = ended(caught.detail)
    if handler is not None:
        answer = f"{who(handler)} took over at step {step}. {framework} had caught"
        answer += f" {detail}"
    else:
        answer = f"{framework} itself: no error handler of the app was called. It"
        answer += f" caught, at step {step}, {detail}"
    yield Moment("Who answered when the view did not?", answer, (step,))


def _waiting(framework: str, recording: Recording) -> Iterator[Moment]:
    suspended = [e for e in recording.trace if e.event == "suspended"]
    resumed = first(recording, "resumed")
    step = Places(recording).first("suspended")
    if not suspended or step is None:
        return
    place = suspended[0]
    often = "once" if len(suspended) == 1 else f"{len(suspended)} times, first"
    at = f"at {code(place.source)} (step {step})" if place.source else f"(step {step})"
    on = f", on the thread {place.thread}" if place.thread else ""
    paragraphs = [f"The code was suspended {often} {at}{on}."]
    if resumed is not None and resumed.thread:
        same = resumed.thread == place.thread
        where = "there" if same else f"on the thread {resumed.thread}"
        paragraphs.append(f"It was resumed {where}, with its variables as they were.")
    if framework in _MEANWHILE:
        paragraphs.append(_MEANWHILE[framework])
    yield Moment("What happens at an await?", "\n".join(paragraphs), (step,))


_MEANWHILE = {
    "Flask": "Meanwhile the worker that has the request waits: Flask runs each async view"
    " on a separate event loop (Flask, Using async and await).",
    "Quart": "Meanwhile the event loop can serve other requests.",
}


def _failure(recording: Recording) -> Iterator[Moment]:
    failure = recording.exchange.failure
    if failure is None:
        return
    step = recording.table[-1].step
    answer = ended(f"{failure.kind}: {failure.message}")
    question = "Why is there no response?"
    if unsent(recording):
        question = "Why was no request sent?"
    elif failure.partial is not None:
        question = "Why is the response incomplete?"
        answer += f" The client had received status {failure.partial.status}."
    yield Moment(question, f"{answer} The client gave up at step {step}.", (step,))


def _differing(notes: tuple[Note, ...]) -> Iterator[Moment]:
    causes: dict[Note, list[str]] = {}
    for note in notes:
        same = msgspec.structs.replace(note, field="", layer="framework")
        causes.setdefault(same, []).append(note.field.replace("header:", "header "))
    for note, fields in causes.items():
        explained = f"{ended(note.title)} {note.cause}".rstrip()
        yield Moment(
            f"Why does {note.target} differ in {listed(fields)}?",
            explained if note.known else "No known difference matches.",
        )


def _returned_at(recording: Recording) -> int:
    """Return the step that quotes the returned value."""
    event = returned(recording)
    index = next(n for n, found in enumerate(recording.trace) if found is event)
    return Places(recording).step(index)
