"""Mode 1: the stations that a request passed; each is there only if it happened."""

from collections.abc import Iterator

from comparison.model import Event, Recording

from .model import Station


def concept_flow(framework: str, recording: Recording) -> tuple[Station, ...]:
    """The stations, the last one marked as where the request is now."""
    stations = list(_stations(framework, recording))
    end = stations[-1]
    return (*stations[:-1], Station(end.title, end.detail, current=True))


def _stations(framework: str, recording: Recording) -> Iterator[Station]:
    request = recording.exchange.request
    for earlier in recording.before:
        yield Station("Client asks first", _request(earlier.request))
    yield Station("Client sends request", _request(request))
    for event in recording.trace:
        station = _station(framework, event)
        if station is not None:
            yield station
    if recording.exchange.response is not None:
        status = recording.exchange.response.status
        yield Station("Client receives response", f"status {status}")


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
            return Station("Resumed", event.thread)
        case "error_caught":
            # Two methods of the framework may see the same exception.
            first = event.name != "handle_exception"
            return Station(f"{framework} catches it", event.detail) if first else None
        case "view_raised" | "handler_raised" | "hook_raised":
            return Station("Exception leaves the code", event.detail)
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
