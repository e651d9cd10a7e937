"""The recording middleware, called as a server calls it, and the frames that it sends."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from comparison.core.errors import FactoryNeeded, TargetError
from comparison.models import SECOND, Event
from comparison.targets.servers.call_recorder import AFTER_RETURN, NOT_STARTED
from comparison.targets.servers.channel import (
    AppFailed,
    Ended,
    Frame,
    Loaded,
    Receiver,
    Returned,
    Sender,
    Started,
)
from comparison.targets.servers.recording_header import (
    HEADER,
    header_value,
    parse,
    probe_value,
)
from comparison.targets.servers.recording_middleware import (
    MAX_FRESH,
    Failing,
    Instances,
    recording_middleware,
)

OK = [("Content-Type", "text/plain")]
ENVIRON = f"HTTP_{HEADER.upper().replace('-', '_')}"
Frames = Callable[[], list[Frame]]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    receiver = Receiver(tmp_path, "s1")
    yield receiver
    receiver.close()


@pytest.fixture
def sender(tmp_path: Path, receiver: Receiver) -> Iterator[Sender]:
    sender = Sender(str(tmp_path))
    yield sender
    for connection in sender.connections.values():
        if connection is not None:
            connection.close()


@pytest.fixture
def frames(receiver: Receiver) -> Frames:
    return lambda: list(receiver.frames())


def no_factory(settings: dict[str, Any], fresh: bool) -> Any:
    raise FactoryNeeded("the app is no factory")


class Wsgi:
    """A server that calls a WSGI app."""

    def __init__(self, sender: Sender, app: Any, factory: Any = no_factory) -> None:
        self.instances = Instances(factory, app)
        self.app = recording_middleware("wsgi", self.instances, sender)
        self.started: list[Any] = []
        self.environ: dict[str, Any] = {}

    def call(self, header: str | None, **more: Any) -> Any:
        self.environ = {"PATH_INFO": "/shop/a", **more}
        if header is not None:
            self.environ[ENVIRON] = header

        def start_response(*given: Any) -> None:
            self.started.append(given)

        return self.app(self.environ, start_response)


def events_in(frames: list[Frame]) -> list[tuple[str, str, int | None]]:
    return [
        (event.event, event.detail, event.status)
        for frame in frames
        if isinstance(frame, Ended | Returned)
        for event in frame.events
    ]


HANDED = ("response_handed_over", "", 200)


def plain(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    assert ENVIRON not in environ
    start_response("200 OK", OK)
    return [b"a", b"b"]


def test_a_request_without_our_header_reaches_the_app_alone(
    sender: Sender, frames: Frames
) -> None:
    server = Wsgi(sender, plain)
    assert server.call(None) == [b"a", b"b"]
    assert server.started == [("200 OK", OK)] and frames() == []


def test_a_probe_is_answered_by_the_middleware(sender: Sender) -> None:
    server = Wsgi(sender, None)
    assert server.call(probe_value("token")) == [b"token"]
    head = [("content-type", "text/plain"), ("content-length", "5")]
    assert server.started == [("200 OK", head)]
    with pytest.raises(Failing):
        server.call(probe_value("token", fail=True))


def test_a_list_is_passed_on_and_its_trace_sent(sender: Sender, frames: Frames) -> None:
    server = Wsgi(sender, plain)
    assert server.call(header_value("s1", 7)) == [b"a", b"b"]
    assert server.started == [("200 OK", OK)]
    started, ended = frames()
    assert started == Started(7) and isinstance(ended, Ended) and ended.id == 7
    assert events_in([ended]) == [HANDED]


def test_a_mount_moves_from_the_path_to_the_script_name(sender: Sender) -> None:
    server = Wsgi(sender, plain)
    server.call(header_value("s1", 7, mount="/shop"), SCRIPT_NAME="/x")
    assert (server.environ["SCRIPT_NAME"], server.environ["PATH_INFO"]) == (
        "/x/shop",
        "/a",
    )


def generating(environ: Any, start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", OK)
    yield b"a"
    yield "b"  # type: ignore[misc]


class Closing:
    """A body with `close`."""

    def __init__(self, *chunks: Any, error: Exception | None = None) -> None:
        self.chunks, self.error, self.closed = chunks, error, False

    def __iter__(self) -> Iterator[Any]:
        return iter(self.chunks)

    def close(self) -> None:
        self.closed = True
        if self.error:
            raise self.error


def test_a_generated_body_is_recorded_while_it_is_iterated(
    sender: Sender, frames: Frames
) -> None:
    body = Wsgi(sender, generating).call(header_value("s1", 7))
    assert [type(each) for each in frames()] == [Started, Returned]
    assert list(body) == [b"a", "b"]
    body.close()
    (ended,) = frames()
    assert isinstance(ended, Ended)
    assert events_in([ended]) == [
        ("response_handed_over", AFTER_RETURN, 200),
        ("protocol_broken", "the body has a piece of type str, not bytes", None),
    ]


def test_a_body_without_close_ends_with_its_last_reference(
    sender: Sender, frames: Frames
) -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", OK)
        return iter([b"a"])

    body = Wsgi(sender, app).call(header_value("s1", 7))
    assert not hasattr(body, "close") and iter(body) is body
    assert [*body] == [b"a"]
    assert [type(each) for each in frames()] == [Started, Returned]
    del body
    assert frames() == [Ended(7, ())]


def test_a_body_with_close_is_closed_and_its_trace_ends(
    sender: Sender, frames: Frames
) -> None:
    made = Closing(b"a")

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", OK)
        return made

    body = Wsgi(sender, app).call(header_value("s1", 7))
    assert next(body) == b"a"
    assert events_in(frames()) == [HANDED]
    body.close()
    assert made.closed
    assert [type(each) for each in frames()] == [Ended]
    del body
    assert frames() == []


def test_what_close_and_iteration_raise_is_recorded(
    sender: Sender, frames: Frames
) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", OK)
        return Closing(b"a", error=ValueError("no"))

    body = Wsgi(sender, app).call(header_value("s1", 7))
    with pytest.raises(ValueError, match="no"):
        body.close()
    assert events_in(frames()) == [HANDED, ("app_raised", "ValueError: no", None)]

    def failing(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", OK)
        yield b"a"
        raise KeyError("b")

    body = Wsgi(sender, failing).call(header_value("s1", 8))
    with pytest.raises(KeyError):
        list(body)
    body.close()
    assert events_in(frames())[-1] == ("app_raised", "KeyError: 'b'", None)


def test_a_file_of_the_server_is_passed_on(sender: Sender, frames: Frames) -> None:
    wrapped = Closing(b"a")

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", OK)
        return wrapped

    server = Wsgi(sender, app)
    body = server.call(header_value("s1", 7), **{"wsgi.file_wrapper": Closing})
    assert body is wrapped
    assert [type(each) for each in frames()] == [Started, Ended]


@pytest.mark.parametrize(
    ("starts", "body", "found"),
    [
        ([], [b"a"], [("protocol_broken", NOT_STARTED, None)]),
        ([], iter([b"a"]), [("protocol_broken", NOT_STARTED, None)]),
        ([("200 OK", OK)], [b"a", 3, bytearray(b"b"), memoryview(b"c")], [
            HANDED, ("protocol_broken", "the body has a piece of type int, not bytes", None),
        ]),
        ([("200 OK", OK)] * 2, [b"a"], [HANDED, ("protocol_broken", SECOND, None), HANDED]),
        ([("200 OK", OK), ("500 NO", OK, (KeyError, KeyError("a"), None))], [b"a"],
         [HANDED, ("response_handed_over", "", 500)]),
        ([("200 OK", [("A", b"b")])], [b"a"], [
            ("protocol_broken", "a header field has a piece of type bytes, not str", None), HANDED,
        ]),
        ([("200 OK", [("A", 3), ("B", 4), "CD"])], [b"a"], [
            ("protocol_broken", "a header field has a piece of type int, not str", None), HANDED,
        ]),
        ([("200 OK", iter(OK))], [b"a"], [HANDED]),
        ([("OK", OK)], [b"a"], [("response_handed_over", "", None)]),
        ([(404, OK)], [b"a"], [("response_handed_over", "", 404)]),
    ],
)  # fmt: skip
def test_what_breaks_the_protocol_is_recorded(
    starts: list[Any], body: Any, found: list[Any], sender: Sender, frames: Frames
) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        for given in starts:
            start_response(*given)
        return body

    server = Wsgi(sender, app)
    result = server.call(header_value("s1", 7))
    if not isinstance(result, list):
        list(result)
    del result
    assert server.started == starts
    assert events_in(frames()) == found


def test_exceptions_of_the_app_and_of_the_server_are_told_apart(
    sender: Sender, frames: Frames
) -> None:
    def raising(environ: Any, start_response: Any) -> Any:
        raise KeyError("a")

    with pytest.raises(KeyError):
        Wsgi(sender, raising).call(header_value("s1", 7))
    _, ended = frames()
    assert isinstance(ended, Ended)
    (event,) = ended.events
    assert (event.event, event.name, event.detail) == (
        "app_raised",
        "",
        "KeyError: 'a'",
    )
    assert event.source == 'raise KeyError("a")'

    server = Wsgi(sender, plain)

    def rejecting(*given: Any) -> None:
        raise ValueError("no such status")

    with pytest.raises(ValueError, match="no such status"):
        server.app({ENVIRON: header_value("s1", 8)}, rejecting)
    _, ended = frames()
    assert isinstance(ended, Ended)
    assert [(e.event, e.name) for e in ended.events] == [
        ("response_handed_over", ""),
        ("app_raised", "server"),
    ]


# Instances -----------------------------------------------------------------------------


class Factory:
    """Makes apps that name their number and their settings."""

    def __init__(self) -> None:
        self.made: list[tuple[dict[str, Any], bool]] = []

    def __call__(self, settings: dict[str, Any], fresh: bool) -> Any:
        self.made.append((settings, fresh))
        number = len(self.made)

        def app(environ: Any, start_response: Any) -> list[bytes]:
            start_response("200 OK", OK)
            return [str(number).encode()]

        return app


def test_settings_and_fresh_cases_have_apps_of_their_own(
    sender: Sender, frames: Frames
) -> None:
    factory = Factory()
    server = Wsgi(sender, plain, factory)
    debug: dict[str, Any] = {"DEBUG": True, "A": 1}
    other = {"DEBUG": False}
    bodies = [
        server.call(header_value("s1", number, settings, fresh))[0]
        for number, (settings, fresh) in enumerate(
            [(debug, ""), ({"A": 1, "DEBUG": True}, ""), (other, ""), (debug, "f1"),
             (debug, "f1"), ({}, "f1"), (debug, "")]
        )
    ]  # fmt: skip
    assert bodies == [b"1", b"1", b"2", b"3", b"3", b"4", b"1"]
    assert factory.made == [(debug, False), (other, False), (debug, True), ({}, True)]
    marks = [(f.id, f.making) for f in frames() if isinstance(f, Started)]
    # A request that has to wait for its app says so, and once more when it is made.
    assert marks == [
        (0, True), (0, False), (1, False), (2, True), (2, False), (3, True), (3, False),
        (4, False), (5, True), (5, False), (6, False),
    ]  # fmt: skip


def test_the_oldest_fresh_app_is_discarded() -> None:
    instances = Instances(Factory(), None)
    headers = [
        parse(header_value("s1", n, None, f"f{n}")) for n in range(MAX_FRESH + 1)
    ]
    found = [instances.find(header) for header in headers]
    assert [old for _, old in found[:-1]] == [None] * MAX_FRESH
    assert found[-1][1] is found[0][0]
    assert [instances.lacks(h) for h in headers] == [True] + [False] * MAX_FRESH
    plain_header = parse(header_value("s1", 9))
    assert not instances.lacks(plain_header)
    assert instances.find(plain_header) == (instances.default, None)


@pytest.mark.parametrize(
    ("error", "unsupported"),
    [(FactoryNeeded("no factory \udce9"), True), (TargetError("no factory \udce9"), False)],
)  # fmt: skip
def test_an_app_that_cannot_be_made_is_reported(
    error: Exception, unsupported: bool, sender: Sender, frames: Frames
) -> None:
    def factory(settings: Any, fresh: bool) -> Any:
        raise error

    server = Wsgi(sender, plain, factory)
    with pytest.raises(type(error)):
        server.call(header_value("s1", 7, {"A": 1}))
    started, failed, ended = frames()
    assert started == Started(7, True)
    assert failed == AppFailed(7, "no factory \\udce9", unsupported)
    assert ended == Ended(7, ())


# ASGI ----------------------------------------------------------------------------------


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
    assert AppFailed(9, "startup failed: no shelf", False) in frames()


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


# Frames --------------------------------------------------------------------------------


def test_a_trace_that_is_too_long_is_truncated(sender: Sender, frames: Frames) -> None:
    events = tuple(Event("logged", detail="x" * 1000) for _ in range(320))
    sender.ended("s1", 7, events)
    (ended,) = frames()
    assert isinstance(ended, Ended)
    *first, last = ended.events
    assert last.event == "truncated" and first == list(events[: len(first)])
    assert 30 < len(first) < 80
    sender.ended("s1", 8, events[:70])
    assert frames() == [Ended(8, events[:70])]


def test_frames_of_a_session_that_does_not_listen_are_dropped(sender: Sender) -> None:
    sender.send("s2", Started(1))
    assert sender.connections["s2"] is None
    sender.send("s2", Started(2))


def test_a_fork_has_connections_of_its_own(
    sender: Sender, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender.send("s1", Started(1))
    first = sender.connections["s1"]
    sender.send("s1", Started(2))
    assert sender.connections["s1"] is first and first is not None
    monkeypatch.setattr(os, "getpid", lambda: 1)
    sender.send("s1", Started(3))
    assert sender.connections["s1"] is not first
    assert [frame.id for frame in receiver.frames()] == [1, 2, 3]  # type: ignore[union-attr]
    assert not receiver.disconnected
    first.close()
    assert list(receiver.frames()) == [] and receiver.disconnected
    assert len(receiver.buffers) == 1


def test_frames_arrive_whole_and_bytes_of_the_app_disconnect(
    sender: Sender, receiver: Receiver, tmp_path: Path
) -> None:
    sender.send("s1", Started(1))
    assert receiver.next(5) == Started(1)
    connection = sender.connections["s1"]
    assert connection is not None
    connection.sendall(b"\x00\x00")
    assert receiver.next(0.01) is None
    connection.sendall(b"\x00\x03abc")
    assert receiver.next(5) is None
    assert receiver.disconnected
    assert receiver.next(0) is None


def test_the_receiver_waits_for_the_end_of_an_exchange(
    sender: Sender, receiver: Receiver
) -> None:
    one, other = Event("view_called"), Event("view_returned")
    # Nothing has reached the app.
    assert receiver.wait(1, 5) is None and not receiver.started
    sender.send("s1", Loaded(1, "flask", "wsgi", "x", {}))
    sender.send("s1", Started(1, True))
    assert receiver.wait(1, 0) is None
    assert receiver.started and receiver.making
    # The rest of a trace, or what came of it.
    sender.send("s1", Returned(2, (one,)))
    sender.send("s1", Ended(2, (other,)))
    assert receiver.wait(2, 5) == Ended(2, (one, other))
    sender.send("s1", Started(3))
    sender.send("s1", Returned(3, (one,)))
    assert receiver.wait(3, 0) == Ended(3, (one,))
    assert receiver.started and not receiver.making
    failed = AppFailed(4, "no", True)
    sender.send("s1", Started(4))
    sender.send("s1", failed)
    assert receiver.wait(4, 5) == failed
    # Frames of exchanges that are in flight stay for later.
    sender.send("s1", Ended(6, (one,)))
    sender.send("s1", Ended(5, (other,)))
    assert receiver.wait(5, 5, (5, 6)) == Ended(5, (other,))
    assert receiver.wait(6, 5, (5, 6)) == Ended(6, (one,))
    sender.send("s1", Ended(8, (one,)))
    assert receiver.wait(7, 0, (7, 8)) is None
    assert receiver.wait(8, 0) is None
    # A sender that disconnects sends no more.
    sender.send("s1", Started(9))
    connection = sender.connections["s1"]
    assert isinstance(connection, socket.socket)
    connection.close()
    assert receiver.wait(9, 60) is None and receiver.disconnected
