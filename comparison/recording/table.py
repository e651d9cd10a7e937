"""The execution table and the variable tracker: a recording as the lesson tells it.

Four rows are always there: the request is sent, the framework takes it, a response is
returned, the client processes it. Further rows appear only where something happened.
"""

from collections.abc import Iterator
from functools import lru_cache

from comparison.model import Event, Exchange, Response, Row, Variable

NOT_YET = "N/A"
MAX_CONTENT = 120


def execution_table(
    framework: str, before: tuple[Exchange, ...], exchange: Exchange,
    trace: tuple[Event, ...],
) -> tuple[Row, ...]:  # fmt: skip
    """The recording as rows; `framework` is the name that the rows use."""
    response = exchange.response
    content = NOT_YET if response is None else response_content(response)
    if exchange.failure is not None and exchange.failure.kind == "capture":
        rows = [*_earlier(before), *_never_sent(exchange)]
        return tuple([Row(step, *cells) for step, cells in enumerate(rows, 1)])
    rows = [*_requests(before, exchange)]
    rows += _inside(framework, exchange, trace, content)
    rows.append(_received(exchange, content))
    return tuple([Row(step, *cells) for step, cells in enumerate(rows, 1)])


def variable_tracker(table: tuple[Row, ...]) -> tuple[Variable, ...]:
    """`status_code` and `response_content` at the start and after each row."""
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


def _requests(before: tuple[Exchange, ...], exchange: Exchange) -> Iterator[_Cells]:
    yield from _earlier(before)
    request = exchange.request
    yield (
        f"Client sends {request.method} {request.path}",
        NOT_YET, NOT_YET, "Request sent",
    )  # fmt: skip


def _never_sent(exchange: Exchange) -> Iterator[_Cells]:
    request, failure = exchange.request, exchange.failure
    sent = f"Client does not send {request.method} {request.path}: {failure}"
    yield sent, NOT_YET, NOT_YET, "Nothing sent"
    yield _received(exchange, NOT_YET)


def _earlier(before: tuple[Exchange, ...]) -> Iterator[_Cells]:
    for earlier in before:
        sent = f"Client first sends {earlier.request.method} {earlier.request.path}"
        if earlier.response is None:
            yield sent, NOT_YET, NOT_YET, f"No response: {earlier.failure}"
        else:
            content = response_content(earlier.response)
            status = earlier.response.status
            captured = f", {', '.join(earlier.captured)} captured"
            received = f"Response received{captured if earlier.captured else ''}"
            yield sent, status, content, received


def _inside(
    framework: str, exchange: Exchange, trace: tuple[Event, ...], content: str
) -> Iterator[_Cells]:
    waiting = (NOT_YET, NOT_YET, "Waiting for response")
    method = exchange.request.method
    returned = f"{framework} returns a response"
    route = False
    caught = ""
    for event in trace:
        kind = event.event
        if kind == "route_matched":
            route = True
            yield f"{framework} route '{event.rule}' called", *waiting
        elif kind == "route_missed":
            route = True
            yield f"{framework} {_missed(event.detail, event.name, method)}", *waiting
        elif kind in ("view_returned", "handler_returned"):
            returned = _return(event)
            caught = ""
        elif kind == "suspended":
            yield f"Suspended at {event.source or 'an await'}", *waiting
        elif kind == "resumed":
            yield "Resumed", *waiting
        elif kind == "automatic_options":
            returned = f"{framework} answers OPTIONS itself"
        elif kind == "error_caught":
            if event.detail != caught:
                caught = event.detail
                yield f"{framework} catches {caught}", *waiting
            returned = f"{framework} answers {caught.partition(':')[0]}"
        elif kind == "handler_called":
            yield f"Error handler {event.name} called", *waiting
        elif kind == "hook_returned":
            yield f"Hook {event.name} called", *waiting
            if event.value is not None and event.value.type != "NoneType":
                caught = ""
    if not route:
        yield f"{framework} app called", *waiting
    yield _answer(returned, exchange, trace, content)


def _answer(
    returned: str, exchange: Exchange, trace: tuple[Event, ...], content: str
) -> _Cells:
    failure = exchange.failure
    if failure is not None:
        return f"No response: {failure.message}", NOT_YET, NOT_YET, "Nothing received"
    response = exchange.response
    assert response is not None
    status = response.status
    for event in reversed(trace):
        if event.event == "response_made":
            status = response.status if event.status is None else event.status
            break
    return returned, status, content, "Response received"


def _received(exchange: Exchange, content: str) -> _Cells:
    failure = exchange.failure
    if failure is not None:
        return "Client gives up", NOT_YET, NOT_YET, f"Failure: {failure.kind}"
    response = exchange.response
    assert response is not None
    shown = "Message" if response.body or response.body_base64 else "Empty response"
    return (
        "Client processes response",
        response.status,
        content,
        f"{shown} shown with status {response.status}",
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


def response_content(response: Response) -> str:
    """The body as one cell: text, or its size where it is not text."""
    if response.body_base64:
        return f"({len(response.content)} bytes, not text)"
    text = " ".join(response.body.split("\n")).strip()
    if not text:
        return "(empty)" if not response.body else repr(response.body)
    if not text.isprintable():
        # A body is not to move the cursor of who reads about it.
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    return text if len(text) <= MAX_CONTENT else text[:MAX_CONTENT] + "…"
