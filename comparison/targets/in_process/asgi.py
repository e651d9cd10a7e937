"""Call an ASGI app in process, as a server that follows ASGI 3.0 would.

The specification is https://asgi.readthedocs.io/: HTTP, version 2.4, and lifespan, version
2.0.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

import httpx

from comparison.models import Failure, Response
from comparison.targets.describe import MAX_MESSAGE, describe_failure, note_raised
from comparison.targets.http import (
    declared_part,
    decode_headers,
    make_response,
    mount_of,
    origin_form,
    request_target,
    version_of,
)
from comparison.tracing import describe

from .wsgi import CLIENT, ProtocolError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

HTTP_SPEC = {"version": "3.0", "spec_version": "2.4"}
CANCEL_GRACE = 0.2  # seconds

_OCTETS = (bytes, bytearray, memoryview)

LIFESPAN_SPEC = {"version": "3.0", "spec_version": "2.0"}


class Limit:
    """A time limit for requests that run one after another; it cancels a slow task.

    `left` holds references to all tasks at the time of a cancellation. The event loop has
    only weak references, so waiting tasks could disappear.
    """

    # All requests share one timer, which checks the deadline again when it fires. One timer
    # a request costs as much as a small app's view, `asyncio.timeout` three times that.

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.expired = False
        self.left: set[asyncio.Task[Any]] = set()
        self._task: asyncio.Task[Any] | None = None
        self._until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Start the clock for the current task."""
        self._task = asyncio.current_task()
        assert self._task is not None
        loop = self._task.get_loop()
        self.expired = False
        self._until = loop.time() + self.timeout
        if self._timer is None:
            self._timer = loop.call_at(self._until, self._look)

    def end(self) -> None:
        """Stop the clock. `expired` says whether we cancelled the task."""
        self._task = None

    def _look(self) -> None:
        self._timer = None
        if self._task is None:
            return
        loop = self._task.get_loop()
        if loop.time() < self._until:
            self._timer = loop.call_at(self._until, self._look)
        else:
            self.expired = True
            self.left |= asyncio.all_tasks()
            self._task.cancel()


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
    call = ASGICall(request, on_start)
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
    response = None
    if call.status is not None:
        response = make_response(
            request.method, call.status, None, decode_headers(call.raw_headers),
            call.chunks,
        )  # fmt: skip
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
        self.chunks: list[bytes] = []
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
                self.chunks.append(bytes(body))
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
        self.on_start(self.status)


def scope(
    request: httpx.Request, state: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Make the connection scope of a request."""
    target = request_target(request)
    path, query = origin_form(target)
    url = request.url
    port = url.port or (443 if url.scheme == "https" else 80)
    result: dict[str, Any] = {
        "type": "http",
        "asgi": HTTP_SPEC.copy(),
        "http_version": version_of(request),
        "method": request.method.upper(),
        "scheme": url.scheme,
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
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


def mount_scope(scope: MutableMapping[str, Any], mount: str) -> None:
    """Append the mount to root_path; path and raw_path include it already."""
    scope["root_path"] = scope.get("root_path", "") + unquote(mount)


class Lifespan:
    """The lifespan of an ASGI app: `startup` once, `shutdown` once, on one event loop.

    An app may not support the lifespan protocol. As servers do, we run it without. `state`
    is the state of the lifespan scope, which the app fills. `error` is the exception that
    made the startup fail, if the app was handling one when it said so.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.state: dict[str, Any] | None = None
        self.failure: str | None = None
        self.error: BaseException | None = None
        self._events: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[str | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def startup(self, timeout: float) -> None:
        """Start the app. `failure` holds the message of a failed startup."""
        self._task = asyncio.create_task(self._run())
        await self._exchange("startup", timeout)

    async def shutdown(self, timeout: float) -> None:
        """Let the app clean up, if it has started and supports that."""
        if self._task is not None and not self._task.done():
            await self._exchange("shutdown", timeout)
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CANCEL_GRACE)

    async def _exchange(self, stage: str, timeout: float) -> None:
        await self._events.put({"type": f"lifespan.{stage}"})
        try:
            async with asyncio.timeout(timeout):
                self.failure = await self._answers.get()
        except TimeoutError:
            self.failure = f"lifespan.{stage} was not answered within {timeout:g} s"

    async def _run(self) -> None:
        state: dict[str, Any] = {}
        lifespan = {"type": "lifespan", "asgi": LIFESPAN_SPEC.copy(), "state": state}
        self.state = state
        try:
            await self.app(lifespan, self._events.get, self._send)
        except Exception:
            # By the specification, an exception here means: lifespan is not supported.
            self.state = None
            await self._answers.put(None)
        except BaseException as error:
            # This includes SystemExit, which ends many servers.
            self._answers.put_nowait(describe(error, MAX_MESSAGE))
        else:
            await self._answers.put(None)

    async def _send(self, message: Message) -> None:
        failed = message["type"].endswith(".failed")
        if failed:
            self.error = sys.exception()
        await self._answers.put(
            message.get("message", "") or "no reason given" if failed else None
        )
