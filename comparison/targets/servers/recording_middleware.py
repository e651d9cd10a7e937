"""The recording middleware between server and app; neither of them can notice it.

The middleware removes the recording header before it calls the app. It changes nothing
else, in either direction.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import Any

from comparison.core.errors import TargetError
from comparison.models import Event
from comparison.targets.in_process.asgi import mount_scope
from comparison.targets.in_process.environ import mount_environ
from comparison.targets.in_process.lifespan import Lifespan
from comparison.targets.spec import Factory, Interface, with_cause
from comparison.tracing import raised_events, recorded, tracing

from .call_recorder import CallRecorder
from .channel import Sender, Started
from .recording_header import HEADER, RecordingHeader, parse

MAX_FRESH = 4
LIFESPAN_TIMEOUT = 10.0  # seconds

_ENVIRON = f"HTTP_{HEADER.upper().replace('-', '_')}"
_RAW = HEADER.lower().encode()


class Failing(Exception):
    """The exception for a failing probe; it acts like an uncaught exception of an app."""


class Instance:
    """One app, with recording as long as it lives."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.stack = ExitStack()
        self.stack.enter_context(recorded(app))
        self.lifespan: Lifespan | None = None
        self._refusal: tuple[Event, ...] = ()

    @property
    def refusal(self) -> tuple[Event, ...]:
        """The event of an app that raised instead of starting."""
        return self._refusal if self.lifespan is None else self.lifespan.refusal

    @contextmanager
    def starting(self, scope: str) -> Iterator[None]:
        """Note an exception that leaves the app when a server starts it."""
        try:
            yield
        except Exception as error:
            if scope == "lifespan":
                self._refusal = tuple(raised_events("lifespan_raised", error))
            raise


class Instances:
    """The app as loaded, and separate instances for cases with settings or `fresh`."""

    def __init__(self, factory: Factory, app: Any) -> None:
        self.factory = factory
        self.default = Instance(app)
        self.others: dict[str, Instance] = {}
        self.fresh: OrderedDict[str, Instance] = OrderedDict()
        self.lock = Lock()

    def lacks(self, header: RecordingHeader) -> bool:
        """Return True if we must still make the instance for a request."""
        existing = self.fresh if header.fresh else self.others
        separate = bool(header.settings or header.fresh)
        return separate and _key(header) not in existing

    def find(self, header: RecordingHeader) -> tuple[Instance, Instance | None]:
        """Find or make the instance for a request; also return one to discard, or None.

        Raises FactoryNeeded or TargetError if it cannot be made.
        """
        if not header.settings and not header.fresh:
            return self.default, None
        key = _key(header)
        existing: dict[str, Instance] = self.fresh if header.fresh else self.others
        old = None
        with self.lock:
            if key not in existing:
                made = self.factory(header.settings, bool(header.fresh))
                existing[key] = Instance(made)
                if len(self.fresh) > MAX_FRESH:
                    _, old = self.fresh.popitem(last=False)
            return existing[key], old


def _key(header: RecordingHeader) -> str:
    return f"{header.fresh} {sorted(header.settings.items())!r}"


def recording_middleware(
    interface: Interface, instances: Instances, sender: Sender
) -> Any:
    """Wrap the app in recording middleware, for a server."""
    make = _wsgi if interface == "wsgi" else _asgi
    return make(instances, sender)


def _wsgi(instances: Instances, sender: Sender) -> Callable[..., Any]:
    def application(environ: dict[str, Any], start_response: Any) -> Any:
        value = environ.pop(_ENVIRON, None)
        if value is None:
            return instances.default.app(environ, start_response)
        header = parse(value)
        if header.fail:
            raise Failing
        if header.token:
            body = header.token.encode()
            start_response("200 OK", _plain(body, str))
            return [body]
        making = instances.lacks(header)
        sender.send(header.path, Started(header.id, making))
        file_wrapper = environ.get("wsgi.file_wrapper")
        recorder = CallRecorder(sender, header)
        try:
            with recorder.app_called():
                instance, old = instances.find(header)
                if old is not None:
                    old.stack.close()
                if making:
                    sender.send(header.path, Started(header.id))

                def start(status: str, headers: Any, exc_info: Any = None) -> Any:
                    recorder.check_head(headers, str, replaces=exc_info is not None)
                    recorder.hands_over(status)
                    given = () if exc_info is None else (exc_info,)
                    with recorder.server_called():
                        return start_response(status, headers, *given)

                if header.mount:
                    mount_environ(environ, header.mount)
                with tracing(recorder.trace):
                    result = instance.app(environ, start)
        except BaseException:
            recorder.end()
            raise
        return recorder.body(result, file_wrapper)

    return application


def _asgi(instances: Instances, sender: Sender) -> Callable[..., Any]:
    with_lifespan = False

    async def application(scope: Any, receive: Any, send: Any) -> None:
        nonlocal with_lifespan
        if scope["type"] != "http":
            with_lifespan = with_lifespan or scope["type"] == "lifespan"
            with instances.default.starting(scope["type"]):
                await instances.default.app(scope, receive, send)
            return
        value = next((v for k, v in scope["headers"] if k.lower() == _RAW), None)
        if value is None:
            await instances.default.app(scope, receive, send)
            return
        header = parse(bytes(value).decode("ascii"))
        if header.fail:
            raise Failing
        if header.token:
            await _answer(send, header.token.encode())
            return
        headers = [(k, v) for k, v in scope["headers"] if k.lower() != _RAW]
        scope["headers"] = (
            headers if isinstance(scope["headers"], list) else tuple(headers)
        )
        making = instances.lacks(header)
        sender.send(header.path, Started(header.id, making))
        recorder = CallRecorder(sender, header)
        try:
            with recorder.app_called():
                instance = await _instance(instances, header, with_lifespan)
                if making:
                    sender.send(header.path, Started(header.id))
                lifespan = instance.lifespan
                if lifespan is not None and lifespan.state is not None:
                    scope["state"] = lifespan.state.copy()
                if header.mount:
                    mount_scope(scope, header.mount)
                recorder.trace.extend(instance.refusal)

                async def forward(message: Any) -> None:
                    if message["type"] == "http.response.start":
                        recorder.check_head(message.get("headers", ()), bytes)
                        recorder.hands_over(message["status"])
                    with recorder.server_called():
                        await send(message)

                with tracing(recorder.trace):
                    await instance.app(scope, receive, forward)
                if not recorder.started and not recorder.cancelled:
                    recorder.breaks_protocol("the app returned without a response")
        finally:
            recorder.end()

    return application


async def _instance(
    instances: Instances, header: RecordingHeader, with_lifespan: bool
) -> Instance:
    instance, old = instances.find(header)
    if old is not None:
        if old.lifespan is not None:
            await old.lifespan.shutdown(LIFESPAN_TIMEOUT)
        old.stack.close()
    own = instance is not instances.default
    if own and with_lifespan and instance.lifespan is None:
        # The server runs only the lifespan of the app that we gave it.
        instance.lifespan = Lifespan(instance.app)
        await instance.lifespan.startup(LIFESPAN_TIMEOUT)
    if instance.lifespan is not None and instance.lifespan.failure is not None:
        message = f"startup failed: {instance.lifespan.failure}"
        raise TargetError(with_cause(message, instance.lifespan.error))
    return instance


async def _answer(send: Any, body: bytes) -> None:
    headers = _plain(body, str.encode)
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _plain(body: bytes, kind: Callable[[str], Any]) -> list[tuple[Any, Any]]:
    return [
        (kind("content-type"), kind("text/plain")),
        (kind("content-length"), kind(str(len(body)))),
    ]
