"""Collect the facts about one side of a comparison that explanations refer to."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import UNSET

from comparison.models import (
    Comparison,
    Difference,
    Event,
    Exchange,
    Pairs,
    Recording,
    TargetInfo,
)
from comparison.tracing import is_app_file

from .environs import optional_keys
from .fact import Fact
from .inferred import inferred
from .places import app_file, settings_in, whole_function
from .printed import printed_coroutines

MAX_BODY = 4000

_RAISED = (
    "view_raised", "hook_raised", "handler_raised", "error_caught", "app_raised",
)  # fmt: skip
_OUTSIDE = {"thread_raised": "thread-raised", "task_raised": "task-raised"}
_RAN_LAST = ("view_returned", "handler_returned", "view_raised", "handler_raised")


Facts = Mapping[str, Sequence[Fact]]


class Request(NamedTuple):
    """One request of a comparison, as one target has it."""

    exchange: Exchange
    trace: Sequence[Event]


def request_of(recording: Recording, number: int) -> Request:
    """Return a setup request by its number from 1, or the case's own request for 0."""
    if not 0 < number <= len(recording.setup):
        return Request(recording.exchange, recording.trace)
    traces = recording.setup_traces
    trace = traces[number - 1] if number <= len(traces) else ()
    return Request(recording.setup[number - 1], trace)


def facts_of(
    request: Request, info: TargetInfo, differences: Sequence[Difference], this: bool
) -> dict[str, list[Fact]]:
    """Return the facts about one side. `this` says that it is the candidate."""
    found: dict[str, dict[tuple[str, int], Fact]] = {}
    for name, fact in _all(request, info, differences, this):
        found.setdefault(name, {}).setdefault((fact.text, fact.line), fact)
    return {name: list(several.values()) for name, several in found.items()}


def _all(
    request: Request, info: TargetInfo, differences: Sequence[Difference], this: bool
) -> Iterator[tuple[str, Fact]]:
    file = app_file(request.trace, info.spec)
    places = settings_in(file)
    inside = list(_inside(request.trace))
    yield from inside
    yield from inferred(inside, file, info.settings)
    ran = [
        event.name.rpartition(".")[2]
        for event in request.trace
        if event.event in ("route_matched", "hook_called")
    ]
    for key, place in optional_keys(file, ran):
        yield "optional-key", Fact(f"{key} on {info.server}", *place)
    yield from _response(request.exchange)
    response = request.exchange.response
    body = response.body[:MAX_BODY] if response is not None else ""
    for name, place in printed_coroutines(file, body):
        yield "printed-coroutine", Fact(name, *place)
    if (waits := _waits_at(request)) is not None:
        yield "hangs-at", waits
    if _sets_cookie(request.exchange, info.settings.get("SESSION_COOKIE_NAME", "")):
        yield "session-cookie", Fact("set")
    if request.trace:
        called = any(event.inside_app for event in request.trace)
        yield "app", Fact("called" if called else "not called")
    sent = request.exchange.request
    yield "request-head", Fact(_head(sent.request_line, sent.headers))
    yield "request", Fact(sent.request_line)
    for name, value in sent.headers:
        yield f"request-header:{name.lower()}", Fact(value)
        server_name = info.settings.get("SERVER_NAME")
        if name.lower() == "host" and server_name not in (None, value):
            where = places.get("SERVER_NAME", ())
            yield "other-host", Fact(f"{value} {server_name}", *where)
    yield "request-body", Fact((sent.body or "")[:MAX_BODY])
    yield "server", Fact(info.server)
    yield "framework", Fact(info.framework or "unknown")
    for name, value in info.settings.items():
        yield "setting", Fact(f"{name}={value}", *places.get(name, ()))
    for difference in differences:
        yield "field", Fact(difference.field)
        if difference.field == "effect":
            found = difference.candidate if this else difference.reference
            several = found if isinstance(found, tuple) else (found,)
            for text in several:
                if text is not None:
                    yield "effect", Fact(str(text))


def _inside(trace: Sequence[Event]) -> Iterator[tuple[str, Fact]]:
    # Quart calls context processors as it calls views; the view comes first.
    views = [event.name for event in trace if event.event == "view_called"][:1]
    # An exception inside a library is about the app's code that ran last.
    last: tuple[str, int, str] = ("", 0, "")
    for event in trace:
        where = (event.file, event.line, event.source)
        outside = bool(event.file) and not is_app_file(event.file)
        inside = f"{event.file}:{event.line}" if outside else ""
        if event.event in _RAISED or event.event in _OUTSIDE:
            fact = Fact(event.detail, *(last if outside else where), inside)
            yield _OUTSIDE.get(event.event, "exception"), fact
            yield "raised", fact
        if outside and event.event in _RAISED:
            yield "library", Fact(event.source, event.file, event.line, event.detail)
        elif event.event == "never_awaited":
            yield "never-awaited", Fact(event.name, *where)
        elif event.event == "logged":
            yield "log", Fact(f"{event.name}: {event.detail}")
        elif event.event == "route_matched" and (
            view := whole_function(event.file, event.line)
        ):
            yield "view", Fact(view.source, view.file, view.line)
        of_view = not event.event.startswith("view_") or event.name in views
        if event.event in _RAN_LAST and event.source and of_view and not outside:
            yield "code", Fact(event.source, *where)
            last = where
        elif event.event == "view_called" and not last[0] and not outside:
            last = where
        if event.event == "view_returned" and of_view and event.value is not None:
            yield "returned", Fact(event.value.type, *where)
        text = " ".join(filter(None, (event.event, event.name, event.detail)))
        yield "event", Fact(text, *where)


def _waits_at(request: Request) -> Fact | None:
    """Return the `await` at which an app waits that did not answer in time, or None."""
    failure = request.exchange.failure
    if failure is None or failure.kind != "timeout":
        return None
    names = ("suspended", "resumed")
    last = next((e for e in reversed(request.trace) if e.event in names), None)
    if last is None or last.event == "resumed":
        return None
    return Fact(last.source, last.file, last.line, last.source)


def _response(exchange: Exchange) -> Iterator[tuple[str, Fact]]:
    failure, response = exchange.failure, exchange.response
    if failure is not None:
        yield "failure", Fact(str(failure))
        response = failure.partial
    if response is None:
        return
    yield "status", Fact(str(response.status))
    yield "response-head", Fact(_head(str(response.status), response.headers))
    yield "body", Fact(response.body[:MAX_BODY])
    yield "framing", Fact(response.framing)
    if response.reason is not None:
        yield "reason", Fact(response.reason)
    if response.connection is not UNSET:
        yield "connection", Fact(response.connection)
    for name, value in response.headers:
        yield f"header:{name.lower()}", Fact(value)


def _sets_cookie(exchange: Exchange, name: str) -> bool:
    response = exchange.response
    fields = response.headers if response is not None and name else ()
    return any(
        key.lower() == "set-cookie" and value.startswith(f"{name}=")
        for key, value in fields
    )


def _head(start: str, headers: Pairs) -> str:
    """Return the first line and the header fields, each field on its own line."""
    return "\n".join([start, *(f"{name}: {value}" for name, value in headers)])


def requests_that_differ(comparison: Comparison, target: str) -> list[int]:
    """Return the numbers of the requests in which a target differs unexpectedly.

    Requests of the setup come first, because later ones may differ as a consequence.
    """
    numbers = {
        0 if d.request is UNSET else d.request
        for d in comparison.unexpected
        if d.target == target
    }
    return sorted(numbers, key=lambda number: (number == 0, number))
