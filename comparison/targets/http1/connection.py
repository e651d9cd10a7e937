"""A client on a plain socket that reports exactly what a server sent.

It follows RFC 9112 and normalises nothing. It preserves the status line and the case of
header names, and rejects answers that are not HTTP. It reuses a connection only on demand.
The usual client libraries normalise or reject just what we want to see.

A server may send a body where none is allowed, or may not read the rest of a request. The
bytes that are left corrupt the next exchange. Only a second request, a probe, shows that.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple, Self

import httpx
import msgspec

from comparison.models import Failure, Pairs, Response
from comparison.targets.http import Chunks, request_target, version_of
from comparison.targets.session import Answer

from .reader import Closed, Incoming, NotHTTP, Reading

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


class Address(NamedTuple):
    """The address of a server. With `secure` we use TLS, and its certificate names `host`."""

    host: str
    port: int
    secure: bool = False


@cache
def tls_context() -> ssl.SSLContext:
    """Return the shared TLS context: making one reads all certificates of the system."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Connection(Incoming):
    """One connection to a server. Every wait ends at a deadline (a monotonic time).

    Raises OSError if it cannot connect.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        plain = socket.create_connection(address[:2], timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if address.secure:
            plain = tls_context().wrap_socket(plain, server_hostname=address.host)
        super().__init__(plain)
        self.announced_close = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def exchange(self, request: httpx.Request, extra: Pairs, timeout: float) -> Answer:
        """Send a request and read the response; return that or a failure.

        `extra` are header fields for the recording middleware between server and app.
        """
        deadline = time.monotonic() + timeout
        self.send(request, extra, deadline)
        answer = self.receive(
            request.method, deadline, timeout,
            waits="expect" in request.headers, upgrades="upgrade" in request.headers,
        )  # fmt: skip
        if version_of(request) == "1.0":
            # HTTP/1.0 closes the connection unless both sides agree to keep it open (RFC
            # 9112 section 9.3).
            self.announced_close = True
        return answer

    def send(self, request: httpx.Request, extra: Pairs, deadline: float) -> None:
        """Send a request. A server that stops reading may answer, so ignore the error."""
        head = [b"%s %s HTTP/%s\r\n" % (request.method.encode("ascii"),
                                        request_target(request),
                                        version_of(request).encode("ascii"))]  # fmt: skip
        for name, value in request.headers.raw:
            head.append(b"%s: %s\r\n" % (name, value))
        for added, text in extra:
            head.append(f"{added}: {text}\r\n".encode("ascii"))
        head.append(b"\r\n")
        parts = [b"".join(head), *_body_parts(request)]
        try:
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            # We send one piece, so that its arrival does not depend on timing.
            self.socket.sendall(b"".join(parts))
            if _shorter_than_announced(request, parts[1:]):
                # No more bytes will come. Otherwise the server would wait for them.
                self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def receive(
        self,
        method: str,
        deadline: float,
        timeout: float,
        *,
        waits: bool = False,
        upgrades: bool = False,
    ) -> Answer:
        """Read one response.

        `waits`: the request expects interim responses. `upgrades`: it expects a 101.
        """
        reading = Reading(self, method, deadline, upgrades)
        try:
            response = reading.response(waits)
        except TimeoutError:
            if reading.interim and not waits:
                return None, reading.only_interim()
            message = f"no answer within {timeout:g} s"
            return None, Failure("timeout", message, reading.partial())
        except NotHTTP as error:
            return None, Failure("protocol", str(error))
        except Closed as error:
            if reading.interim:
                return None, reading.only_interim()
            partial = reading.partial()
            if partial is not None:
                return None, Failure("incomplete", str(error), partial)
            return None, Failure("closed", f"{error} before it answered")
        self.announced_close = reading.closes
        return response, None


def _shorter_than_announced(request: httpx.Request, parts: Iterable[bytes]) -> bool:
    length = request.headers.get("content-length", "")
    return length.isdecimal() and sum(map(len, parts)) < int(length)


def _body_parts(request: httpx.Request) -> Iterable[bytes]:
    stream = request.stream
    if not isinstance(stream, Chunks):
        yield b"".join(stream)  # type: ignore[arg-type]
        return
    if "transfer-encoding" not in request.headers:
        yield from stream.chunks
        return
    for chunk in stream.chunks:
        if chunk:
            yield b"%x\r\n%s\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


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
    can also happen if the app did not read the whole request.
    """
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
