"""Mode 7: summarise a recording; and a sentence under the flow, the code and the table.

Code and values are in backticks. The words of a case's author are in none of them.
"""

from collections.abc import Collection

from comparison.models import Comparison, NormalisationRules

from .facts import (
    RETURNS,
    code,
    content_type,
    first,
    last,
    made,
    received_status,
    returned,
    unsent,
    who,
)
from .model import Arriving, Captions
from .rules import rules, status_rules
from .subject import Subject

VERDICTS = {
    "identical": "All targets did the same.",
    "known": "The targets differ, and known differences explain everything.",
    "different": "The targets differ.",
    "skipped": "The case needs targets on servers.",
}
FRAMINGS = {
    "content-length": "Content-Length says how long the body is.",
    "chunked": "The body came in chunks.",
    "close": "The body ended with the connection.",
    "no body": "The response has no body.",
    "no length": "Nothing says how long the body is.",
}


def concept_snapshot(
    subject: Subject,
    comparison: Comparison,
    others: Collection[int] = (),
    arriving: Arriving | None = None,
) -> tuple[str, ...]:
    """Summarise a recording: what was answered, the rules that it shows, an example."""
    recording, framework = subject.recording, subject.framework
    failure = recording.exchange.failure
    request_line = recording.exchange.request.request_line
    status = received_status(recording)
    answered = "answered" if status else "did not answer"
    if failure is not None and failure.partial is not None:
        answered = "broke off its answer to"
    outcome = f" with status {status}" if status else f": {failure}"
    return (
        f"{framework} {answered} {request_line}{outcome}.",
        *rules(subject),
        *_returned(subject),
        _became(subject),
        *status_rules(subject, others, arriving),
        verdict_of(comparison),
    )


def verdict_of(comparison: Comparison) -> str:
    """Say whether the targets did the same."""
    rules_of_case = comparison.case.normalisations or NormalisationRules()
    applied = [rule for rule in rules_of_case.names() if rule in comparison.normalised]
    if comparison.verdict == "identical" and applied:
        ignored = ", ".join(map(code, applied))
        return f"All targets did the same, except for what the case ignores: {ignored}."
    if comparison.verdict != "failed":
        return VERDICTS[comparison.verdict]
    if not comparison.expectation.met:
        return "Not every target did what the case expects."
    if any(r.exchange.failure is not None for r in comparison.recordings.values()):
        return "Not every target responded."
    return "A known difference did not occur."


def _returned(subject: Subject) -> tuple[str, str]:
    recording = subject.recording
    event = returned(recording)
    if event is None or event.value is None:
        recorded = first(recording, "route_matched", "route_missed") is not None
        if unsent(recording):
            return "The request was not sent.", "No code of the app ran."
        if not recorded:
            return "The inside of the app was not recorded.", "No source is known."
        answered = recording.exchange.response is not None
        useless = last(recording, *RETURNS)
        if useless is not None and useless.value is not None and answered:
            value = code(useless.value.text)
            lost = f"{who(useless)} returned {value}, but the client received another response."
            return lost, "The framework made that response."
        whose = "The framework made the response." if answered else "No return ran."
        return "No code of the app returned a value.", whose
    example = f"Example: {code(event.source)}" if event.source else "It has no source."
    return f"{who(event)} returned {code(event.value.text)}.", example


def _became(subject: Subject) -> str:
    recording = subject.recording
    maker, failure = made(recording), recording.exchange.failure
    response = recording.exchange.response
    if failure is not None:
        if failure.partial is not None:
            return f"The response began with {failure.partial.status} and broke off."
        return "Nothing was sent back."
    assert response is not None
    if maker is not None and maker.status_before not in (None, maker.status):
        return f"The status was {maker.status_before}, and {maker.status} afterwards."
    return FRAMINGS.get(response.framing, f"The body: {response.framing}.")


def captions(subject: Subject) -> Captions:
    """Return a sentence under the flow, the code and the execution table."""
    recording, framework = subject.recording, subject.framework
    request_line = recording.exchange.request.request_line
    status, event = received_status(recording), returned(recording)
    value = None if event is None else event.value
    ran = first(recording, "view_called")
    inside = (
        f"the view {code(ran.name)} processed it" if ran else "no view processed it"
    )
    flow = f"The client sent {request_line}, {framework} received it, {inside}, and "
    kind = content_type(recording).partition(";")[0]
    whose = f"as {code(kind)}" if kind else "without a Content-Type"
    if not status:
        flow += "no whole response came back to the client."
        sample = table = f"No whole response came: {recording.exchange.failure}."
        table = f"{table} This ended the request cycle."
    else:
        flow += f"a response with status {status} came back to the client."
        sent = received_status(recording, phrase_too=True)
        table = f"Response sent with status {sent}, ending the request cycle."
        sample = f"The client received this {whose}, with status {status}."
        if event is not None and value is not None:
            what = "Error handler" if event.event == "handler_returned" else "Function"
            sample = f"{what} {code(event.name)} returned {code(value.text)}. {sample}"
    return Captions(flow, sample, table)
