"""The recording middleware around an ASGI app."""

import asyncio
from typing import Any

import pytest

from comparison.core.errors import TargetError
from comparison.models import SECOND
from comparison.targets.servers.channel import (
    AppFailed,
    Sender,
    Started,
)
from comparison.targets.servers.recording_header import (
    HEADER,
    header_value,
    probe_value,
)
from comparison.targets.servers.recording_middleware import (
    MAX_FRESH,
    Failing,
    Instances,
    recording_middleware,
)
from tests.targets.recorded_calls import (
    HANDED,
    Frames,
    events_in,
    frames,
    no_factory,
    receiver,
    sender,
)

__all__ = ["frames", "receiver", "sender"]


class Asgi:
    """A server that calls an ASGI app."""

    def __init__(self, sender: Sender, app: Any, factory: Any = no_factory) -> None:
        self.instances = Instances(factory, app)
        self.app = recording_middleware("asgi", self.instances, sender)
        self.sent: list[Any] = []

    def call(self, header: str | None, headers: Any = (), **scope: Any) -> Any:
        if header is not None:
            headers = type(headers)(
                [*headers, (HEADER.title().encode(), header.encode())]
            )
        given = {"type": "http", "headers": headers, **scope}

        async def send(message: Any) -> None:
            self.sent.append(message)

        asyncio.run(self.app(given, None, send))
        return given


START = {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}


BODY = {"type": "http.response.body", "body": b"c"}


async def answering(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send(BODY)


def test_an_asgi_app_is_called_without_our_header(
    sender: Sender, frames: Frames
) -> None:
    for headers in ([(b"x", b"y")], ((b"x", b"y"),)):
        server = Asgi(sender, answering)
        scope = server.call(
            header_value("s1", 7, mount="/shop"), headers, root_path="/x"
        )
        assert scope["headers"] == headers and scope["root_path"] == "/x/shop"
        assert server.sent == [START, BODY]
        started, ended = frames()
        assert started == Started(7) and events_in([ended]) == [HANDED]
        scope = server.call(None, headers)
        assert scope["headers"] is headers and frames() == []


def test_a_probe_of_an_asgi_app_is_answered(sender: Sender) -> None:
    server = Asgi(sender, None)
    server.call(probe_value("token"))
    head = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
    assert server.sent == [
        {"type": "http.response.start", "status": 200, "headers": head},
        {"type": "http.response.body", "body": b"token"},
    ]
    with pytest.raises(Failing):
        server.call(probe_value("token", fail=True))


async def silent(scope: Any, receive: Any, send: Any) -> None:
    pass


async def cancelled(scope: Any, receive: Any, send: Any) -> None:
    raise asyncio.CancelledError


async def twice(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send({"type": "http.response.start", "status": 404})


async def texts(scope: Any, receive: Any, send: Any) -> None:
    await send({**START, "headers": [("a", b"b")]})


@pytest.mark.parametrize(
    ("app", "raised", "found"),
    [
        (silent, None, [("protocol_broken", "the app returned without a response", None)]),
        (cancelled, asyncio.CancelledError, [("app_raised", "CancelledError", None)]),
        (twice, None, [HANDED, ("protocol_broken", SECOND, None), ("response_handed_over", "", 404)]),
        (texts, None, [("protocol_broken", "a header field has a piece of type str, not bytes", None), HANDED]),
    ],
)  # fmt: skip
def test_what_breaks_the_asgi_protocol_is_recorded(
    app: Any, raised: Any, found: list[Any], sender: Sender, frames: Frames
) -> None:
    server = Asgi(sender, app)
    if raised is None:
        server.call(header_value("s1", 7))
    else:
        with pytest.raises(raised):
            server.call(header_value("s1", 7))
    assert events_in(frames()) == found


class Living:
    """Makes ASGI apps with a lifespan, which note what happens."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def __call__(self, settings: Any, fresh: bool) -> Any:
        number = settings.get("n", 0)

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "lifespan":
                await receive()
                if number == 9:
                    await send(
                        {"type": "lifespan.startup.failed", "message": "no shelf"}
                    )
                    return
                scope["state"]["shelf"] = number
                self.seen.append(("started", number))
                await send({"type": "lifespan.startup.complete"})
                await receive()
                self.seen.append(("stopped", number))
                await send({"type": "lifespan.shutdown.complete"})
                return
            self.seen.append(("called", number, scope.get("state")))
            await answering(scope, receive, send)

        return app


def test_an_app_of_a_case_is_started_if_the_server_runs_lifespans(
    sender: Sender, frames: Frames
) -> None:
    living = Living()
    server = Asgi(sender, living({}, False), living)

    async def run() -> None:
        async def send(message: Any) -> None:
            pass

        async def receive() -> Any:
            return {"type": "lifespan.startup"}

        async def call(number: int, fresh: str = "") -> None:
            value = header_value("s1", number, {"n": number}, fresh).encode()
            scope = {"type": "http", "headers": [(HEADER.lower().encode(), value)]}
            await server.app(scope, None, send)

        await call(1)
        await server.app({"type": "lifespan", "state": {}}, receive, send)
        await call(2)
        await call(2)
        for number in range(3, 4 + MAX_FRESH):
            await call(number, f"f{number}")
        with pytest.raises(TargetError, match="startup failed: no shelf"):
            await call(9)

    asyncio.run(run())
    assert living.seen[:5] == [
        ("called", 1, None),
        ("started", 0), ("stopped", 0),
        ("started", 2), ("called", 2, {"shelf": 2}),
    ]  # fmt: skip
    assert living.seen.count(("started", 2)) == 1
    assert ("stopped", 3) in living.seen and ("stopped", 4) not in living.seen
    sent = frames()
    assert AppFailed(9, "startup failed: no shelf", False) in sent
    marks = [(each.id, each.making) for each in sent if isinstance(each, Started)]
    # The first request has to wait for its app, and says so when it has one.
    assert marks[:5] == [(1, True), (1, False), (2, True), (2, False), (2, False)]
    assert (9, True) in marks and (9, False) not in marks


def test_an_app_that_raises_instead_of_starting_is_noted(
    sender: Sender, frames: Frames
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise KeyError(scope["type"])
        await answering(scope, receive, send)

    server = Asgi(sender, app)
    for kind in ("websocket", "lifespan"):
        with pytest.raises(KeyError):
            asyncio.run(server.app({"type": kind}, None, None))
        server.call(header_value("s1", 7))
        found = events_in(frames())
        refused = [("lifespan_raised", "KeyError: 'lifespan'", None)]
        assert found == [*(refused if kind == "lifespan" else []), HANDED]
