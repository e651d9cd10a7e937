"""A client on a plain socket that reports what a server really sent.

HTTP/1.1 as RFC 9112 has it, and nothing made better on the way: the status line and the
case of header names are kept, an answer that is not HTTP is said to be none, and a
connection is never reused behind anybody's back. The usual client libraries normalise or
refuse just what is to be seen here.
"""

import base64
import re
import select
import socket
import ssl
import time
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, Self

import httpx
from msgspec import UNSET

from comparison.model import Failure, Pairs, Response

from .http import Chunks, allows_body, request_target
from .session import Answer

MAX_HEAD = 256 * 1024  # bytes
AFTER_INTERIM = 0.25  # seconds that a final response may take after an interim one
_RECEIVE = 64 * 1024
_MAX_SHOWN = 80

_STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) (\d{3})(?: ([^\r\n]*))?\Z")


class Address(NamedTuple):
    """Where a server is: TLS if `secure`, in which case `host` must be in its name."""

    host: str
    port: int
    secure: bool = False


class Closed(Exception):
    """The other side ended the connection; `broken` if it did not close it in order.

    Which of the two a client sees can depend on timing, so the message is the same.
    """

    def __init__(self, message: str, broken: bool = False) -> None:
        super().__init__(message)
        self.broken = broken


class NotHTTP(Exception):
    """What came is no HTTP response (RFC 9112)."""


