"""Mode 5: answer questions about a recording with its steps.

An answer may have several paragraphs, one per line. Code and values are in backticks. An
answer explains first, then quotes the recording.
"""

from collections.abc import Mapping

import msgspec

from .facts import (
    chooses,
    code,
    ended,
    listed,
    made,
    phrase,
    returned,
    status_of,
    unsent,
    who,
)
from .model import Answer, Arriving, Moments, Note
from .moments_of_code import moments_of_code
from .moments_of_messages import moments_of_messages
from .subject import Subject


def key_moments(
    subject: Subject,
    statuses: Mapping[int, int | str],
    arriving: Arriving | None = None,
    notes: tuple[Note, ...] = (),
) -> tuple[tuple[str, Answer], ...]:
    """Return the key moments of a recording: each question with its answer.

    `statuses` has the received status, or the failure, for each status that a view
    returned. Without it, the question about any number is omitted. `arriving` has the
    statuses that arrive through servers. `notes` has differences from the reference.
    """
    found = [
        *_earlier(subject),
        *_tuple(subject),
        *_any_number(subject, statuses, arriving),
        *_two_statuses(subject),
        *_one_status(subject),
        *moments_of_code(subject),
        *moments_of_messages(subject),
        *_failure(subject),
        *_differing(notes),
    ]
    return tuple(found)


def _earlier(subject: Subject) -> Moments:
    recording = subject.recording
    if not recording.setup:
        return
    before = recording.setup[-1]
    step = subject.earlier(len(recording.setup))
    received = before.response.status if before.response else before.failure
    yield (
        "Why does the client send more than one request?",
        Answer(
            "A request can leave cookies and data in the app for the next one. The client"
            f" sent {before.request.request_line} first and received {received}, as"
            f" {subject.step(step)} shows.",
            (step,),
        ),
    )


def _tuple(subject: Subject) -> Moments:
    recording, framework = subject.recording, subject.framework
    event, status = returned(recording), status_of(recording)
    if event is None or event.value is None or not chooses(event.value, status):
        return
    items = event.value.items
    step = subject.at(event)
    made_at = subject.made or step
    instead = (
        "of the default 200"
        if items[0].status is None
        else f"of the {items[0].status} that the response had"
    )
    yield f"Why do we return a tuple with (response, status_code) in {framework}?", Answer(
        f"{framework} let a view return its response together with a status code. The"
        f" second item of the tuple becomes the HTTP status, instead {instead}."
        f"\n{who(event)} returned {code(event.value.text)}, as"
        f" execution_table {subject.step(step)} shows. {framework} then set the status"
        f" {status}, as {subject.step(made_at)} shows.",
        (step, made_at),
    )  # fmt: skip


def _any_number(
    subject: Subject, statuses: Mapping[int, int | str], arriving: Arriving | None
) -> Moments:
    row, status, framework = (
        subject.received,
        status_of(subject.recording),
        subject.framework,
    )
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
        f"The example uses {status}, which {means}: see execution_table"
        f" {subject.step(row)}."
    )
    yield (
        "Can we use any number as a custom status code?",
        Answer("\n".join(paragraphs), (row,)),
    )


def _on_servers(arriving: Arriving) -> str:
    always = arriving.always or "no number"
    never = f" None of them delivered {arriving.never}." if arriving.never else ""
    return (
        f"No. In the recorded status map {always} arrived as sent, with the body, from all"
        f" {arriving.stacks} stacks ({arriving.servers} servers).{never} The rest depends"
        " on the server."
    )


def _two_statuses(subject: Subject) -> Moments:
    event, maker = returned(subject.recording), made(subject.recording)
    if event is None or maker is None or maker.status_before in (None, maker.status):
        return
    step, where = subject.at(maker), who(event, capital=False)
    yield (
        f"When does the status become {maker.status}?",
        Answer(
            f"Not in {where}: the response that it returned had status"
            f" {maker.status_before}. {subject.framework} set {maker.status} a moment later, in"
            f" `make_response`; {subject.step(step)} shows it.",
            (step,),
        ),
    )


def _one_status(subject: Subject) -> Moments:
    """Explain a status that the app did not return next to a body."""
    event, maker = returned(subject.recording), made(subject.recording)
    value = None if event is None else event.value
    if event is None or maker is None or value is None or maker.detail:
        return
    if value.type in ("tuple", "NoneType") or value.status not in (None, maker.status):
        return
    step, framework = subject.at(maker), subject.framework
    if value.status is None:
        answer = (
            f"{who(event)} returned `{value.type}` and no status. {framework} made a"
        )
        answer += f" response of it with status {maker.status}, as {subject.step(step)}"
        answer += " shows."
    else:
        answer = f"{who(event)} returned a response that had it already,"
        answer += f" {code(value.text)}. {framework} left it as it was"
        answer += f" ({subject.step(step)})."
    yield f"Where does the status {maker.status} come from?", Answer(answer, (step,))


def _failure(subject: Subject) -> Moments:
    failure = subject.recording.exchange.failure
    if failure is None:
        return
    answer = ended(f"{failure.kind}: {failure.message}")
    question = "Why is there no response?"
    if unsent(subject.recording):
        question = "Why was no request sent?"
    elif failure.partial is not None:
        question = "Why is the response incomplete?"
        answer += f" The client had received status {failure.partial.status}."
    at = subject.last
    yield question, Answer(f"{answer} The client gave up at {subject.step(at)}.", (at,))


def _differing(notes: tuple[Note, ...]) -> Moments:
    causes: dict[Note, list[str]] = {}
    for note in notes:
        same = msgspec.structs.replace(note, field="", layer="framework")
        causes.setdefault(same, []).append(note.field.replace("header:", "header "))
    for note, fields in causes.items():
        title = ended(note.title) if note.title else ""
        explained = " ".join(filter(None, (title, note.cause)))
        if not note.known and note.advice:
            explained += f"\n{note.advice}"
        yield (
            f"Why does {note.target} differ in {listed(fields)}?",
            Answer(explained or "No known difference and no explanation matches."),
        )
