"""Call a WSGI app in process, as a server that follows PEP 3333 would."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx

from comparison.models import Failure, Pairs, Response
from comparison.targets.describe import describe_failure, note_raised
from comparison.targets.http import (
    declared_part,
    make_response,
    mount_of,
    origin_form,
    request_target,
    version_of,
)

WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType]

CLIENT = ("127.0.0.1", 50000)
_END = object()


class ProtocolError(Exception):
    """The app broke the specification of its interface."""


def call_app(
    app: WSGIApp, request: httpx.Request, on_start: Callable[[int], None]
) -> tuple[Response | None, Failure | None]:
    """Send one request; return its whole response or its failure.

    Call `on_start(status)` when the app calls start_response.
    """
    method = request.method
    call = WSGICall(app, environ(request), method, on_start)
    chunks: list[bytes] = []
    try:
        call.begin()
        chunks.extend(call)
    except BaseException as error:
        # This includes SystemExit: only the app wants to exit.
        note_raised(error)
        partial = None
        if call.headers_sent:
            partial = make_response(
                method, call.status, call.reason, call.headers, chunks or call.written
            )
        return None, describe_failure(error, partial, isinstance(error, ProtocolError))
    return make_response(method, call.status, call.reason, call.headers, chunks), None


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


class _ChunkedInput(io.RawIOBase):
    """A request body without a length; it reads its stream when the app reads."""

    def __init__(self, stream: Iterable[bytes]) -> None:
        self.chunks = iter(stream)
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest:
            chunk = next(self.chunks, None)
            if chunk is None:
                return 0
            self.rest = chunk
        size = min(len(buffer), len(self.rest))
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size


def environ(request: httpx.Request) -> dict[str, Any]:
    """Make the environ of a request by PEP 3333 and RFC 3875."""
    target = request_target(request)
    path, query = origin_form(target)
    url = request.url
    secure = url.scheme == "https"
    result: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": target.decode("ascii"),
        "SERVER_NAME": url.host,
        "SERVER_PORT": str(url.port or (443 if secure else 80)),
        "SERVER_PROTOCOL": f"HTTP/{version_of(request)}",
        "REMOTE_ADDR": CLIENT[0],
        "REMOTE_PORT": str(CLIENT[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in request.headers.raw:
        name = raw_name.decode("ascii").upper()
        if "_" in name:
            # The app would confuse it with the name with hyphens, so servers drop it.
            continue
        value = raw_value.decode("latin-1")
        key = name.replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        if key in result:
            value = f"{result[key]}{'; ' if name == 'COOKIE' else ', '}{value}"
        result[key] = value
    result["wsgi.input"] = _input(request, result)
    if mount := mount_of(request):
        mount_environ(result, mount)
    return result


def mount_environ(environ: dict[str, Any], mount: str) -> None:
    """Move the mount from the beginning of PATH_INFO to the end of SCRIPT_NAME.

    A dispatcher does the same for an app below a path (PEP 3333).
    """
    root = unquote_to_bytes(mount).decode("latin-1")
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + root
    environ["PATH_INFO"] = environ.get("PATH_INFO", "").removeprefix(root)


def _input(request: httpx.Request, environ: dict[str, Any]) -> Any:
    stream: Any = request.stream
    length = environ.get("CONTENT_LENGTH")
    if length is None:
        if "HTTP_TRANSFER_ENCODING" not in environ:
            return io.BytesIO()
        environ["wsgi.input_terminated"] = True
        return io.BufferedReader(_ChunkedInput(stream))
    body = b"".join(stream)
    return io.BytesIO(declared_part(length, body))
