"""Divide the rows of an execution table into the steps that happened.

A row sums up its steps. The row of a returned response has these: the view is called, its
lines run, it returns a value. Then the framework makes a response of the value, sends it
back, and the client receives it.
"""

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from comparison.models import Event, Recording, Row
from comparison.tracing import Place, row_places
from comparison.tracing.table import NOT_YET

from .facts import RAISES, RETURNS, neutral, received_status, status_of, unsent

MOST_LINES = 40  # lines of a view that become steps
WAITING = "Waiting for response"
_SUMMED_UP = ("returned", "answer")  # rows that only sum up their steps


class FineStep(NamedTuple):
    """A step inside `row`: it covers the trace up to `event`.

    `kind` aligns the steps of several targets. `title` and `detail` are those of its
    station in the concept flow; lines of a view have none. `value` is what a function
    returned.
    """

    kind: str
    event: int
    row: int
    action: str
    status: int | str = NOT_YET
    content: str = NOT_YET
    client: str = WAITING
    title: str = ""
    detail: str = ""
    value: str = ""


def fine_steps(framework: str, recording: Recording) -> tuple[FineStep, ...]:
    """Return the steps of a recording, with `framework` as the name."""
    places = row_places(recording.setup, recording.exchange, recording.trace)
    caught = {place.event for place in places if place.kind == "caught"}
    out: list[FineStep] = []
    start, lines = 0, 0
    for number, (place, row) in enumerate(zip(places, recording.table, strict=True), 1):
        end = _end(place, places, recording)
        found: list[FineStep] = []
        for index in range(start, end + 1):
            event = recording.trace[index] if index < len(recording.trace) else None
            if event is None or (event.event == "error_caught" and index not in caught):
                continue
            if event.event == "line" and not event.depth:
                lines += 1
                if lines > MOST_LINES:
                    continue
            found += _steps(framework, recording, index, number)
        own = _own(framework, place, row, recording, number)
        failed = place.kind == "answer" and recording.exchange.failure is not None
        if not found or failed or place.kind not in _SUMMED_UP:
            found.append(own)
        if len(found) > 1 and place.kind == "caught":
            found[-1] = own._replace(
                action=f"{own.title.removesuffix(' it')} {own.detail}"
            )
        out += found
        start = max(start, end + 1) if place.kind not in ("earlier", "sent") else start
    return tuple(out)


def _end(place: Place, places: tuple[Place, ...], recording: Recording) -> int:
    """Return the last event of a row. The client receives the response in its row."""
    received = recording.exchange.response is not None
    if place.kind == "answer" and received:
        return len(recording.trace) - 1
    return place.event


def _steps(
    framework: str, recording: Recording, index: int, row: int
) -> Iterator[FineStep]:
    """Yield the steps of one event inside a row."""
    trace = recording.trace
    event = trace[index]
    match event.event:
        case "view_called":
            action = f"View {event.name} called"
            yield FineStep(
                "called", index, row, action, title="View processes request",
                detail=event.name,
            )  # fmt: skip
        case "line" if not event.depth and not _ends_here(trace, index):
            source = event.source
            yield FineStep(f"line {neutral(source)}", index, row, source)
        case "view_returned" | "handler_returned":
            yield from _returned(event, index, row)
        case "view_raised" | "handler_raised":
            kind = event.detail.partition(":")[0]
            who = "View" if event.event == "view_raised" else "Error handler"
            yield FineStep(
                "raised", index, row, f"{who} {event.name} raises {kind}",
                title=f"{who} raises", detail=kind,
            )  # fmt: skip
        case "response_made":
            yield _made(framework, trace, index, row)
        case "response_handed_over":
            yield FineStep(
                "sent back", index, row, f"{framework} sends the response back",
                event.status or NOT_YET,
                title="Response is sent back", detail=f"status {event.status}",
            )  # fmt: skip
        case "automatic_options":
            title = f"{framework} answers OPTIONS itself"
            yield FineStep("options", index, row, title, title=title)
        case "client_received":
            yield _received(recording, index, row)
        case _:
            return


def _ends_here(trace: tuple[Event, ...], index: int) -> bool:
    """Return whether the function returns or raises at this line, which has a step then."""
    line = trace[index]
    for event in trace[index + 1 :]:
        if event.event in (*RETURNS, *RAISES):
            return event.line == line.line and event.name == line.name
        if event.event == "line" and not event.depth:
            return False
    return False


