"""Modes 7 and 8: five lines to keep, and the recording in prose."""

from collections.abc import Iterator

from comparison.model import Comparison, Event, Recording

from .facts import first, made, named, returned, status_of

VERDICTS = {
    "identical": "Every target answered the same.",
    "known": "The targets differ, in a way that is known and explained.",
    "different": "The targets differ.",
    "failed": "Not every target answered as the documentation says.",
}


def concept_snapshot(
    framework: str, recording: Recording, comparison: Comparison
) -> tuple[str, ...]:
    """Five lines."""
    request, response = recording.exchange.request, recording.exchange.response
    asked = f"{request.method} {request.path}"
    failure = recording.exchange.failure
    status = status_of(recording)
    came = (
        f"status {named(status)}" if status is not None else f"no response ({failure})"
    )
    event, maker = returned(recording), made(recording)
    if event is not None and event.value is not None:
        what = f"Its view or handler returned {event.value.text}."
    elif first(recording, "route_matched", "route_missed") is None:
        what = "What happens inside it was not recorded."
    else:
        what = "No view or handler of the app returned a value."
    example = event.source if event is not None and event.source else "(no return ran)"
    if maker is not None and maker.status_before not in (None, maker.status):
        became = f"The status was {maker.status_before}, and {maker.status} afterwards."
    elif response is not None:
        became = f"The body was framed by: {response.framing}."
    else:
        became = "Nothing was sent back."
    return (
        f"{framework} answers {asked} with {came}.",
        what,
        f"Example: {example}",
        became,
        VERDICTS[comparison.verdict],
    )


def full_transcript(
    framework: str, recording: Recording, comparison: Comparison
) -> str:
    """The recording in prose."""
    case, request = comparison.case, recording.exchange.request
    sentences = [_sentence(case.title)] if case.title else []
    sentences += [_sentence(case.teaches)] if case.teaches else []
    for earlier in recording.before:
        came = earlier.response.status if earlier.response else str(earlier.failure)
        sentences.append(
            f"First the client sent {earlier.request.method} {earlier.request.path}"
            f" and received {came}."
        )
    sentences.append(f"The client sent {request.method} {request.path}.")
    sentences += _told(framework, recording)
    response, failure = recording.exchange.response, recording.exchange.failure
    if response is not None:
        sentences.append(f"The client received {named(response.status)}.")
    elif failure is not None:
        sentences.append(f"The client received nothing: {failure}.")
    sentences.append(VERDICTS[comparison.verdict])
    return " ".join(sentences)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _told(framework: str, recording: Recording) -> Iterator[str]:
    lines = 0
    for event in recording.trace:
        if event.event == "line":
            lines += 1
            continue
        sentence = _event(framework, event)
        if sentence:
            if lines:
                yield f"{lines} line{'' if lines == 1 else 's'} of it ran."
                lines = 0
            yield sentence


def _event(framework: str, event: Event) -> str:
    source = f" by {event.source!r}" if event.source else ""
    value = event.value.text if event.value is not None else ""
    match event.event:
        case "route_matched":
            return f"{framework} matched the route {event.rule}."
        case "route_missed":
            return f"{framework} found no route: {event.detail}."
        case "view_called":
            return f"It called the view {event.name}."
        case "handler_called":
            return f"It called the error handler {event.name}."
        case "hook_called":
            return f"It called the hook {event.name}."
        case "view_returned" | "handler_returned":
            return f"{event.name} returned {value}{source}."
        case "view_raised" | "handler_raised" | "hook_raised":
            return f"{event.name} raised {event.detail}{source}."
        case "suspended":
            return f"It was suspended at {event.source!r}."
        case "resumed":
            return "It was resumed."
        case "error_caught" if event.name != "handle_exception":
            return f"{framework} caught {event.detail}."
        case "automatic_options":
            return f"{framework} answered OPTIONS by itself."
        case "response_made" if not event.detail:
            before = event.status_before
            if before not in (None, event.status):
                return (
                    f"{framework} made the response, and its status, until then"
                    f" {before}, became {event.status}."
                )
            return f"{framework} made a response with status {event.status}."
        case "response_handed_over":
            return f"It handed the response over with status {event.status}."
        case _:
            return ""
