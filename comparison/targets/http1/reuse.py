"""Whether the next request on the same connection still works.

A server that sends a body where none is allowed, or reads no further than the app did,
leaves bytes behind that spoil whatever comes next. That is only seen by asking again.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

import httpx
import msgspec

from comparison.models import Failure, Pairs, Response
from comparison.targets.session import Answer

from .incoming import Closed
from .writer import Connection

PROBE_TIMEOUT = 2.0  # seconds

KEPT = "kept"
CLOSED = "closed as announced"
DROPPED = "closed without notice"
WHOLE = "kept or closed"
CORRUPTED = "corrupted"
STUCK = "stuck"

DOUBTFUL = (DROPPED, CORRUPTED, STUCK)
SAFE = ("GET", "HEAD", "OPTIONS")  # to be asked twice (RFC 9110 section 9.2.1)


class Probe(NamedTuple):
    """A second request; `token` is the body of its answer where one is known."""

    request: httpx.Request
    extra: Pairs = ()
    token: str | None = None


def asks_with_body(request: httpx.Request) -> bool:
    """Whether a request has a body."""
    headers = request.headers
    length = headers.get("content-length", "0")
    return length != "0" or "transfer-encoding" in headers


def matters(request: httpx.Request, response: Response) -> bool:
    """Whether a response may leave its connection in doubt.

    That is where no body is allowed, where the body has no length, after errors, and
    where the app may have left a part of the request unread.
    """
    plain = response.framing == "content-length" and response.status < 400
    return request.method == "HEAD" or asks_with_body(request) or not plain


def with_connection(request: httpx.Request, response: Response, found: str) -> Response:
    """The response, with what became of its connection.

    Where the request had a body that the app did not read, a server may read the rest,
    or close, depending on how much had arrived by then. So these are not told apart.
    """
    if asks_with_body(request) and found in (KEPT, CLOSED, DROPPED):
        found = WHOLE
    return msgspec.structs.replace(response, connection=found)


def confirmed(request: httpx.Request, ask: Callable[[], Answer]) -> Answer:
    """What `ask` answers, with a connection that is not as it should be tried twice.

    A server that is late, or early, can make it look so once. What is asked again gets
    a new connection, and what became of that one counts: the response stays the first.
    """
    response, failure = ask()
    if (
        response is None
        or response.connection not in DOUBTFUL
        or request.method not in SAFE
    ):
        return response, failure
    again, _ = ask()
    if again is not None and again.connection is not msgspec.UNSET:
        response = msgspec.structs.replace(response, connection=again.connection)
    return response, None


def after(connection: Connection, probe: Probe) -> str:
    """What became of a connection on which a response has just been read."""
    deadline = time.monotonic() + PROBE_TIMEOUT
    if connection.announced_close:
        return _closing(connection, deadline)
    connection.send(probe.request, probe.extra, deadline)
    answer, failure = connection.receive("GET", deadline, PROBE_TIMEOUT)
    if answer is not None:
        own = probe.token is None or answer.body == probe.token
        return KEPT if own else CORRUPTED
    assert isinstance(failure, Failure)
    return {"closed": DROPPED, "timeout": STUCK}.get(failure.kind, CORRUPTED)


def _closing(connection: Connection, deadline: float) -> str:
    """Bytes after the announced end reach nobody; that it never comes is worth telling."""
    try:
        while True:
            connection.more(deadline)
    except Closed:
        return CLOSED
    except TimeoutError:
        return STUCK
