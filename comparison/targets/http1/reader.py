"""Read one response: the framing of RFC 9112, and errors in it."""

import re
import select
import socket
import time

from comparison.models import Failure, Pairs, Response
from comparison.targets.http import allows_body, decode_body

AFTER_INTERIM = 0.25  # seconds that a final response may take after an interim one
MAX_HEAD = 256 * 1024  # bytes
_MAX_SHOWN = 80
_STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) (\d{3})(?: ([^\r\n]*))?\Z")
_RECEIVE = 64 * 1024
_DIGITS = {10: re.compile(rb"[0-9]+"), 16: re.compile(rb"[0-9A-Fa-f]+")}


class Closed(Exception):
    """The server ended the connection; `broken` if it did not close it in order.

    Timing can decide which of the two a client sees, so the message is the same.
    """

    def __init__(self, message: str, broken: bool = False) -> None:
        super().__init__(message)
        self.broken = broken


class NotHTTP(Exception):
    """The server sent bytes that are not an HTTP response (RFC 9112)."""


def size_of(written: bytes, base: int = 10) -> int:
    """Parse the size in a Content-Length (RFC 9110 section 8.6), or of a chunk in base 16.

    It accepts only digits, while Python's `int` accepts signs, blanks and underscores.
    Raises ValueError.

    >>> size_of(b"12"), size_of(b"1f", 16)
    (12, 31)
    """
    if not _DIGITS[base].fullmatch(written):
        raise ValueError(f"not a size: {written!r}")
    return int(written, base)


class Incoming:
    """A socket and the bytes that it received. Every wait ends at a monotonic deadline."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.buffer = b""

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    @property
    def has_ended(self) -> bool:
        """True if the server has closed, or has sent something without a request."""
        return bool(self.buffer or select.select([self.socket], [], [], 0)[0])

    def more(self, deadline: float) -> bytes:
        """Return the next bytes. Raises Closed at the end, TimeoutError at the deadline."""
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
        """Return the next line, without its end."""
        while (end := self.buffer.find(b"\n")) < 0:
            if len(self.buffer) > MAX_HEAD:
                raise NotHTTP(f"a line of more than {MAX_HEAD} bytes")
            self.buffer += self.more(deadline)
        return self.take(end + 1).rstrip(b"\r\n")

    def no_more_requests(self) -> None:
        """Shut down our side of the connection, so that the server expects no request."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return


class Reading:
    """One response, while we read it."""

    def __init__(
        self, connection: Incoming, method: str, deadline: float, upgrades: bool
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
        """Read the final response; note the statuses of interim ones."""
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
        """Return the part of the response that came, if its head came."""
        return None if self.status is None else self._made()

    def only_interim(self) -> Failure:
        """Make the failure for a server that sent only interim responses."""
        return Failure(
            "interim", f"status {self.interim[-1]} came, and no final response"
        )

    def _hurry(self) -> None:
        # We did not request an interim response, so an app has sent its answer as one.
        # A server without a final response closes when it expects no request any more.
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
            # Several equal lengths count as one (RFC 9110 section 8.6).
            length = ", ".join(sorted(lengths))
            try:
                size = size_of(length.encode("latin-1"))
            except ValueError:
                raise NotHTTP(f"a Content-Length of {length[:_MAX_SHOWN]!r}") from None
            self.framing = "content-length"
            self._sized(size)
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
                # Blanks may follow the size, but not precede it (RFC 9112 section 7.1.1).
                size = size_of(line.partition(b";")[0].rstrip(), 16)
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
        text, encoded = decode_body(b"".join(self.body))
        return Response(
            self.status, self.reason, self.headers, text, self.framing, self.version,
            encoded, status_line=self.status_line.decode("latin-1"),
        )  # fmt: skip


def _tokens(headers: Pairs, name: str) -> list[str]:
    """Return the comma-separated members of a header field, in lower case."""
    return [
        token.strip().lower()
        for key, value in headers
        if key.lower() == name
        for token in value.split(",")
    ]
