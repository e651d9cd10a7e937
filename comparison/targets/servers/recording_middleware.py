"""The recording middleware between server and app; neither of them can notice it.

The middleware removes the recording header before it calls the app. It changes nothing
else, in either direction.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from comparison.core.errors import FactoryNeeded, TargetError
from comparison.core.surrogates import printable
from comparison.models import Event
from comparison.targets.in_process.asgi import Lifespan, mount_scope
from comparison.targets.in_process.wsgi import mount_environ
from comparison.targets.spec import Factory, Interface
from comparison.tracing import (
    TraceBuilder,
    current,
    parts_of,
    raised_events,
    recorded,
    tracing,
)

from .channel import AppFailed, Sender, Started
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


class Instances:
    """The app as loaded, and separate instances for cases with settings or `fresh`."""

    def __init__(self, factory: Factory, app: Any) -> None:
        self.factory = factory
        self.default = Instance(app)
        self.others: dict[str, Instance] = {}
        self.fresh: OrderedDict[str, Instance] = OrderedDict()

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
        if key not in existing:
            existing[key] = Instance(self.factory(header.settings, bool(header.fresh)))
            if len(self.fresh) > MAX_FRESH:
                _, old = self.fresh.popitem(last=False)
        return existing[key], old


def _key(header: RecordingHeader) -> str:
    return f"{header.fresh} {sorted(header.settings.items())!r}"


@contextmanager
def _recording(
    sender: Sender, header: RecordingHeader, of_server: Collection[BaseException]
) -> Iterator[TraceBuilder]:
    """Send the trace of a request at its end, and why its app cannot be made.

    `of_server` are the exceptions that the server raised when the app called it.
    """
    trace = TraceBuilder()
    token = current.set(None)
    try:
        yield trace
    except (FactoryNeeded, TargetError) as error:
        unsupported = isinstance(error, FactoryNeeded)
        failed = AppFailed(header.id, printable(str(error)), unsupported)
        sender.send(header.path, failed)
        raise
    except BaseException as error:
        for part in parts_of(error):
            name = "server" if part in of_server else ""
            trace.extend(raised_events("app_raised", part, name))
        raise
    finally:
        current.reset(token)
        sender.ended(header.path, header.id, trace.finish())


@contextmanager
def _noting(raised: list[BaseException]) -> Iterator[None]:
    """Add an exception to a list on its way."""
    try:
        yield
    except BaseException as error:
        raised.append(error)
        raise


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
        of_server: list[BaseException] = []
        with _recording(sender, header, of_server) as trace:
            instance, old = instances.find(header)
            if old is not None:
                old.stack.close()
            if making:
                sender.send(header.path, Started(header.id))

            def start(status: str, headers: Any, exc_info: Any = None) -> Any:
                trace.add(Event("response_handed_over", status=_code(status)))
                given = () if exc_info is None else (exc_info,)
                with _noting(of_server):
                    return start_response(status, headers, *given)

            if header.mount:
                mount_environ(environ, header.mount)
            with tracing(trace):
                return instance.app(environ, start)

    return application


def _asgi(instances: Instances, sender: Sender) -> Callable[..., Any]:
    with_lifespan = False

    async def application(scope: Any, receive: Any, send: Any) -> None:
        nonlocal with_lifespan
        if scope["type"] != "http":
            with_lifespan = with_lifespan or scope["type"] == "lifespan"
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
        of_server: list[BaseException] = []
        with _recording(sender, header, of_server) as trace:
            instance = await _instance(instances, header, with_lifespan)
            if making:
                sender.send(header.path, Started(header.id))
            if instance.lifespan is not None and instance.lifespan.state is not None:
                scope["state"] = instance.lifespan.state.copy()
            if header.mount:
                mount_scope(scope, header.mount)

            async def forward(message: Any) -> None:
                if message["type"] == "http.response.start":
                    trace.add(
                        Event("response_handed_over", status=_code(message["status"]))
                    )
                with _noting(of_server):
                    await send(message)

            with tracing(trace):
                await instance.app(scope, receive, forward)

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
        raise TargetError(f"startup failed: {instance.lifespan.failure}")
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


def _code(status: Any) -> int | None:
    try:
        return int(str(status).partition(" ")[0])
    except ValueError:
        return None