def _returned(event: Event, index: int, row: int) -> Iterator[FineStep]:
    value = event.value
    text = "nothing" if value is None else value.text
    who = "View" if event.event == "view_returned" else "Error handler"
    status = None if value is None else value.status
    if value is not None and value.type == "tuple" and value.items:
        inside = value.items[0]
        made_by = first_of_tuple(event.source, len(value.items))
        if inside.status is not None:
            kind = "response" if made_by is None else f"response {neutral(made_by)}"
            by = "A response is created" if made_by is None else f"{made_by} creates a response"  # fmt: skip
            yield FineStep(
                kind, index - 1, row, by, inside.status, title="Response is created",
                detail=f"status {inside.status}",
            )  # fmt: skip
        kind = f"the tuple {text}"
    else:
        kind = text
    yield FineStep(
        "value", index, row, f"{who} returns {kind}", status or NOT_YET,
        title=f"{who} returns", detail=text, value=text,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def first_of_tuple(source: str, items: int) -> str | None:
    """Return the first item in the source of a `return` with so many items.

    >>> first_of_tuple("return jsonify(1), 202", 2)
    'jsonify(1)'
    """
    try:
        (statement,) = ast.parse(source.replace("return", "_ =", 1)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    made = statement.value if isinstance(statement, ast.Assign) else None
    if not isinstance(made, ast.Tuple) or not items or len(made.elts) != items:
        return None
    return None if isinstance(made.elts[0], ast.Starred) else ast.unparse(made.elts[0])


def _made(framework: str, trace: tuple[Event, ...], index: int, row: int) -> FineStep:
    event = trace[index]
    status = NOT_YET if event.status is None else event.status
    before = event.status_before
    earlier = [e.event for e in trace[:index] if e.event in (*RETURNS, "error_caught")]
    returned = not event.detail and earlier and earlier[-1] in RETURNS
    title = "Response is made"
    if before not in (None, event.status):
        title = "Status is set"
        words = f"{framework} sets the status of the response from {before} to {status}"
    elif before is not None and returned:
        title = "Response is taken as it is"
        words = f"{framework} takes the response with its status {status}"
    else:
        of = " of it," if returned else ""
        words = f"{framework} makes a response{of} with status {status}"
    return FineStep(
        "made", index, row, words, status, detail=f"status {status}", title=title,
    )  # fmt: skip


def _received(recording: Recording, index: int, row: int) -> FineStep:
    status = status_of(recording)
    answer = recording.table[row - 1]
    return FineStep(
        "received", index, row, "Client receives the response",
        NOT_YET if status is None else status,
        answer.response_content, answer.client_receives,
        title="Client receives response",
        detail=f"status {received_status(recording, phrase_too=True)}",
    )  # fmt: skip


def _own(
    framework: str, place: Place, row: Row, recording: Recording, number: int
) -> FineStep:
    """Return the step of a row itself."""
    title, detail = _station(framework, place, row, recording)
    event = place.event
    kind = "processed" if place.kind == "received" else place.kind
    value = ""
    if place.kind.startswith("hook ") and 0 <= event < len(recording.trace):
        found = recording.trace[event].value
        value = "" if found is None or found.type == "NoneType" else found.text
    return FineStep(
        kind, event, number, row.action, row.status_code_set,
        row.response_content, row.client_receives, title, detail, value,
    )  # fmt: skip


def _station(
    framework: str, place: Place, row: Row, recording: Recording
) -> tuple[str, str]:
    trace, exchange = recording.trace, recording.exchange
    failure = exchange.failure
    event = trace[place.event] if 0 <= place.event < len(trace) else Event("")
    match place.kind:
        case "earlier":
            return (
                "Client sends earlier request",
                row.action.removeprefix("Client first sends "),
            )
        case "sent" if unsent(recording):
            return "Client sends no request", str(failure)
        case "sent":
            request = exchange.request
            return "Client sends request", f"{request.method} {request.path}"
        case "taken" if event.event == "route_matched":
            return f"{framework} route receives request", event.rule
        case "taken" if event.event == "route_missed":
            return f"{framework} finds no view", event.detail.partition(":")[0]
        case "suspended":
            return "Suspended at an await", event.source
        case "resumed":
            return "Resumed", f"on the thread {event.thread}" if event.thread else ""
        case "caught":
            return f"{framework} catches it", event.detail.partition(":")[0]
        case "handler":
            return "Error handler takes over", event.name
        case "answer" if failure is not None:
            broken = failure.partial is not None
            return "Response breaks off" if broken else "No response", event.detail
        case "received" if failure is not None and failure.partial is not None:
            return "Client receives a part", f"status {failure.partial.status}"
        case kind if kind.startswith("hook "):
            raised = event.event == "hook_raised"
            return ("Hook raises" if raised else "Hook runs"), event.name
        case _:
            return "", ""
