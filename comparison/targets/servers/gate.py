"""What stands between server and app in the child: it records, and hides itself.

Requests of ours carry one header more, which the gate takes off before the app is
called: it says who asked, which instance of the app is meant, and where it is mounted.
All else passes as it is, in both directions.
"""

import base64
import json
from collections import OrderedDict
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple

from comparison.core.errors import FactoryNeeded, TargetError
from comparison.core.surrogates import printable
from comparison.models import Event
from comparison.targets.in_process.asgi import mount_scope
from comparison.targets.in_process.lifespan import Lifespan
from comparison.targets.in_process.wsgi import mount_environ
from comparison.targets.spec import Factory, Interface
from comparison.tracing import TraceBuilder, current, recorded

from .channel import Began, Sender, Unmade

HEADER = "Comparison-Ask"
PROBE = "probe"
FAIL = "fail"
MAX_FRESH = 4
LIFESPAN_TIMEOUT = 10.0  # seconds

_ENVIRON = f"HTTP_{HEADER.upper().replace('-', '_')}"
_RAW = HEADER.lower().encode()


class RawRecording(NamedTuple):
    """The header taken apart: session and number, or a probe's token; and the app.

    `mount` is where the app is to be mounted. `fail` is a probe that is answered with an
    exception.
    """

    path: str
    id: int
    token: str
    settings: dict[str, Any]
    fresh: str
    mount: str = ""
    fail: bool = False


class Failing(Exception):
    """What the gate raises when it is asked to: as an app may that nobody catches."""


def header_value(
    path: str,
    id: int,
    settings: dict[str, Any] | None = None,
    fresh: str = "",
    mount: str = "",
) -> str:
    """The header of a request to be recorded.

    >>> parse(header_value("s1", 7, {"TESTING": True})).settings
    {'TESTING': True}
    """
    text = f"{path} {id}"
    if settings or fresh or mount:
        wanted = json.dumps([settings or {}, fresh, mount], separators=(",", ":"))
        text += f" {base64.b64encode(wanted.encode()).decode()}"
    return text


def probe_value(token: str, fail: bool = False) -> str:
    """The header of a request that the gate answers itself, with the token.

    With `fail` it raises instead.
    """
    return f"{FAIL if fail else PROBE} {token}"


def parse(value: str) -> RawRecording:
    """The header, as it was made by `header_value` or `probe_value`."""
    first, second, *rest = value.split(" ")
    if first in (PROBE, FAIL):
        return RawRecording("", 0, second, {}, "", fail=first == FAIL)
    wanted = json.loads(base64.b64decode(rest[0])) if rest else ({}, "", "")
    return RawRecording(first, int(second), "", *wanted)


class Instance:
    """One app, recorded for as long as it lives."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.stack = ExitStack()
        self.stack.enter_context(recorded(app))
        self.lifespan: Lifespan | None = None


class Instances:
    """The app as it was loaded, and the instances that cases want for themselves."""

    def __init__(self, factory: Factory, app: Any) -> None:
        self.factory = factory
        self.default = Instance(app)
        self.others: dict[str, Instance] = {}
        self.fresh: OrderedDict[str, Instance] = OrderedDict()

    def lacks(self, asked: RawRecording) -> bool:
        """Whether the instance for a request is still to be made."""
        kept = self.fresh if asked.fresh else self.others
        wanted = bool(asked.settings or asked.fresh)
        return wanted and _key(asked) not in kept

    def find(self, asked: RawRecording) -> tuple[Instance, Instance | None]:
        """The instance for a request, and one that is not needed any more.

        Raises FactoryNeeded or TargetError where it cannot be made.
        """
        if not asked.settings and not asked.fresh:
            return self.default, None
        key = _key(asked)
        kept: dict[str, Instance] = self.fresh if asked.fresh else self.others
        old = None
        if key not in kept:
            kept[key] = Instance(self.factory(asked.settings, bool(asked.fresh)))
            if len(self.fresh) > MAX_FRESH:
                _, old = self.fresh.popitem(last=False)
        return kept[key], old


def _key(asked: RawRecording) -> str:
    return f"{asked.fresh} {sorted(asked.settings.items())!r}"


def gate(interface: Interface, instances: Instances, sender: Sender) -> Any:
    """The app to give to a server."""
    make = _wsgi if interface == "wsgi" else _asgi
    return make(instances, sender)


def _wsgi(instances: Instances, sender: Sender) -> Callable[..., Any]:
    def application(environ: dict[str, Any], start_response: Any) -> Any:
        value = environ.pop(_ENVIRON, None)
        if value is None:
            return instances.default.app(environ, start_response)
        asked = parse(value)
        if asked.fail:
            raise Failing
        if asked.token:
            body = asked.token.encode()
            start_response("200 OK", _plain(body, str))
            return [body]
        making = instances.lacks(asked)
        sender.send(asked.path, Began(asked.id, making))
        trace = TraceBuilder()
        token = current.set(trace)
        try:
            instance, old = instances.find(asked)
            if old is not None:
                old.stack.close()
            if making:
                sender.send(asked.path, Began(asked.id))

            def start(status: str, headers: Any, exc_info: Any = None) -> Any:
                trace.add(Event("response_handed_over", status=_code(status)))
                if exc_info is None:
                    return start_response(status, headers)
                return start_response(status, headers, exc_info)

            if asked.mount:
                mount_environ(environ, asked.mount)
            return instance.app(environ, start)
        except (FactoryNeeded, TargetError) as error:
            unsupported = isinstance(error, FactoryNeeded)
            sender.send(
                asked.path, Unmade(asked.id, printable(str(error)), unsupported)
            )
            raise
        finally:
            current.reset(token)
            sender.ended(asked.path, asked.id, trace.finish())

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
        asked = parse(bytes(value).decode("ascii"))
        if asked.fail:
            raise Failing
        if asked.token:
            await _answer(send, asked.token.encode())
            return
        headers = [(k, v) for k, v in scope["headers"] if k.lower() != _RAW]
        scope["headers"] = (
            headers if isinstance(scope["headers"], list) else tuple(headers)
        )
        making = instances.lacks(asked)
        sender.send(asked.path, Began(asked.id, making))
        trace = TraceBuilder()
        token = current.set(None)
        try:
            instance = await _instance(instances, asked, with_lifespan)
            if making:
                sender.send(asked.path, Began(asked.id))
            if instance.lifespan is not None and instance.lifespan.state is not None:
                scope["state"] = instance.lifespan.state.copy()
            if asked.mount:
                mount_scope(scope, asked.mount)
            current.set(trace)

            async def forward(message: Any) -> None:
                if message["type"] == "http.response.start":
                    trace.add(
                        Event("response_handed_over", status=_code(message["status"]))
                    )
                await send(message)

            await instance.app(scope, receive, forward)
        except (FactoryNeeded, TargetError) as error:
            unsupported = isinstance(error, FactoryNeeded)
            sender.send(
                asked.path, Unmade(asked.id, printable(str(error)), unsupported)
            )
            raise
        finally:
            current.reset(token)
            sender.ended(asked.path, asked.id, trace.finish())

    return application


async def _instance(
    instances: Instances, asked: RawRecording, with_lifespan: bool
) -> Instance:
    instance, old = instances.find(asked)
    if old is not None:
        if old.lifespan is not None:
            await old.lifespan.shutdown(LIFESPAN_TIMEOUT)
        old.stack.close()
    own = instance is not instances.default
    if own and with_lifespan and instance.lifespan is None:
        # The server runs the lifespan of the app that it was given, and only that.
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
