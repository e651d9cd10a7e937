"""A client on a plain socket that reports exactly what a server sent.

It follows RFC 9112 and normalises nothing. It preserves the status line and the case of
header names, and rejects answers that are not HTTP. It reuses a connection only on demand.
The usual client libraries normalise or reject just what we want to see.
"""

import socket
import ssl
import time
from contextlib import suppress
from functools import cache
from typing import NamedTuple, Self

import httpx
import msgspec

from comparison.models import Failure, Pairs
from comparison.models.client import Client, Disconnect
from comparison.models.connection import UPGRADED
from comparison.targets.http import client_of, version_of
from comparison.targets.session import Answer

from .incoming import Closed, Incoming, NotHTTP
from .reader import Reading
from .writer import encoded_body, encoded_head, shorter_than_announced

CONTINUE = 1.0
"""Seconds to wait for 100 Continue before the body is sent anyway, as curl does."""
_INTERIM = (b"HTTP/1.1 1", b"HTTP/1.0 1")
_PLAIN = Client()


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
        self.last_byte = b""

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
        return self.answer(request, deadline, timeout)

    def answer(self, request: httpx.Request, deadline: float, timeout: float) -> Answer:
        """Read the response to a request, as far as the client waits for it."""
        client = client_of(request) or _PLAIN
        deadline += client.waits
        response, failure = self.receive(
            request.method, deadline, timeout, waits="expect" in request.headers,
            upgrades="upgrade" in request.headers, disconnect=client.disconnect,
            timed="timed" in request.extensions,
        )  # fmt: skip
        if version_of(request) == "1.0" or client.half_close:
            # HTTP/1.0 closes the connection unless both sides agree to keep it open (RFC
            # 9112 section 9.3).
            self.announced_close = True
        if response is not None and response.status == 101:
            response = msgspec.structs.replace(response, connection=UPGRADED)
        return response, failure

    def send(
        self, request: httpx.Request, extra: Pairs, deadline: float, hold: bool = False
    ) -> None:
        """Send a request. A server that stops reading may answer, so ignore the error.

        With `hold`, `release` sends the last byte.
        """
        client = client_of(request) or _PLAIN
        head, body = encoded_head(request, extra), encoded_body(request)
        ends = client.half_close or shorter_than_announced(request, body)
        try:
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            if client.wait_for_continue:
                self.socket.sendall(head)
                if not self._continues(min(deadline, time.monotonic() + CONTINUE)):
                    return
                head = b""
            if client.stall is not None:
                self.socket.sendall(head + body[: client.stall.bytes])
                time.sleep(client.stall.seconds)
                head, body = b"", body[client.stall.bytes :]
            # We send one piece, so that its arrival does not depend on timing.
            data = head + body
            if hold:
                data, self.last_byte = data[:-1], data[-1:]
            self.socket.sendall(data)
            if ends:
                # No more bytes will come. Otherwise the server would wait for them.
                self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def release(self) -> None:
        """Send the last byte of a request, which was held back."""
        with suppress(OSError):
            self.socket.sendall(self.last_byte)

    def _continues(self, deadline: float) -> bool:
        """Wait for an interim response; return False if a final one comes instead."""
        try:
            self.fill(len(_INTERIM[0]), deadline)
        except TimeoutError:
            return True
        except Closed:
            return False
        return self.buffer.startswith(_INTERIM)

    def receive(
        self,
        method: str,
        deadline: float,
        timeout: float,
        *,
        waits: bool = False,
        upgrades: bool = False,
        disconnect: Disconnect | None = None,
        timed: bool = False,
    ) -> Answer:
        """Read one response, until `disconnect` if the client hangs up.

        `waits`: the request expects interim responses. `upgrades`: it expects a 101.
        """
        reading = Reading(self, method, deadline, upgrades, disconnect, timed)
        try:
            response = reading.response(waits)
        except TimeoutError:
            if reading.has_left:
                return _hung_up(reading, disconnect)
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


def _hung_up(reading: Reading, disconnect: Disconnect | None) -> Answer:
    if reading.status is not None:
        reading.arrivals.time_is_up()
        return reading.unfinished(), None
    message = f"the client hung up after {disconnect}, before a response"
    return None, Failure("disconnected", message)


def reason(error: OSError) -> str:
    """Explain why a connection failed, in the system's words."""
    if isinstance(error, ssl.SSLError):
        return str(error.reason or error)
    return error.strerror or str(error) or type(error).__name__
