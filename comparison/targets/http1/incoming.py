"""The bytes that arrive on a socket."""

import select
import socket
import ssl
import time
from contextlib import suppress

MAX_HEAD = 256 * 1024  # bytes
NO_WAIT = 0.001  # seconds
_RECEIVE = 64 * 1024


class Closed(Exception):
    """The server ended the connection; `broken` if it did not close it in order.

    Timing can decide which of the two a client sees, so the message is the same.
    """

    def __init__(self, message: str, broken: bool = False) -> None:
        super().__init__(message)
        self.broken = broken


class NotHTTP(Exception):
    """The server sent bytes that are not an HTTP response (RFC 9112)."""


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
        try:
            return bool(self.arrived())
        except Closed:
            return True

    def arrived(self) -> bytes:
        """Return what has arrived, without waiting for more. Raises Closed at the end."""
        if not self.buffer and select.select([self.socket], [], [], 0)[0]:
            # With TLS, something may have arrived that is not data.
            with suppress(TimeoutError):
                self.buffer = self.more(time.monotonic() + NO_WAIT)
        return self.buffer

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

    def no_more_requests(self) -> bool:
        """Close our half of the connection, so that the server expects no request.

        Returns False if that is not possible: `ssl` closes only both halves.
        """
        if isinstance(self.socket, ssl.SSLSocket):
            return False
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
        return True
