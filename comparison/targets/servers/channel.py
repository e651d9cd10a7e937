"""Frames from a server's child process to us, over a Unix socket.

Each session listens at its own path. The process that answers a request connects to the
path of the session that sent it. So threads share nothing, and when a process ends, its
connection ends.
"""

import os
import select
import socket
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec

from comparison.models import Event

MAX_EVENTS = 80_000  # bytes that fit into a socket before we read it
SEND_TIMEOUT = 1.0  # seconds
CHECK = 0.05  # seconds between checks of states that we cannot wait for


class Loaded(msgspec.Struct, tag=True):
    """The app is loaded, and the server will start now."""

    pid: int
    framework: str | None
    interface: str
    server: str
    settings: dict[str, Any]


class LoadFailed(msgspec.Struct, tag=True):
    """The app or the server cannot be loaded. `usage` marks an error of the user."""

    message: str
    traceback: str
    usage: bool = False


class Started(msgspec.Struct, tag=True):
    """A request has reached the app; with `making`, the app for it must be made first."""

    id: int
    making: bool = False


class Returned(msgspec.Struct, tag=True):
    """The app has returned, and the server iterates over its body; `events` so far."""

    id: int
    events: tuple[Event, ...]


class Ended(msgspec.Struct, tag=True):
    """The app is done; `events` is the trace, or the rest of it after `Returned`."""

    id: int
    events: tuple[Event, ...]


class AppFailed(msgspec.Struct, tag=True):
    """The app for a case cannot be made."""

    id: int
    message: str
    unsupported: bool


Frame = Loaded | LoadFailed | Started | Returned | Ended | AppFailed

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode


class Sender:
    """The child's end: one connection for each path, in each process."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.process = os.getpid()
        self.connections: dict[str, socket.socket | None] = {}

    def send(self, path: str, frame: Frame) -> None:
        """Send a frame to a session; drop it if the session does not listen any more."""
        if self.process != os.getpid():
            # This is a fork: the connections belong to the parent.
            self.process, self.connections = os.getpid(), {}
        if path not in self.connections:
            self.connections[path] = self._connect(path)
        connection = self.connections[path]
        if connection is None:
            return
        data = _encode(frame)
        try:
            connection.sendall(len(data).to_bytes(4, "big") + data)
        except OSError:
            connection.close()
            self.connections[path] = None

    def ended(self, path: str, id: int, events: tuple[Event, ...]) -> None:
        """Send the trace of an exchange; truncate it to `MAX_EVENTS`."""
        while events and len(_encode(events)) > MAX_EVENTS:
            first = events[: len(events) // 2]
            omitted = f"{len(events) - len(first)} more events"
            events = (*first[:-1], Event("truncated", detail=omitted))
        self.send(path, Ended(id, events))

    def _connect(self, path: str) -> socket.socket | None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SEND_TIMEOUT)
        try:
            connection.connect(f"{self.folder}/{path}")
        except OSError:
            connection.close()
            return None
        return connection


class Receiver:
    """Our end: it receives frames, and notices when a sender disconnects."""

    def __init__(self, folder: Path, path: str) -> None:
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(folder / path))
        self.listener.listen(16)
        self.listener.setblocking(False)
        self.buffers: dict[socket.socket, bytearray] = {}
        self.disconnected = False
        self.started = False
        self.making = False
        self.early: dict[int, list[Started | Returned | Ended | AppFailed]] = {}

    def wait(
        self, id: int, seconds: float, in_flight: Collection[int] = ()
    ) -> Ended | AppFailed | None:
        """Wait for the last frame of an exchange, after the client has seen its end.

        Returns None if the request never reached the app, if its process ended, or if no
        frame came in time. If only the rest of a trace is missing, return what came. A
        request that reaches the app sends a frame before the answer.
        `started` says whether it did, and `making` whether the app is still being made.
        The frames of other exchanges that were `in_flight` stay for later calls.
        """
        self.started = self.making = False
        so_far: Ended | None = None
        deadline = time.monotonic() + seconds
        if not in_flight:
            self.early.clear()
        while True:
            for frame in self.frames():
                if not isinstance(frame, Loaded | LoadFailed):
                    self.early.setdefault(frame.id, []).append(frame)
            for frame in self.early.pop(id, ()):
                if isinstance(frame, Returned):
                    so_far = Ended(id, frame.events)
                elif isinstance(frame, Ended):
                    before = () if so_far is None else so_far.events
                    return Ended(id, (*before, *frame.events))
                elif isinstance(frame, AppFailed):
                    return frame
                else:
                    self.started, self.making = True, frame.making
            left = deadline - time.monotonic()
            if not self.started or self.disconnected or left <= 0:
                return so_far
            select.select([self.listener, *self.buffers], [], [], left)

    def next(self, seconds: float) -> Frame | None:
        """Return the next frame, or None if none comes in time."""
        select.select([self.listener, *self.buffers], [], [], seconds)
        return next(self.frames(), None)

    def frames(self) -> Iterator[Frame]:
        """Yield the frames so far; set `disconnected` if a sender has disconnected."""
        found = []
        for connection, buffer in list(self.buffers.items()):
            self._read(connection, buffer)
        while True:
            try:
                connection, _ = self.listener.accept()
            except BlockingIOError:
                break
            connection.setblocking(False)
            self.buffers[connection] = bytearray()
            self._read(connection, self.buffers[connection])
        for buffer in self.buffers.values():
            while len(buffer) >= 4:
                size = int.from_bytes(buffer[:4], "big")
                if len(buffer) < 4 + size:
                    break
                try:
                    found.append(_decode(bytes(buffer[4 : 4 + size])))
                except msgspec.MsgspecError:
                    # The app has written to our socket. We cannot trust this sender.
                    self.disconnected = True
                    buffer.clear()
                del buffer[: 4 + size]
        self.buffers = {c: b for c, b in self.buffers.items() if c.fileno() >= 0}
        yield from found

    def close(self) -> None:
        """Stop listening."""
        self.listener.close()
        for connection in self.buffers:
            connection.close()

    def _read(self, connection: socket.socket, buffer: bytearray) -> None:
        while True:
            try:
                data = connection.recv(1 << 18)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self.disconnected = True
                connection.close()
                return
            buffer += data
            if len(data) < 1 << 18:
                return
