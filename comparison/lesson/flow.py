"""Modes 1 and 4: list the stations that a request passed, and track its variables."""

from collections.abc import Iterator

import msgspec

from comparison.models import Event, Recording, Value, Variable

from .facts import unsent
from .model import NOT_SET, Station
from .steps import Places

_RAISING = {
    "view_raised": "View",
    "handler_raised": "Error handler",
    "hook_raised": "Hook",
}
MAX_TEXT = 120  # characters of a value


def concept_flow(framework: str, recording: Recording) -> tuple[Station, ...]:
    """Return the stations, the last one marked as current."""
    stations = list(_stations(framework, recording))
    end = msgspec.structs.replace(stations[-1], current=True)
    return (*stations[:-1], end)


def _stations(framework: str, recording: Recording) -> Iterator[Station]:
    request, places = recording.exchange.request, Places(recording)
    for step, earlier in enumerate(recording.setup, 1):
        yield Station("Client sends earlier request", _request(earlier.request), step)
    sent, failure = len(recording.setup) + 1, recording.exchange.failure
    if unsent(recording):
        yield Station("Client sends no request", str(failure), sent)
        return
    yield Station("Client sends request", _request(request), sent)
    for index, event in enumerate(recording.trace):
        station = _station(framework, event)
        if event.event == "failed" and failure is not None and failure.partial:
            station = Station("Response breaks off", event.detail)
        again = event.event == "error_caught" and index not in places.caught
        if station is not None and not again:
            yield msgspec.structs.replace(station, step=places.step(index))
    if failure is not None and failure.partial is not None:
        status, step = failure.partial.status, len(recording.table)
        yield Station("Client receives a part", f"status {status}", step)
    if recording.exchange.response is not None:
        status, step = recording.exchange.response.status, len(recording.table)
        yield Station("Client receives response", f"status {status}", step)


def _request(request: object) -> str:
    return f"{getattr(request, 'method', '')} {getattr(request, 'path', '')}"


def _station(framework: str, event: Event) -> Station | None:
    match event.event:
        case "route_matched":
            return Station(f"{framework} route receives request", event.rule)
        case "route_missed":
            return Station(f"{framework} finds no view", event.detail)
        case "hook_called":
            return Station("Hook runs", event.name)
        case "view_called":
            return Station("View processes request", event.name)
        case "handler_called":
            return Station("Error handler takes over", event.name)
        case "suspended":
            return Station("Suspended at an await", event.source)
        case "resumed":
            on = f"on the thread {event.thread}" if event.thread else ""
            return Station("Resumed", on)
        case "error_caught":
            return Station(f"{framework} catches it", event.detail.partition(":")[0])
        case "view_raised" | "handler_raised" | "hook_raised":
            return Station(f"{_RAISING[event.event]} raises", event.detail)
        case "automatic_options":
            return Station(f"{framework} answers OPTIONS itself")
        case "response_made" if not event.detail:
            return Station("Response is made", f"status {event.status}")
        case "response_handed_over":
            return Station("Response is sent back", f"status {event.status}")
        case "failed":
            return Station("No response", event.detail)
        case _:
            return None


def tracked(recording: Recording) -> tuple[Variable, ...]:
    """Return every variable at the start and after each step of the execution table.

    A local variable has the function in its name if the name alone is ambiguous. Its
    value is `NOT_SET` before it is set and after `del`.
    """
    places = Places(recording)
    changes: dict[tuple[str, str], dict[int, str]] = {}
    for index, event in enumerate(recording.trace):
        for name, text in _changed(event):
            changes.setdefault((event.name, name), {})[places.step(index)] = text
    taken = [v.name for v in recording.variables] + [name for _, name in changes]
    local = []
    for (function, name), values in changes.items():
        full = name if taken.count(name) == 1 else f"{name} ({function})"
        text, steps = NOT_SET, {}
        for step in range(1, len(recording.table) + 1):
            text = values.get(step, text)
            steps[str(step)] = text
        local.append(Variable(full, NOT_SET, {**steps}, text))
    return (*recording.variables, *local)


def _changed(event: Event) -> Iterator[tuple[str, str]]:
    if event.event in ("view_called", "handler_called"):
        yield from ((name, _cut(value)) for name, value in event.arguments.items())
    elif event.event == "line" and not event.depth:
        yield from ((name, _cut(value)) for name, value in event.changed.items())
        yield from ((name, NOT_SET) for name in event.removed)


def _cut(value: Value) -> str:
    text = value.text
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"
