"""Call a WSGI app in process, as a server that follows PEP 3333 would."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any

import httpx

from comparison.models import Failure, Pairs, Response
from comparison.targets.arrivals import Arrivals, HungUp
from comparison.targets.describe import describe_failure, note_raised
from comparison.targets.http import client_of, make_response

from .environ import environ

WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType]

_END = object()


class ProtocolError(Exception):
    """The app broke the specification of its interface."""


def call_app(
    app: WSGIApp, request: httpx.Request, on_start: Callable[[int], None]
) -> tuple[Response | None, Failure | None]:
    """Send one request; return its whole response or its failure.

    Call `on_start(status)` when the app calls start_response.
    """
    client = client_of(request)
    disconnect = None if client is None else client.disconnect
    arrivals = Arrivals(disconnect)
    leaves_at = math.inf
    if disconnect is not None and disconnect.seconds is not None:
        leaves_at = time.monotonic() + disconnect.seconds
    call = WSGICall(app, environ(request), request.method, on_start)
    chunks: Iterator[bytes] | None = None
    unfinished = False
    try:
        call.begin()
        if time.monotonic() > leaves_at:
            # The client did not wait for the head. The app cannot know that.
            call.close()
            return None, hung_up(request)
        chunks = iter(call)
        arrivals.begin()
        for chunk in chunks:
            arrivals.add(chunk, leaves_at)
    except HungUp:
        unfinished = True
        _end(chunks)
    except BaseException as error:
        # This includes SystemExit: only the app wants to exit.
        note_raised(error)
        partial = None
        if call.headers_sent:
            if not arrivals.parts:
                arrivals = Arrivals.of(call.written)
            partial = make_response(
                request, call.status, call.reason, call.headers, arrivals
            )
        return None, describe_failure(error, partial, isinstance(error, ProtocolError))
    return (
        make_response(
            request, call.status, call.reason, call.headers, arrivals,
            unfinished=unfinished,
        ),
        None,
    )  # fmt: skip


def hung_up(request: httpx.Request) -> Failure:
    """Make the failure for a client that did not wait for the response."""
    client = client_of(request)
    assert client is not None
    return Failure(
        "disconnected",
        f"the client hung up after {client.disconnect}, before a response",
    )


def _end(chunks: Iterator[bytes] | None) -> None:
    """Close the app's iterable, as a server does that cannot send any more."""
    try:
        chunks.close()  # type: ignore[union-attr]
    except BaseException as error:
        note_raised(error)


class WSGICall:
    """One call of a WSGI app: `begin` it, then iterate over the chunks of the body.

    The end of the iteration closes the app's iterable, even after an exception.
    """

    def __init__(
        self,
        app: WSGIApp,
        environ: dict[str, Any],
        method: str,
        on_start: Callable[[int], None],
    ) -> None:
        self.app = app
        self.environ = environ
        self.method = method
        self.on_start = on_start
        self.status = 0
        self.reason: str | None = None
        self.headers: Pairs = ()
        self.started = False
        self.headers_sent = False
        self.written: list[bytes] = []
        self.result: Iterable[bytes] = ()
        self.iterator: Iterator[bytes] = iter(())
        self.pending: bytes | None = None

    def begin(self) -> None:
        """Call the app and read until status and headers are final.

        They are final at the first non-empty chunk, or at the end. Until then the app may
        replace them (PEP 3333, "The start_response() Callable").
        """
        self.result = self.app(self.environ, self.start_response)
        try:
            self.iterator = iter(self.result)
            while not self.written and not self.pending:
                chunk: Any = next(self.iterator, _END)
                if chunk is _END:
                    self.pending = None
                    break
                self._check_chunk(chunk)
                self.pending = chunk
            if not self.started:
                raise ProtocolError("the app returned without calling start_response")
            self.headers_sent = True
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.written
            if self.pending is not None:
                yield self.pending
            for chunk in self.iterator:
                self._check_chunk(chunk)
                if chunk:
                    yield chunk
        except BaseException:
            self.close()
            raise
        self.close()

    def close(self) -> None:
        """Close the app's iterable, once."""
        result, self.result = self.result, ()
        if hasattr(result, "close"):
            result.close()

    def start_response(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: _ExcInfo | None = None,
    ) -> Callable[[bytes], None]:
        """Accept status and headers from the app, which calls this (PEP 3333)."""
        if exc_info is not None:
            try:
                if self.headers_sent:
                    raise exc_info[1]
            finally:
                exc_info = None
        elif self.started:
            raise ProtocolError("start_response was called twice without exc_info")
        code, _, reason = status.partition(" ")
        try:
            self.status = int(code)
        except ValueError:
            raise ProtocolError(f"the status {status!r} has no number") from None
        for name, value in headers:
            _check_field(name, value)
        self.reason = reason
        self.headers = tuple(headers)
        self.started = True
        self.on_start(self.status)
        return self.write

    def write(self, data: bytes) -> None:
        """Send a part of the body at once, for apps from before PEP 333."""
        self._check_chunk(data)
        if data:
            self.written.append(data)
            self.headers_sent = True

    def _check_chunk(self, chunk: object) -> None:
        if not isinstance(chunk, bytes):
            kind = type(chunk).__name__
            raise ProtocolError(f"a WSGI app must yield bytes, not {kind}")


def _check_field(name: str, value: str) -> None:
    if not isinstance(name, str) or not isinstance(value, str):
        raise ProtocolError(f"header {name!r} must be two str: {value!r}")
    try:
        octets = f"{name}{value}".encode("latin-1")
    except UnicodeEncodeError:
        raise ProtocolError(f"header {name!r} is not Latin-1: {value!r}") from None
    if b"\n" in octets or b"\r" in octets or b"\0" in octets:
        raise ProtocolError(f"header {name!r} has a line break: {value!r}")