@cache
def tls_context() -> ssl.SSLContext:
    """The one TLS context: making it reads every certificate of the system."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Connection:
    """One connection to a server. Every wait ends at a deadline (a monotonic time).

    Raises OSError if it cannot be made.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        plain = socket.create_connection(address[:2], timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket: socket.socket = plain
        if address.secure:
            self.socket = tls_context().wrap_socket(plain, server_hostname=address.host)
        self.buffer = b""
        self.announced_close = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    @property
    def has_ended(self) -> bool:
        """Whether the server has closed, or has said something unasked."""
        return bool(self.buffer or select.select([self.socket], [], [], 0)[0])

    def exchange(self, request: httpx.Request, extra: Pairs, timeout: float) -> Answer:
        """Send a request and read the response, or the failure that came instead.

        `extra` are header fields added for whoever stands between server and app.
        """
        deadline = time.monotonic() + timeout
        self.send(request, extra, deadline)
        return self.receive(
            request.method, deadline, timeout,
            waits="expect" in request.headers, upgrades="upgrade" in request.headers,
        )  # fmt: skip

    def send(self, request: httpx.Request, extra: Pairs, deadline: float) -> None:
        """Send a request. That the server stops reading is no failure: it may answer."""
        head = [b"%s %s HTTP/1.1\r\n" % (request.method.encode("ascii"),
                                         request_target(request))]  # fmt: skip
        for name, value in request.headers.raw:
            head.append(b"%s: %s\r\n" % (name, value))
        for added, text in extra:
            head.append(f"{added}: {text}\r\n".encode("ascii"))
        head.append(b"\r\n")
        parts = [b"".join(head), *_body_parts(request)]
        try:
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            # In one piece, so that how it arrives does not depend on timing.
            self.socket.sendall(b"".join(parts))
            if _shorter_than_announced(request, parts[1:]):
                # Nothing more will come: better the server knows than that it waits.
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

        `waits` says that interim responses were asked for, `upgrades` that 101 was.
        """
        reading = _Reading(self, method, deadline, upgrades)
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

    def more(self, deadline: float) -> bytes:
        """The next bytes. Raises Closed at the end, TimeoutError at the deadline."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(_RECEIVE)
        except TimeoutError:
            raise
        except OSError:
            raise Closed("the server closed the connection", broken=True) from None
        if not data:
            raise Closed("the server closed the connection")
        return data

    def fill(self, size: int, deadline: float) -> None:
        """Read until the buffer holds `size` bytes."""
        while len(self.buffer) < size:
            self.buffer += self.more(deadline)

    def take(self, size: int) -> bytes:
        """Take bytes out of the buffer."""
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def line(self, deadline: float) -> bytes:
        """The next line, without its end."""
        while (end := self.buffer.find(b"\n")) < 0:
            if len(self.buffer) > MAX_HEAD:
                raise NotHTTP(f"a line of more than {MAX_HEAD} bytes")
            self.buffer += self.more(deadline)
        return self.take(end + 1).rstrip(b"\r\n")

    def no_more_requests(self) -> None:
        """Tell the server that nothing will be asked on this connection any more."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return


class _Reading:
    """One response while it is being read."""

    def __init__(
        self, connection: Connection, method: str, deadline: float, upgrades: bool
    ) -> None:
        self.connection = connection
        self.final = (101,) if upgrades else ()
        self.method = method
        self.deadline = deadline
        self.interim: list[int] = []
        self.status: int | None = None
        self.status_line = b""
        self.reason = ""
        self.version = ""
        self.headers: Pairs = ()
        self.body: list[bytes] = []
        self.framing = ""
        self.closes = False

    def response(self, waits: bool) -> Response:
        """The final response; interim ones are counted and left out."""
        self._head()
        while self._is_interim():
            assert self.status is not None
            self.interim.append(self.status)
            self.status = None
            if not waits:
                self._hurry()
            self._head()
        self._body()
        return self._made()

    def _is_interim(self) -> bool:
        status = self.status
        return status is not None and 100 <= status < 200 and status not in self.final

    def partial(self) -> Response | None:
        """The response as far as it came, if it began."""
        return None if self.status is None else self._made()

    def only_interim(self) -> Failure:
        """The failure of a server that sent nothing but interim responses."""
        return Failure(
            "interim", f"status {self.interim[-1]} came, and no final response"
        )

    def _hurry(self) -> None:
        # Nobody asked for an interim response, so an app has sent its answer as one.
        # A server that has nothing to add closes once nothing is asked any more.
        if not self.connection.buffer:
            soon = min(self.deadline, time.monotonic() + AFTER_INTERIM)
            try:
                self.connection.buffer = self.connection.more(soon)
            except TimeoutError:
                self.connection.no_more_requests()
                self.deadline = min(self.deadline, time.monotonic() + AFTER_INTERIM)

    def _head(self) -> None:
        line = self.connection.line(self.deadline)
        found = _STATUS_LINE.match(line)
        if found is None:
            shown = ascii(line[:_MAX_SHOWN].decode("latin-1"))
            raise NotHTTP(f"not a status line: {shown}")
        headers = []
        size = 0
        while field := self.connection.line(self.deadline):
            size += len(field)
            name, colon, value = field.partition(b":")
            if not colon or not name or name != name.strip() or size > MAX_HEAD:
                shown = ascii(field[:_MAX_SHOWN].decode("latin-1"))
                raise NotHTTP(f"not a header field: {shown}")
            headers.append(
                (name.decode("latin-1"), value.strip(b" \t").decode("latin-1"))
            )
        version, status, reason = found.groups()
        self.version = f"HTTP/{version.decode()}"
        self.status, self.status_line = int(status), line
        self.reason = (reason or b"").decode("latin-1")
        self.headers = tuple(headers)
        tokens = _tokens(self.headers, "connection")
        self.closes = "close" in tokens or (
            version == b"1.0" and "keep-alive" not in tokens
        )

    def _body(self) -> None:
        assert self.status is not None
        if not allows_body(self.method, self.status):
            self.framing = "no body"
            return
        codings = _tokens(self.headers, "transfer-encoding")
        if codings and codings[-1] == "chunked":
            self.framing = "chunked"
            self._chunks()
            return
        lengths = set(_tokens(self.headers, "content-length"))
        if lengths and not codings:
            length = lengths.pop()
            if lengths or not length.isdecimal():
                raise NotHTTP(f"a Content-Length of {length!r}")
            self.framing = "content-length"
            self._sized(int(length))
            return
        self.framing, self.closes = "close", True
        self._until_closed()

    def _sized(self, size: int) -> None:
        connection = self.connection
        left = size
        while left:
            if not connection.buffer:
                try:
                    connection.buffer = connection.more(self.deadline)
                except Closed as error:
                    raise Closed(
                        f"{error} after {size - left} of {size} bytes"
                    ) from None
            part = connection.take(left)
            self.body.append(part)
            left -= len(part)

    def _chunks(self) -> None:
        connection = self.connection
        while True:
            line = connection.line(self.deadline)
            try:
                size = int(line.partition(b";")[0], 16)
            except ValueError:
                raise NotHTTP(f"not the size of a chunk: {line[:20]!a}") from None
            if not size:
                break
            connection.fill(size + 2, self.deadline)
            self.body.append(connection.take(size))
            if connection.take(2) != b"\r\n":
                raise NotHTTP("a chunk is longer than its size")
        while connection.line(self.deadline):
            pass

    def _until_closed(self) -> None:
        connection = self.connection
        try:
            while True:
                self.body.append(connection.take(len(connection.buffer)))
                connection.buffer = connection.more(self.deadline)
        except Closed as error:
            if error.broken:
                raise

    def _made(self) -> Response:
        assert self.status is not None
        content = b"".join(self.body)
        text, encoded = "", UNSET
        try:
            text = content.decode()
        except UnicodeDecodeError:
            encoded = base64.b64encode(content).decode()  # type: ignore[assignment]
        return Response(
            self.status, self.reason, self.headers, text, self.framing, self.version,
            encoded, status_line=self.status_line.decode("latin-1"),
        )  # fmt: skip


def _tokens(headers: Pairs, name: str) -> list[str]:
    """The comma-separated members of a header field, in lower case."""
    return [
        token.strip().lower()
        for key, value in headers
        if key.lower() == name
        for token in value.split(",")
    ]


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
