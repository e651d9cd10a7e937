"""Test the state of a connection after a response.

A server may send more than the response, or may not read the rest of a request. The bytes
that are left corrupt the next exchange. A second request, a probe, shows all of that. After
a plain response a glance shows nearly as much, and costs much less.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

import httpx
import msgspec

from comparison.models import Failure, Pairs, Response
from comparison.models.connection import (
    CLOSED,
    CORRUPTED,
    DROPPED,
    KEPT,
    STUCK,
    UPGRADED,
    WHOLE,
)
from comparison.models.recording import UNFINISHED
from comparison.targets.http import client_of
from comparison.targets.session import Answer

from .connection import Connection
from .incoming import Closed, Incoming

PROBE_TIMEOUT = 2.0  # seconds
CLOSING = 1.5
"""Seconds for an announced close: Gunicorn closes idle connections after 2 seconds."""

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


def can_be_tested(request: httpx.Request, response: Response) -> bool:
    """Return True if the connection of a response can be tested.

    A client that hangs up, or that does not send its whole request, leaves none.
    """
    client = client_of(request)
    if response.framing.startswith(UNFINISHED) or response.connection == UPGRADED:
        return False
    return client is None or not (client.half_close or client.wait_for_continue)


def is_repeatable(request: httpx.Request) -> bool:
    """Return True if we may send a request a second time."""
    return request.method in REPEATABLE and client_of(request) is None


def is_plain(request: httpx.Request, response: Response) -> bool:
    """Return True if nothing about an exchange endangers its connection.

    No body may be allowed, or the body may have no length. After an error, or if the app
    did not read the whole request, a server may close the connection.
    """
    sized = response.framing == "content-length" and response.status < 400
    return sized and not has_body(request)


def with_connection(request: httpx.Request, response: Response, found: str) -> Response:
    """Add the state of the connection to a response.

    If the app did not read the body of a request, a server may read the rest, or close.
    Timing decides which, so we do not distinguish the two. After a plain response it is
    the server's choice, and a glance does not distinguish them.
    """
    usual = (KEPT, CLOSED, DROPPED) if has_body(request) else (KEPT, CLOSED)
    if found in usual and (has_body(request) or is_plain(request, response)):
        found = WHOLE
    return msgspec.structs.replace(response, connection=found)


def confirmed(
    request: httpx.Request,
    answer: Answer,
    send: Callable[[], Answer],
    doubted: bool = False,
) -> Answer:
    """Confirm a bad state of the connection by a second call, if we may send it again.

    The same holds if the state is `doubted`. A server that is late or early can cause a bad
    state once. `send` uses a new connection and a probe, and the state of that connection
    counts. The response is still the first one.
    """
    response, failure = answer
    if response is None or response.connection is msgspec.UNSET:
        return answer
    bad = response.connection in BAD_STATES
    if not (bad or doubted) or not is_repeatable(request):
        return answer
    second, _ = send()
    if second is not None and second.connection is not msgspec.UNSET:
        response = msgspec.structs.replace(response, connection=second.connection)
    return response, failure


def after(connection: Connection, probe: Probe) -> str:
    """Test a connection with a probe; return its state."""
    if connection.announced_close:
        return closing(connection)
    deadline = time.monotonic() + PROBE_TIMEOUT
    connection.send(probe.request, probe.extra, deadline)
    answer, failure = connection.receive("GET", deadline, PROBE_TIMEOUT)
    if answer is not None:
        own = probe.token is None or answer.body == probe.token
        return KEPT if own else CORRUPTED
    assert isinstance(failure, Failure)
    return {"closed": DROPPED, "timeout": STUCK}.get(failure.kind, CORRUPTED)


def closing(connection: Incoming) -> str:
    """Wait for the server to close as announced; ignore the bytes before that."""
    deadline = time.monotonic() + CLOSING
    try:
        while True:
            connection.more(deadline)
    except Closed:
        return CLOSED
    except TimeoutError:
        return STUCK
