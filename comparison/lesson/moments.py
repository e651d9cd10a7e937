"""Mode 5: questions that arise from what was recorded, answered by its steps."""

from collections.abc import Iterator, Mapping

from comparison.model import Recording, Row

from .facts import answer_row, first, made, numbers, phrase, returned, status_of
from .model import Arriving, Moment


def key_moments(
    framework: str,
    recording: Recording,
    statuses: Mapping[int, int | str],
    arriving: Arriving | None = None,
) -> tuple[Moment, ...]:
    """The moments of a recording.

    `statuses` is what came back for each status that a view was made to return: a
    number, or what went wrong. Without it nobody asks whether any number will do.
    `arriving` is what servers made of them.
    """
    found = [
        *_tuple(framework, recording),
        *_any_number(framework, recording, statuses, arriving),
        *_two_statuses(framework, recording),
        *_body_kept(framework, recording),
        *_handlers(framework, recording),
        *_waiting(recording),
        *_failure(framework, recording),
    ]
    return tuple(found)


def _tuple(framework: str, recording: Recording) -> Iterator[Moment]:
    event, row = returned(recording), answer_row(recording)
    if event is None or event.value is None or event.value.type != "tuple" or not row:
        return
    kinds = ", ".join(item.type for item in event.value.items)
    status = status_of(recording)
    numbers_in = [item.text for item in event.value.items[1:]]
    if str(status) in numbers_in:
        yield Moment(
            f"Why do we return a tuple with (response, status_code) in {framework}?",
            f"The view returned ({kinds}): {event.value.text}. {framework} took the"
            f" second item for the status code and set {status} explicitly, as shown in"
            f" execution_table step {row.step}.",
            (row.step,),
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
    kept = [code for code, came in statuses.items() if came == code]
    rest = {code: came for code, came in statuses.items() if came != code}
    answer = _on_servers(arriving) if arriving is not None else ""
    answer += f"In process, {framework} was asked for {numbers(list(statuses))}. "
    if kept:
        which = numbers(kept) if rest else "each of them"
        answer += f"The status came back unchanged for {which}"
        invalid = [code for code in kept if not 100 <= code <= 599]
        if invalid:
            answer += (
                f", although {numbers(invalid)} cannot be one: a status is between 100"
                " and 599 (RFC 9110, section 15)"
            )
        answer += ". "
    for code, came in rest.items():
        answer += f"For {code} came {came}. "
    meaning = phrase(status)
    means = f", which means {meaning!r}" if meaning else ", which has no agreed meaning"
    answer += f"The example uses {status}{means}: see execution_table step {row.step}."
    yield Moment("Can we use any number as a custom status code?", answer, (row.step,))


def _on_servers(arriving: Arriving) -> str:
    always = arriving.always or "No number"
    never = arriving.never or "no number"
    return (
        f"No. Through the {arriving.stacks} servers of the recorded status map, {always}"
        f" arrived from every one as it was sent, body included; {never} from none. The"
        " rest depends on the server. "
    )


def _two_statuses(framework: str, recording: Recording) -> Iterator[Moment]:
    event, row = made(recording), answer_row(recording)
    if event is None or row is None or event.status_before in (None, event.status):
        return
    yield Moment(
        f"When does the status become {event.status}?",
        f"Not in the view: the response that it returned had status"
        f" {event.status_before}. {framework} set {event.status} a moment later, in"
        f" make_response; step {row.step} shows it.",
        (row.step,),
    )


def _body_kept(framework: str, recording: Recording) -> Iterator[Moment]:
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
            "HEAD asks for the header fields alone (RFC 9110, section 9.3.2):"
            f" step {row.step} has no content.",
            (row.step,),
        )


def _handlers(framework: str, recording: Recording) -> Iterator[Moment]:
    handler = first(recording, "handler_called")
    caught = first(recording, "error_caught")
    row = _row(recording.table, "Error handler") or _row(recording.table, "catches")
    if caught is None or row is None:
        return
    if handler is not None:
        answer = (
            f"{caught.detail} was caught, and the error handler {handler.name} took"
        )
        answer += f" over at step {row.step}."
    else:
        answer = f"{framework} caught {caught.detail} at step {row.step} and made the"
        answer += " answer itself: no handler of the app was called."
    yield Moment("Who answered when the view did not?", answer, (row.step,))


def _waiting(recording: Recording) -> Iterator[Moment]:
    suspended = [e for e in recording.trace if e.event == "suspended"]
    row = _row(recording.table, "Suspended")
    if not suspended or row is None:
        return
    times = "once" if len(suspended) == 1 else f"{len(suspended)} times"
    yield Moment(
        "What happens at an await?",
        f"The code was suspended {times}, first at {suspended[0].source!r} (step"
        f" {row.step}): until it is resumed, other requests can run on"
        f" {suspended[0].thread or 'that thread'}.",
        (row.step,),
    )


def _failure(framework: str, recording: Recording) -> Iterator[Moment]:
    failure = recording.exchange.failure
    if failure is None:
        return
    step = recording.table[-1].step
    yield Moment(
        "Why is there no response?",
        f"{failure.kind}: {failure.message}. The client gave up at step {step}.",
        (step,),
    )


def _row(table: tuple[Row, ...], words: str) -> Row | None:
    return next((row for row in table if words in row.action), None)
