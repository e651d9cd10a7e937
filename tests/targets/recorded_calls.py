"""Servers that call an app through the recording middleware, and the frames that it sends."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from comparison.core.errors import FactoryNeeded
from comparison.targets.servers.channel import (
    Ended,
    Frame,
    Receiver,
    Returned,
    Sender,
)
from comparison.targets.servers.recording_header import (
    HEADER,
)
from comparison.targets.servers.recording_middleware import (
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
    raise FactoryNeeded("the app is not a factory")


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
