"""Test the state of a connection after a response.

A server may send a body where none is allowed, or may not read the rest of a request. The
bytes that are left corrupt the next exchange. Only a second request, a probe, shows that.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

import httpx
import msgspec

from comparison.models import Failure, Pairs, Response
from comparison.models.recording import UNFINISHED
from comparison.targets.http import client_of
from comparison.targets.session import Answer

from .connection import UPGRADED, Connection
from .incoming import Closed

PROBE_TIMEOUT = 2.0  # seconds

# The states of a connection after a response.
KEPT = "kept"
CLOSED = "closed as announced"
DROPPED = "closed without notice"
WHOLE = "kept or closed"
CORRUPTED = "corrupted"
STUCK = "stuck"

BAD_STATES = (DROPPED, CORRUPTED, STUCK)
REPEATABLE = ("GET", "HEAD", "OPTIONS")
"""Safe methods (RFC 9110 section 9.2.1) whose request we may send a second time."""


class Probe(NamedTuple):
    """A second request; `token` is the body of its answer, if we know it."""

    request: httpx.Request
    extra: Pairs = ()
    token: str | None = None


def has_body(request: httpx.Request) -> bool:
    """Return True if a request has a body."""
    headers = request.headers
    length = headers.get("content-length", "0")
    return length != "0" or "transfer-encoding" in headers


def matters(request: httpx.Request, response: Response) -> bool:
    """Return True if a response may leave its connection in a bad state.

    That can happen if no body is allowed, if the body has no length, or after an error. It
    can also happen if the app did not read the whole request. A client that hangs up, or
    that does not send its whole request, leaves no connection to test.
    """
    client = client_of(request)
    if response.framing.startswith(UNFINISHED) or response.connection == UPGRADED:
        return False
    if client is not None and (client.half_close or client.wait_for_continue):
        return False
    plain = response.framing == "content-length" and response.status < 400
    return request.method == "HEAD" or has_body(request) or not plain


def with_connection(request: httpx.Request, response: Response, found: str) -> Response:
    """Add the state of the connection to a response.

    If the app did not read the body of a request, a server may read the rest, or close.
    Timing decides which, so we do not distinguish the two.
    """
    if has_body(request) and found in (KEPT, CLOSED, DROPPED):
        found = WHOLE
    return msgspec.structs.replace(response, connection=found)


def confirmed(request: httpx.Request, send: Callable[[], Answer]) -> Answer:
    """Call `send`; for a safe request, confirm a bad state of the connection by a second call.

    A server that is late or early can cause that once. The second call uses a new
    connection, and the state of that one counts. The response is still the first one.
    """
    response, failure = send()
    if (
        response is None
        or response.connection not in BAD_STATES
        or request.method not in REPEATABLE
        or client_of(request) is not None
    ):
        return response, failure
    second, _ = send()
    if second is not None and second.connection is not msgspec.UNSET:
        response = msgspec.structs.replace(response, connection=second.connection)
    return response, None


def after(connection: Connection, probe: Probe) -> str:
    """Test a connection after a response; return its state."""
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
    """Wait for the server to close as announced; ignore the bytes before that."""
    try:
        while True:
            connection.more(deadline)
    except Closed:
        return CLOSED
    except TimeoutError:
        return STUCK
