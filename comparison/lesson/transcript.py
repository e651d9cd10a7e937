"""Mode 8: describe a recording in prose.

Code and values are in backticks. The words of a case's author are not in it.
"""

from collections.abc import Iterator

from comparison.core.plural import counted
from comparison.models import Comparison, Event

from .facts import (
    code,
    content_type,
    ended,
    listed,
    received_status,
    status_of,
    unsent,
    who,
)
from .fine import first_of_tuple
from .rules import rules, status_rules
from .snapshot import verdict_of
from .subject import Subject


def full_transcript(subject: Subject, comparison: Comparison) -> str:
    """Describe the recording in prose."""
    recording = subject.recording
    request_line = recording.exchange.request.request_line
    sentences = list(rules(subject))
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
        return " ".join([*sentences, verdict_of(comparison)])
    here = "Then" if recording.setup else "In this recording"
    sentences.append(f"{here} the client sent {request_line}.")
    sentences += _events(subject)
    if status_of(recording) is not None:
        sentences.append(
            f"The client received {received_status(recording)}{_with(subject)}."
        )
    elif failure is not None and failure.partial is not None:
        sentences.append(f"The response broke off: {ended(str(failure))}")
    else:
        sentences.append(f"The client received nothing: {ended(str(failure))}")
    sentences += status_rules(subject)
    return " ".join([*sentences, verdict_of(comparison)])


def _with(subject: Subject) -> str:
    response = subject.recording.exchange.response
    size = 0 if response is None else len(response.content)
    kind = content_type(subject.recording).partition(";")[0]
    what = f" of {kind}" if kind else ""
    return f" and {size} bytes{what}" if size else " without content"


def _events(subject: Subject) -> Iterator[str]:
    trace = subject.recording.trace
    lines, caught = 0, ""
    hooks: list[str] = []
    for index, event in enumerate(trace):
        if event.event == "hook_called":
            hooks.append(code(event.name))
            continue
        if event.event == "line":
            lines += 1
            continue
        if event.event == "error_caught":
            if event.detail == caught:
                continue
            caught = event.detail
        sentence = _event(subject, trace, index)
        if sentence:
            yield from _called(subject, hooks)
            yield from _ran(lines, event)
            lines, hooks = 0, []
            yield sentence
    yield from _called(subject, hooks)
    yield from _ran(lines, None)


def _called(subject: Subject, hooks: list[str]) -> Iterator[str]:
    if hooks:
        kind = "hook" if len(hooks) == 1 else "hooks"
        yield f"{subject.framework} called the {kind} {listed(hooks)}."


def _ran(lines: int, event: Event | None) -> Iterator[str]:
    """Count lines, unless the sentence about the event quotes the only one."""
    if lines > 1 or (lines and (event is None or not event.source)):
        yield f"{counted(lines, 'line')} ran."


def _event(subject: Subject, trace: tuple[Event, ...], index: int) -> str:
    framework, event = subject.framework, trace[index]
    at = f" at {code(event.source)}" if event.source else ""
    match event.event:
        case "route_matched":
            called = trace[index + 1 : index + 2]
            if called and called[0].event == "view_called":
                return (
                    f"{framework} matched it to the route {event.rule} and called"
                    f" {who(called[0], capital=False)}."
                )
            return f"{framework} matched it to the route {event.rule}."
        case "route_missed":
            return f"{framework} found no route: {ended(event.detail)}"
        case "view_called" if trace[index - 1].event == "route_matched":
            return ""
        case "view_called" | "handler_called":
            return f"{framework} called {who(event, capital=False)}."
        case "view_returned" | "handler_returned":
            return _value(event)
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
                    f"{framework} then set the status of the response from {before} to"
                    f" {event.status}."
                )
            return f"{framework} made a response with status {event.status}."
        case "response_handed_over":
            return f"The response went back with status {event.status}."
        case _:
            return ""


def _value(event: Event) -> str:
    """Say what a function returned, and what made the response in it."""
    value = event.value
    at = f" at {code(event.source)}" if event.source else ""
    if value is None:
        return f"{who(event)} returned nothing{at}."
    inside = value.items[0] if value.type == "tuple" and value.items else None
    by = first_of_tuple(event.source, len(value.items))
    if inside is None or inside.status is None or by is None:
        return f"{who(event)} returned {code(value.text)}{at}."
    return (
        f"There {code(by)} created a response with status {inside.status}. {who(event)}"
        f" returned it in the tuple {code(value.text)}{at}."
    )


def _on(event: Event) -> str:
    return f" on the thread {event.thread}" if event.thread else ""
