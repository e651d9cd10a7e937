"""Modes 7 and 8: summarise a recording in five lines, and describe it in prose.

Code and values are in backticks.
"""

from collections.abc import Iterator

from comparison.models import Comparison, Event, NormalisationRules, Recording

from .facts import code, ended, first, made, named, returned, status_of, unsent, who
from .steps import Places

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
    framework: str, recording: Recording, comparison: Comparison
) -> tuple[str, ...]:
    """Summarise a recording in five lines."""
    request, failure = recording.exchange.request, recording.exchange.failure
    request_line = request.request_line
    status = status_of(recording)
    received = f"status {named(status)}" if status is not None else str(failure)
    answers = "answers" if status is not None else "does not answer"
    if failure is not None and failure.partial is not None:
        answers = "breaks off its answer to"
    sep = " with" if status is not None else ":"
    return (
        f"{framework} {answers} {request_line}{sep} {received}.",
        *_returned(recording),
        _became(recording),
        _verdict(comparison),
    )


def _verdict(comparison: Comparison) -> str:
    rules_of_case = comparison.case.normalisations or NormalisationRules()
    applied = [rule for rule in rules_of_case.names() if rule in comparison.normalised]
    if comparison.verdict == "identical" and applied:
        rules = ", ".join(map(code, applied))
        return f"All targets did the same, except for what the case ignores: {rules}."
    if comparison.verdict != "failed":
        return VERDICTS[comparison.verdict]
    if not comparison.expectation.met:
        return "Not every target did what the case expects."
    if any(r.exchange.failure is not None for r in comparison.recordings.values()):
        return "Not every target responded."
    return "A known difference did not occur."


def _returned(recording: Recording) -> tuple[str, str]:
    event = returned(recording)
    if event is None or event.value is None:
        recorded = first(recording, "route_matched", "route_missed") is not None
        if unsent(recording):
            return "The request was not sent.", "No code of the app ran."
        if not recorded:
            return "The inside of the app was not recorded.", "No source is known."
        answered = recording.exchange.response is not None
        whose = "The framework made the response." if answered else "No return ran."
        return "No code of the app returned a value.", whose
    example = f"Example: {code(event.source)}" if event.source else "It has no source."
    return f"{who(event)} returned {code(event.value.text)}.", example


def _became(recording: Recording) -> str:
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


def full_transcript(
    framework: str, recording: Recording, comparison: Comparison
) -> str:
    """Describe the recording in prose."""
    case, request = comparison.case, recording.exchange.request
    request_line = request.request_line
    sentences = [ended(case.title)] if case.title else []
    sentences += [ended(case.description)] if case.description else []
    for earlier in recording.setup:
        received = earlier.response.status if earlier.response else str(earlier.failure)
        sentences.append(
            f"First the client sent {earlier.request.request_line} and received {ended(str(received))}"
        )
    failure = recording.exchange.failure
    if failure is not None and unsent(recording):
        sentences.append(
            f"The client did not send {request_line}: {ended(failure.message)}"
        )
        return " ".join([*sentences, _verdict(comparison)])
    sentences.append(f"The client sent {request_line}.")
    sentences += _events(framework, recording)
    status = status_of(recording)
    if status is not None:
        sentences.append(f"The client received {named(status)}.")
    elif failure is not None and failure.partial is not None:
        sentences.append(f"The response broke off: {ended(str(failure))}")
    else:
        sentences.append(f"The client received nothing: {ended(str(failure))}")
    return " ".join([*sentences, _verdict(comparison)])


def _events(framework: str, recording: Recording) -> Iterator[str]:
    caught = Places(recording).caught
    lines = 0
    for index, event in enumerate(recording.trace):
        if event.event == "line":
            lines += 1
            continue
        if event.event == "error_caught" and index not in caught:
            continue
        sentence = _event(framework, event)
        if sentence:
            yield from _ran(lines)
            lines = 0
            yield sentence
    yield from _ran(lines)


def _ran(lines: int) -> Iterator[str]:
    if lines:
        yield f"{lines} line{'' if lines == 1 else 's'} ran."


def _event(framework: str, event: Event) -> str:
    at = f" at {code(event.source)}" if event.source else ""
    value = code(event.value.text) if event.value is not None else "nothing"
    match event.event:
        case "route_matched":
            return f"{framework} matched the route {event.rule}."
        case "route_missed":
            return f"{framework} found no route: {ended(event.detail)}"
        case "view_called" | "handler_called" | "hook_called":
            return f"{framework} called {who(event, capital=False)}."
        case "view_returned" | "handler_returned":
            return f"{who(event)} returned {value}{at}."
        case "view_raised" | "handler_raised" | "hook_raised":
            kind, colon, message = event.detail.partition(":")
            return f"{who(event)} raised {kind}{at}{ended(colon + message)}"
        case "suspended":
            return f"The code was suspended{at}{_on(event)}."
        case "resumed":
            return f"It was resumed{_on(event)}."
        case "error_caught":
            return f"{framework} caught {event.detail.partition(':')[0]}."
        case "automatic_options":
            return f"{framework} responded to OPTIONS by itself."
        case "response_made" if not event.detail:
            before = event.status_before
            if before not in (None, event.status):
                return (
                    f"{framework} made the response, and its status, until then"
                    f" {before}, became {event.status}."
                )
            return f"{framework} made a response with status {event.status}."
        case "response_handed_over":
            return f"{framework} handed the response over with status {event.status}."
        case _:
            return ""


def _on(event: Event) -> str:
    return f" on the thread {event.thread}" if event.thread else ""
