"""Call an ASGI app in process, as a server that follows ASGI 3.0 would.

The specification is https://asgi.readthedocs.io/: HTTP, version 2.4.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

import httpx

from comparison.models import Failure, Response
from comparison.models.client import Client
from comparison.targets.arrivals import Arrivals, HungUp
from comparison.targets.describe import describe_failure, note_raised
from comparison.targets.http import (
    client_of,
    declared_part,
    decode_headers,
    make_response,
    mount_of,
    origin_form,
    request_target,
    version_of,
)

from .environ import CLIENT
from .limit import Limit
from .wsgi import ProtocolError, hung_up

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

HTTP_SPEC = {"version": "3.0", "spec_version": "2.4"}

_OCTETS = (bytes, bytearray, memoryview)


async def call_app(
    app: ASGIApp,
    request: httpx.Request,
    on_start: Callable[[int], None],
    limit: Limit,
    state: dict[str, Any] | None = None,
) -> tuple[Response | None, Failure | None]:
    """Send one request; return its whole response, or its failure and a partial response.

    Cancel an app that has not returned within the limit. Call `on_start(status)` when the
    app sends its status and headers.
    """
    client = client_of(request)
    call = (
        ASGICall(request, on_start)
        if client is None
        else ClientCall(request, on_start, client)
    )
    error: BaseException | None = None
    limit.begin()
    try:
        await app(scope(request, state), call.receive, call.send)
    except BaseException as caught:
        # The app may also raise SystemExit or CancelledError.
        error = caught
        if not limit.expired:
            note_raised(caught)
    finally:
        limit.end()
        call.close()
    response = None
    if call.status is not None:
        response = make_response(
            request, call.status, None, decode_headers(call.raw_headers),
            call.arrivals, unfinished=call.left,
        )  # fmt: skip
    if call.left and response is None:
        return None, hung_up(request)
    if call.complete:
        return response, None
    if limit.expired:
        return None, Failure(
            "timeout", f"no answer within {limit.timeout:g} s", response
        )
    if error is not None:
        protocol = isinstance(error, ProtocolError)
        return None, describe_failure(error, response, protocol)
    if response is None:
        message = "the app returned without starting a response"
    else:
        message = "the app returned without finishing the response"
    return None, Failure("incomplete", message, response)


class ASGICall:
    """One HTTP connection as an ASGI app sees it, with `receive` and `send`."""

    def __init__(self, request: httpx.Request, on_start: Callable[[int], None]) -> None:
        self.request = request
        self.on_start = on_start
        self.status: int | None = None
        self.raw_headers: list[tuple[bytes, bytes]] = []
        self.arrivals = Arrivals()
        self.left = False
        self.complete = False
        self.body: AsyncIterator[bytes] | None = None
        self.body_sent = False
        self.over: asyncio.Event | None = None

    async def receive(self) -> Message:
        """Return the request's body, piece by piece, then the end of the connection."""
        if not self.body_sent:
            stream = self.request.stream
            if isinstance(stream, httpx.ByteStream):
                self.body_sent = True
                if content := b"".join(stream):
                    length = self.request.headers.get("content-length", "")
                    content = declared_part(length, content)
                return {"type": "http.request", "body": content, "more_body": False}
            if self.body is None:
                self.body = aiter(stream)  # type: ignore[arg-type]
            async for chunk in self.body:
                return {"type": "http.request", "body": chunk, "more_body": True}
            self.body_sent = True
            return {"type": "http.request", "body": b"", "more_body": False}
        if not self.complete:
            self.over = self.over or asyncio.Event()
            await self.over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Accept a message of the app; raise ProtocolError if it is out of order."""
        if self.complete:
            return
        kind = message.get("type")
        if kind == "http.response.start":
            if self.status is not None:
                raise ProtocolError("http.response.start was sent twice")
            self._start(message)
        elif kind == "http.response.body":
            if self.status is None:
                raise ProtocolError("http.response.body before http.response.start")
            body = message.get("body", b"")
            if not isinstance(body, _OCTETS):
                name = type(body).__name__
                raise ProtocolError(f"a body must be bytes, not {name}")
            if body:
                self.arrivals.add(bytes(body))
            if not message.get("more_body", False):
                self.complete = True
                if self.over is not None:
                    self.over.set()
        else:
            raise ProtocolError(f"unexpected message {kind!r}")

    def _start(self, message: Message) -> None:
        """Check and store status and headers."""
        status = message.get("status")
        if not isinstance(status, int):
            raise ProtocolError(f"the status must be an int, not {status!r}")
        headers = [(name, value) for name, value in message.get("headers", ())]
        for name, value in headers:
            if not isinstance(name, bytes) or not isinstance(value, bytes):
                raise ProtocolError(f"header {name!r} must be two bytes: {value!r}")
            octets = name + value
            if b"\n" in octets or b"\r" in octets or b"\0" in octets:
                raise ProtocolError(f"header {name!r} has a line break: {value!r}")
        self.raw_headers = headers
        self.status = int(status)
        self.arrivals.begin()
        self.on_start(self.status)

    def close(self) -> None:
        """End what waits for the client."""


class ClientCall(ASGICall):
    """A connection whose client stalls or hangs up.

    An app learns from `receive` that the client has hung up. As most servers do, `send`
    ignores what it sends then.
    """

    def __init__(
        self, request: httpx.Request, on_start: Callable[[int], None], client: Client
    ) -> None:
        super().__init__(request, on_start)
        self.stall = client.stall
        self.arrivals = Arrivals(client.disconnect)
        self.rest: bytes | None = None
        self.over = asyncio.Event()
        self.timer: asyncio.TimerHandle | None = None
        if client.disconnect is not None and client.disconnect.seconds is not None:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_later(client.disconnect.seconds, self._time_is_up)

    async def receive(self) -> Message:
        """Return the next message; let the client stall within the body."""
        if self.rest is not None:
            await asyncio.sleep(self.stall.seconds if self.stall else 0)
            rest, self.rest, self.body_sent = self.rest, None, True
            return {"type": "http.request", "body": rest, "more_body": False}
        if self.stall is None or self.body_sent:
            return await super().receive()
        content = b"".join([part async for part in _parts(self.request)])
        self.rest = content[self.stall.bytes :]
        first = content[: self.stall.bytes]
        return {"type": "http.request", "body": first, "more_body": True}

    async def send(self, message: Message) -> None:
        """Accept a message of the app; ignore it if the client has hung up."""
        if self.left:
            await asyncio.sleep(0)  # so that the app can notice it
            return
        try:
            await super().send(message)
        except HungUp:
            self.leave()

    def _time_is_up(self) -> None:
        self.arrivals.time_is_up()
        self.leave()

    def leave(self) -> None:
        """Hang up, unless the response is complete."""
        if not self.complete:
            self.left = self.complete = True
            assert self.over is not None
            self.over.set()

    def close(self) -> None:
        """End what waits for the client."""
        if self.timer is not None:
            self.timer.cancel()


async def _parts(request: httpx.Request) -> AsyncIterator[bytes]:
    if isinstance(request.stream, httpx.ByteStream):
        yield b"".join(request.stream)
        return
    async for part in request.stream:  # type: ignore[union-attr]
        yield part


def scope(
    request: httpx.Request, state: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Make the connection scope of a request."""
    target = request_target(request)
    path, query = origin_form(target)
    url = request.url
    port = url.port or (443 if url.scheme == "https" else 80)
    raw = path.encode("latin-1")
    result: dict[str, Any] = {
        "type": "http",
        "asgi": HTTP_SPEC.copy(),
        "http_version": version_of(request),
        "method": request.method.upper(),
        "scheme": url.scheme,
        "path": unquote(path) if raw.isascii() else _decoded(raw),
        "raw_path": raw,
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": CLIENT,
        "server": (url.host, port),
    }
    if state is not None:
        result["state"] = state.copy()
    if mount := mount_of(request):
        mount_scope(result, mount)
    return result


def _decoded(path: bytes) -> str:
    return unquote_to_bytes(path).decode("utf-8", "replace")


def mount_scope(scope: MutableMapping[str, Any], mount: str) -> None:
    """Append the mount to root_path; path and raw_path include it already."""
    scope["root_path"] = scope.get("root_path", "") + unquote(mount)
