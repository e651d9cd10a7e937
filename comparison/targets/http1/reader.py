"""Read one response: the framing of RFC 9112, and errors in it."""

import math
import re
import time

from msgspec import UNSET, UnsetType

from comparison.models import Failure, Interim, Pairs, Piece, Response
from comparison.models.client import Disconnect
from comparison.targets.arrivals import Arrivals, HungUp
from comparison.targets.http import (
    allows_body,
    decode_body,
    is_event_stream,
)

from .incoming import MAX_HEAD, Closed, Incoming, NotHTTP

AFTER_INTERIM = 0.25  # seconds that a final response may take after an interim one
_MAX_SHOWN = 80
_STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) (\d{3})(?: ([^\r\n]*))?\Z")
_DIGITS = {10: re.compile(rb"[0-9]+"), 16: re.compile(rb"[0-9A-Fa-f]+")}


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


class Reading:
    """One response, while we read it. `timed` records when the parts of the body come."""

    def __init__(
        self,
        connection: Incoming,
        method: str,
        deadline: float,
        upgrades: bool,
        disconnect: Disconnect | None = None,
        timed: bool = False,
    ) -> None:
        self.connection = connection
        self.final = (101,) if upgrades else ()
        self.method = method
        self.deadline = deadline
        self.timed = timed
        self.interim: list[Interim] = []
        self.status: int | None = None
        self.status_line = b""
        self.reason = ""
        self.version = ""
        self.headers: Pairs = ()
        self.trailers: Pairs = ()
        self.arrivals = Arrivals(disconnect)
        self.leaves_at = math.inf
        if disconnect is not None and disconnect.seconds is not None:
            self.leaves_at = time.monotonic() + disconnect.seconds
            self.deadline = min(deadline, self.leaves_at)
        self.framing = ""
        self.closes = False

    def response(self, waits: bool) -> Response:
        """Read the final response, or as much of it as the client waits for."""
        self._head()
        while self._is_interim():
            assert self.status is not None
            self.interim.append(Interim(self.status, self.headers))
            self.status = None
            if not waits:
                self._hurry()
            self._head()
        try:
            self.arrivals.begin()
            self._body()
        except HungUp:
            return self.unfinished()
        return self._made()

    @property
    def has_left(self) -> bool:
        """True if the time has come at which the client hangs up."""
        return time.monotonic() >= self.leaves_at

    def _is_interim(self) -> bool:
        status = self.status
        return status is not None and 100 <= status < 200 and status not in self.final

    def partial(self) -> Response | None:
        """Return the part of the response that came, if its head came."""
        return None if self.status is None else self._made()

    def unfinished(self) -> Response:
        """Return the response up to the moment when the client hung up."""
        self.framing, self.closes = self.arrivals.framing, True
        return self._made()

    def only_interim(self) -> Failure:
        """Make the failure for a server that sent only interim responses."""
        last = self.interim[-1].status
        return Failure("interim", f"status {last} came, and no final response")

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
        if self.has_left:
            raise TimeoutError
        found = _STATUS_LINE.match(line)
        if found is None:
            shown = ascii(line[:_MAX_SHOWN].decode("latin-1"))
            raise NotHTTP(f"not a status line: {shown}")
        headers = self._fields()
        version, status, reason = found.groups()
        self.version = f"HTTP/{version.decode()}"
        self.status, self.status_line = int(status), line
        self.reason = (reason or b"").decode("latin-1")
        self.headers = headers
        tokens = _tokens(self.headers, "connection")
        self.closes = "close" in tokens or (
            version == b"1.0" and "keep-alive" not in tokens
        )

    def _fields(self) -> Pairs:
        """Read header or trailer fields up to the empty line."""
        fields = []
        size = 0
        while field := self.connection.line(self.deadline):
            size += len(field)
            name, colon, value = field.partition(b":")
            if not colon or not name or name != name.strip() or size > MAX_HEAD:
                shown = ascii(field[:_MAX_SHOWN].decode("latin-1"))
                raise NotHTTP(f"not a header field: {shown}")
            fields.append(
                (name.decode("latin-1"), value.strip(b" \t").decode("latin-1"))
            )
        return tuple(fields)

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
            left -= len(part)
            self.arrivals.add(part, self.leaves_at)

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
            while size:
                if not connection.buffer:
                    connection.buffer = connection.more(self.deadline)
                part = connection.take(size)
                size -= len(part)
                self.arrivals.add(part, self.leaves_at)
            connection.fill(2, self.deadline)
            if connection.take(2) != b"\r\n":
                raise NotHTTP("a chunk is longer than its size")
        self.trailers = self._fields()

    def _until_closed(self) -> None:
        connection = self.connection
        try:
            while True:
                if connection.buffer:
                    self.arrivals.add(
                        connection.take(len(connection.buffer)), self.leaves_at
                    )
                connection.buffer = connection.more(self.deadline)
        except Closed as error:
            if error.broken:
                raise

    def _made(self) -> Response:
        assert self.status is not None
        text, encoded = decode_body(self.arrivals.body)
        pieces: tuple[Piece, ...] | UnsetType = UNSET
        events = is_event_stream(self.headers)
        if events or self.timed:
            pieces = self.arrivals.pieces(events=events)
        return Response(
            self.status, self.reason, self.headers, text, self.framing, self.version,
            encoded, status_line=self.status_line.decode("latin-1"),
            interim=tuple(self.interim) or UNSET, trailers=self.trailers or UNSET,
            pieces=pieces,
        )  # fmt: skip


def _tokens(headers: Pairs, name: str) -> list[str]:
    """Return the comma-separated members of a header field, in lower case."""
    return [
        token.strip().lower()
        for key, value in headers
        if key.lower() == name
        for token in value.split(",")
    ]
