"""Recordings: requests and responses, traces, and the tables that we make of them.

As in `comparison`, each value is immutable, and we write these same structs to disk.
"""

import base64
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from .client import Client
from .request import Pairs
from .request_line import request_line

UNFINISHED = "unfinished"
"""The start of the framing of a body whose end the client did not wait for."""


class Value(Struct, frozen=True, gc=False, omit_defaults=True):
    """A Python value at the moment of its recording, safe to store and to display.

    `text` never contains a memory address and never exceeds a fixed size. `items` are the
    elements of a tuple, list or dict (as pairs). `status` is that of a response.
    """

    type: str
    text: str
    items: tuple["Value", ...] = ()
    status: int | None = None


class SentRequest(Struct, frozen=True, gc=False, omit_defaults=True):
    """The request that we sent: target and headers after encoding, and the body.

    `mount` is where the app was mounted for it, which the client does not send. `client` is
    what the client did beside sending it.
    """

    method: str
    path: str
    headers: Pairs
    body: str | None = None
    body_base64: str | None = None
    mount: str = ""
    http_version: str = "1.1"
    trailers: Pairs = ()
    client: Client | None = None

    @property
    def request_line(self) -> str:
        """The request in one line (see `request_line`)."""
        return request_line(
            self.method, self.path, self.mount, self.http_version, self.client
        )


class Interim(Struct, frozen=True, gc=False):
    """An interim response (1xx), which came before the final one."""

    status: int
    headers: Pairs


class Piece(Struct, frozen=True, gc=False, array_like=True):
    """A part of a body that arrived at once: its `size` in bytes, and the time.

    `ms` counts from the arrival of the head. The pieces of an event stream are its events.
    """

    size: int
    ms: float


