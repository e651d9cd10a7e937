"""What happened: requests and responses, traces, and the tables made of them.

As in `model`, each is immutable, and what is written to disk is these same structs.
"""

import base64
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from .case import Pairs, asked_line


class Value(Struct, frozen=True, gc=False, omit_defaults=True):
    """A Python value as it was when it was seen, safe to keep and to show.

    `text` never holds a memory address and never exceeds a fixed size; `items` are the
    elements of a tuple, list or dict (as pairs); `status` is that of a response.
    """

    type: str
    text: str
    items: tuple["Value", ...] = ()
    status: int | None = None


class SentRequest(Struct, frozen=True, gc=False, omit_defaults=True):
    """The request as it went out: target and headers after encoding, and the body.

    `mount` is where the app was mounted for it, which the client does not send.
    """

    method: str
    path: str
    headers: Pairs
    body: str | None = None
    body_base64: str | None = None
    mount: str = ""
    http_version: str = "1.1"

    @property
    def asked(self) -> str:
        """What was asked, in one line (see `asked_line`)."""
        return asked_line(self.method, self.path, self.mount, self.http_version)


class Response(Struct, frozen=True, gc=False):
    """A response as the client received it.

    `reason` is None where none was sent (ASGI has none, HTTP/2 neither). Header names
    keep their case; values are decoded as Latin-1 (RFC 9110 section 5.5). A body that is
    not UTF-8 is in `body_base64` instead of `body`. `framing` says how the body was
    delimited: on a socket `content-length`, `chunked`, `close` or `no body`.
    `status_line` is the line as it came over a socket, and `connection` what became of
    the connection where that was tried: `kept`, `closed as announced`, `closed without
    notice`, `kept or closed` (not told apart where the request had a body),
    `corrupted` (what came next was not the answer to what was asked next) or
    `stuck` (nothing came).
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

    @property
    def content(self) -> bytes:
        """The body, byte for byte."""
        if self.body_base64 is not UNSET:
            return base64.b64decode(self.body_base64)
        return self.body.encode()

    def header(self, name: str) -> tuple[str, ...]:
        """All values of a header field, in order; the name's case does not matter."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


class Failure(Struct, frozen=True, gc=False, omit_defaults=True):
    """What came instead of a response.

    Kinds: `raised` (out of the app, before it started the response), `aborted` (after),
    `timeout`, `incomplete` (the app returned without finishing the response), `protocol`
    (the app broke PEP 3333 or the ASGI specification, or the server HTTP), `unsupported`
    (the target cannot be asked this case); on a socket also `refused` (no connection),
    `closed` (the connection, before anything was answered), `interim` (a 1xx response,
    and no final one) and `died` (the server). `partial` is the response as far as it
    came.
    """

    kind: str
    message: str
    partial: Response | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class Exchange(Struct, frozen=True, gc=False, omit_defaults=True):
    """One request, and the response to it or the failure that came instead.

    `captured` are the values that the case names in the response, for later use.
    """

    request: SentRequest
    response: Response | None = None
    failure: Failure | None = None
    elapsed_ms: float | UnsetType = UNSET
    captured: dict[str, Any] = {}


class Event(Struct, frozen=True, gc=False, omit_defaults=True):
    """One thing that happened inside the app, in the order in which it happened.

    Events: request_sent, route_matched, route_missed, hook_called, hook_returned,
    view_called, view_returned, view_raised, suspended, resumed, automatic_options,
    error_caught, handler_called, handler_returned, handler_raised, response_made,
    response_handed_over, client_received, failed, logged, truncated. Where lines were
    asked for also: line, function_called, function_returned, function_raised, yielded,
    continued, lines_truncated; these have `depth`, 0 in the view or error handler
    itself. `changed` are the variables that a line set or changed, `removed` those that
    it deleted.
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
    """What one target did with one case: exchange, trace, and the two tables.

    `before` holds the exchanges of the case's earlier requests.
    """

    exchange: Exchange
    trace: tuple[Event, ...]
    table: tuple[Row, ...]
    variables: tuple[Variable, ...]
    before: tuple[Exchange, ...] = ()
