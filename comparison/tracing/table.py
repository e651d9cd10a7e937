"""Make the execution table and the variable tracker from a recording.

Four rows are always there: the request is sent, the framework takes it, a response is
returned, the client processes it. Further rows appear only if more happened.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from comparison.models import Event, Exchange, Failure, Row, Variable
from comparison.models.recording import UNFINISHED

from .cells import (
    cookies_sent,
    cookies_set,
    events_in,
    interim_before,
    response_content,
    text_content,
)

NOT_YET = "N/A"


class Place(NamedTuple):
    """The kind of a row, and the index of the last trace event that it covers.

    Kinds: `earlier` (an earlier request of the case), `sent`, `taken` (routing, or an
    app without a trace), `suspended`, `resumed`, `caught`, `handler`, `hook NAME`,
    `returned` (a value, if another event comes before the response), `answer`,
    `received`.
    """

    kind: str
    event: int


def execution_table(
    framework: str, before: tuple[Exchange, ...], exchange: Exchange,
    trace: tuple[Event, ...],
) -> tuple[Row, ...]:  # fmt: skip
    """Return the recording as rows, which use `framework` as the name."""
    placed = _rows(framework, before, exchange, trace)
    return tuple([Row(step, *cells) for step, (_, _, cells) in enumerate(placed, 1)])


def row_places(
    before: tuple[Exchange, ...], exchange: Exchange, trace: tuple[Event, ...]
) -> tuple[Place, ...]:
    """Return where in the trace each row of the table is."""
    placed = _rows("", before, exchange, trace)
    return tuple([Place(kind, event) for kind, event, _ in placed])


def unsent(failure: Failure, trace: tuple[Event, ...]) -> bool:
    """Return whether a request was not sent.

    It lacked a value, or the target does not support it.
    """
    if failure.kind not in ("capture", "redirect", "unsupported"):
        return False
    return all(event.event != "request_sent" for event in trace)


def variable_tracker(table: tuple[Row, ...]) -> tuple[Variable, ...]:
    """Return `status_code` and `response_content` at the start and after each row."""
    status: int | str | None = None
    content: str | None = None
    statuses: dict[str, int | str | None] = {}
    contents: dict[str, int | str | None] = {}
    for row in table:
        if row.status_code_set != NOT_YET:
            status = row.status_code_set
        if row.response_content != NOT_YET:
            content = row.response_content
        step = str(row.step)
        statuses[step] = status
        contents[step] = content
    return (
        Variable("status_code", None, statuses, status),
        Variable("response_content", None, contents, content),
    )


_Cells = tuple[str, int | str, str, str]
_Placed = tuple[str, int, _Cells]
_WAITING = "Waiting for response"
_OUTSIDE = frozenset({"request_sent", "client_received", "failed"})
_OF_THE_APP = frozenset({"raised", "aborted", "incomplete", "protocol"})


def _rows(
    framework: str, before: tuple[Exchange, ...], exchange: Exchange,
    trace: tuple[Event, ...],
) -> Iterator[_Placed]:  # fmt: skip
    response, failure = exchange.response, exchange.failure
    content = NOT_YET if response is None else response_content(response)
    yield from _earlier(before)
    yield from _challenged(exchange)
    request = exchange.request.request_line
    cookies = cookies_sent(exchange)
    if failure is not None and unsent(failure, trace):
        sent = f"Client does not send {request}: {failure}"
        yield "sent", 0, (sent, NOT_YET, NOT_YET, "Nothing sent")
    else:
        sent = f"Client sends {request}{cookies}"
        yield "sent", 0, (sent, NOT_YET, NOT_YET, "Request sent")
        yield from _inside(framework, exchange, trace, content)
    yield "received", len(trace) - 1, _received(exchange, content)


def _earlier(before: tuple[Exchange, ...]) -> Iterator[_Placed]:
    for earlier in before:
        yield from _challenged(earlier)
        cookies = cookies_sent(earlier)
        sent = f"Client first sends {earlier.request.request_line}{cookies}"
        cells: _Cells
        if earlier.response is None:
            action, status, part, _ = _broken(earlier)
            cells = sent, status, part, f"{action}: {earlier.failure}"
        else:
            content = response_content(earlier.response)
            captured = f", {', '.join(earlier.captured)} captured"
            received = f"Response received{captured if earlier.captured else ''}"
            received += cookies_set(earlier.response)
            cells = sent, earlier.response.status, content, received
        yield "earlier", -1, cells


def _challenged(exchange: Exchange) -> Iterator[_Placed]:
    """Yield the row of a request that the server challenged (RFC 7616)."""
    challenge = exchange.challenge
    if challenge is not None and challenge.response is not None:
        sent = f"Client first sends {challenge.request.request_line}"
        fields = ", ".join(challenge.response.header("www-authenticate"))
        received = f"Challenge received: {text_content(fields)}"
        content = response_content(challenge.response)
        yield "earlier", -1, (sent, challenge.response.status, content, received)


def _inside(
    framework: str, exchange: Exchange, trace: tuple[Event, ...], content: str
) -> Iterator[_Placed]:
    method = exchange.request.method
    taken, answers = _unseen(framework, _called(exchange, trace))
    returned = answers
    route = False
    caught = ""
    at: int | None = None  # where a value was returned that has no row yet
    status: int | str = NOT_YET
    for index, event in enumerate(trace):
        kind, action = event.event, ""
        if kind == "route_matched":
            route = True
            kind, action = "taken", f"{framework} route '{event.rule}' called"
        elif kind == "route_missed":
            route = True
            missed = _missed(event.detail, event.name, method)
            kind, action = "taken", f"{framework} {missed}"
        elif kind in ("view_returned", "handler_returned"):
            returned = _return(event)
            caught = ""
            at, status = index, NOT_YET
        elif kind == "response_made" and at is not None:
            at, status = index, NOT_YET if event.status is None else event.status
        elif kind == "suspended":
            action = f"Suspended at {event.source or 'an await'}"
        elif kind == "resumed":
            action = "Resumed"
        elif kind == "automatic_options":
            returned = f"{framework} answers OPTIONS itself"
        elif kind == "error_caught" and event.detail != caught:
            kind, action = "caught", f"{framework} catches {event.detail}"
        elif kind == "handler_called":
            kind, action = "handler", f"Error handler {event.name} called"
        elif kind in ("hook_returned", "hook_raised"):
            kind, action = f"hook {event.name}", f"Hook {event.name} called"
        if action:
            if at is not None:
                yield "returned", at, (returned, status, NOT_YET, _WAITING)
                at, returned = None, answers
            yield kind, index, (action, NOT_YET, NOT_YET, _WAITING)
        if event.event == "error_caught":
            caught = event.detail
            returned = f"{framework} answers {caught.partition(':')[0]}"
        elif event.event == "hook_returned" and _answered(event):
            caught = ""
    if not route:
        yield "taken", 0, (taken, NOT_YET, NOT_YET, _WAITING)
    if at is not None and exchange.failure is not None:
        yield "returned", at, (returned, status, NOT_YET, _WAITING)
    yield "answer", _answered_at(trace), _answer(returned, exchange, trace, content)


def _unseen(framework: str, called: bool) -> tuple[str, str]:
    """Return who takes the request and who responds, if the trace shows neither."""
    if called:
        return f"{framework} app called", f"{framework} returns a response"
    return f"Nothing was recorded inside {framework}", "A response is returned"


def _called(exchange: Exchange, trace: tuple[Event, ...]) -> bool:
    """Return whether the app is known to have been called.

    A server may respond by itself, and an app at a URL has no trace.
    """
    failure = exchange.failure
    return any(event.event not in _OUTSIDE for event in trace) or (
        failure is not None and failure.kind in _OF_THE_APP
    )


def _answered(hook: Event) -> bool:
    return hook.value is not None and hook.value.type != "NoneType"


def _answered_at(trace: tuple[Event, ...]) -> int:
    """Return the index of the last event before the client has the response."""
    for index in range(len(trace) - 1, -1, -1):
        if trace[index].event in ("client_received", "failed"):
            return index if trace[index].event == "failed" else index - 1
    return len(trace) - 1


def _answer(
    returned: str, exchange: Exchange, trace: tuple[Event, ...], content: str
) -> _Cells:
    failure = exchange.failure
    if failure is not None:
        action, status, part, received = _broken(exchange)
        return f"{action}: {failure.message}", status, part, received
    response = exchange.response
    assert response is not None
    status = response.status
    for event in reversed(trace):
        if event.event in ("response_made", "response_handed_over"):
            status = response.status if event.status is None else event.status
            break
    return returned, status, content, f"Response received{interim_before(response)}"


def _broken(exchange: Exchange) -> _Cells:
    """Return the cells for a missing response, or for one that was cut short."""
    assert exchange.failure is not None
    part = exchange.failure.partial
    if part is None:
        return "No response", NOT_YET, NOT_YET, "Nothing received"
    return (
        "Response breaks off",
        part.status,
        response_content(part),
        "Part of a response received",
    )


def _received(exchange: Exchange, content: str) -> _Cells:
    failure = exchange.failure
    if failure is not None:
        left = failure.kind == "disconnected"
        action = "Client hangs up" if left else "Client gives up"
        return action, NOT_YET, NOT_YET, f"Failure: {failure.kind}"
    response = exchange.response
    assert response is not None
    cut = response.framing.startswith(UNFINISHED)
    shown = "Message" if response.body or response.body_base64 else "Empty response"
    received = f"{shown} shown with status {response.status}"
    return (
        "Client hangs up" if cut else "Client processes response",
        response.status,
        content,
        received + cookies_set(response) + events_in(response),
    )


def _missed(error: str, path: str, method: str) -> str:
    if error == "MethodNotAllowed":
        return f"route for '{path}' does not allow {method}"
    if error == "RequestRedirect":
        return f"route for '{path}' is at another URL"
    return f"has no route for '{path}'"


@lru_cache(maxsize=4096)
def _capitalised(source: str) -> str:
    return source[:1].upper() + source[1:]


def _return(event: Event) -> str:
    if event.source:
        return _capitalised(event.source)
    return f"Return {event.value.text}" if event.value is not None else "Return"