class Response(Struct, frozen=True, gc=False):
    """A response as the client received it.

    `reason` is None if the server sent none: ASGI has no reason, nor has HTTP/2. Header
    names preserve their case. Values are decoded as Latin-1 (RFC 9110 section 5.5). A body
    that is not UTF-8 is in `body_base64` instead of `body`. `framing` says how the body was
    delimited: on a socket `content-length`, `chunked`, `close` or `no body`.

    `status_line` is the line as it came over a socket. `connection` is the state of the
    connection after the response, if we tested it:

    - `kept`, `closed as announced` or `closed without notice`;

    - `kept or closed`, if the request had a body or the response is plain: below 400, with
      a Content-Length. We do not distinguish the two then;

    - `corrupted`: the server sent more than the response, so the next response on this
      connection does not belong to the next request;

    - `upgraded`: the server has switched to another protocol (status 101);

    - `stuck`: no response came to the next request, or the server did not close as announced.

    `interim` are the responses that came before this one, and `trailers` the fields after
    its chunks. `pieces` are the parts of the body in the order of their arrival, for an
    event stream and for a case that compares the timing. A body with the framing
    `unfinished after` a limit is cut off where the client hung up.
    """

    status: int
    reason: str | None
    headers: Pairs
    body: str
    framing: str
    http_version: str
    body_base64: str | UnsetType = UNSET
    status_line: str | UnsetType = UNSET
    connection: str | UnsetType = UNSET
    interim: tuple[Interim, ...] | UnsetType = UNSET
    trailers: Pairs | UnsetType = UNSET
    pieces: tuple[Piece, ...] | UnsetType = UNSET

    @property
    def content(self) -> bytes:
        """The body, byte for byte."""
        if self.body_base64 is not UNSET:
            return base64.b64decode(self.body_base64)
        return self.body.encode()

    @property
    def is_event_stream(self) -> bool:
        """True if the response has server-sent events, with their pieces."""
        kind = next(iter(self.header("content-type")), "").partition(";")[0]
        recorded = self.pieces is not UNSET
        return recorded and kind.strip().lower() == "text/event-stream"

    @property
    def parts(self) -> list[str]:
        """The text of each piece; empty if the response has no pieces."""
        content, start, found = self.content, 0, []
        for piece in () if self.pieces is UNSET else self.pieces:
            found.append(content[start : start + piece.size].decode("utf-8", "replace"))
            start += piece.size
        return found

    def header(self, name: str) -> tuple[str, ...]:
        """Return all values of a header field, in order; ignore the name's case."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


class Failure(Struct, frozen=True, gc=False, omit_defaults=True):
    """The failure of an exchange that has no whole response.

    `kind` is one of these:

    - `raised`: the app raised an exception before it started the response;

    - `aborted`: the app raised an exception after it started the response;

    - `timeout`: the response took too long;

    - `incomplete`: the app returned, or the connection ended, within the response;

    - `protocol`: the app broke PEP 3333 or the ASGI specification, or the server HTTP;

    - `unsupported`: the target cannot run this case;

    - `capture`: a capture found nothing, or its value makes an invalid request;

    - `redirect`: the request follows a redirect, and the response before does not redirect;

    - `refused`: the server accepted no connection;

    - `closed`: the connection ended before the response;

    - `interim`: the server sent a 1xx response, and no final one;

    - `disconnected`: the client hung up before the response, as the case says;

    - `died`: the server died.

    `partial` is the part of the response that came.
    """

    kind: str
    message: str
    partial: Response | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class Exchange(Struct, frozen=True, gc=False, omit_defaults=True):
    """One request, and its response or failure.

    `captured` are the values that the case captures from the response. `challenge` is the
    exchange before it, in which the server asked for digest authentication.
    """

    request: SentRequest
    response: Response | None = None
    failure: Failure | None = None
    elapsed_ms: float | UnsetType = UNSET
    captured: dict[str, Any] = {}
    challenge: "Exchange | None" = None

    @property
    def failed(self) -> bool:
        """True if no whole response came, and the client has not hung up itself."""
        return self.failure is not None and self.failure.kind != "disconnected"


CANCELLED = ("CancelledError", "ClientDisconnected")
"""The exceptions by which a server stops an app because the client has left."""


SECOND = "the app starts a second response"
"""The detail of the event of an app that sends more than one response."""


class Event(Struct, frozen=True, gc=False, omit_defaults=True):
    """One step inside the app; a trace lists them in the order in which they happened.

    Events of the exchange: request_sent, response_made, response_handed_over,
    client_received, failed, logged, truncated.

    Events of lost work and errors: app_raised, lifespan_raised, protocol_broken,
    never_awaited, thread_raised, task_raised, task_destroyed.

    Events of routing: route_matched, route_missed, automatic_options.

    Events of views: view_called, view_returned, view_raised, suspended, resumed.

    Events of hooks and error handlers: hook_called, hook_returned, error_caught,
    handler_called, handler_returned, handler_raised.

    Events in a recording with lines: line, function_called, function_returned,
    function_raised, yielded, continued, lines_truncated.

    Events with lines have a `depth`, which is 0 in the view or error handler itself.
    `changed` are the variables that a line set or changed. `removed` are those that it
    deleted.
    """

    event: str
    name: str = ""
    file: str = ""
    line: int = 0
    source: str = ""
    rule: str = ""
    arguments: dict[str, Value] = {}
    value: Value | None = None
    status: int | None = None
    status_before: int | None = None
    detail: str = ""
    thread: str = ""
    depth: int = 0
    changed: dict[str, Value] = {}
    removed: tuple[str, ...] = ()

    @property
    def inside_app(self) -> bool:
        """Return whether the app recorded this, and not the client."""
        return self.event not in _OF_CLIENT


_OF_CLIENT = ("request_sent", "client_received", "failed", "logged", "truncated")


class Row(Struct, frozen=True, gc=False):
    """One row of an execution table: the lesson's five columns."""

    step: int
    action: str
    status_code_set: int | str
    response_content: str
    client_receives: str


class Variable(Struct, frozen=True, gc=False):
    """One row of a variable tracker; `steps` is keyed by the step's number."""

    name: str
    start: int | str | None
    steps: dict[str, int | str | None]
    final: int | str | None


class Recording(Struct, frozen=True, gc=False, omit_defaults=True):
    """The recording of one case on one target: exchange, trace, and the two tables.

    `setup` holds the exchanges of the case's setup requests, and `setup_traces` their
    traces.
    """

    exchange: Exchange
    trace: tuple[Event, ...]
    table: tuple[Row, ...]
    variables: tuple[Variable, ...]
    setup: tuple[Exchange, ...] = ()
    setup_traces: tuple[tuple[Event, ...], ...] = ()
