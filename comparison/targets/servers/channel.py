"""What the child process tells us beside HTTP: frames over a Unix socket.

Each session listens at a path of its own, and whichever process answers a request
connects to the path of the session that asked. So nothing is shared between threads,
and the end of a process is seen as the end of its connection.
"""

import os
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from comparison.models import Event

MAX_EVENTS = 80_000  # bytes: what fits into a socket that nobody is reading yet
SEND_TIMEOUT = 1.0  # seconds
CHECK = 0.05  # seconds between looks at what cannot be waited for


class Hello(msgspec.Struct, tag=True):
    """The app is loaded and the server about to serve."""

    pid: int
    framework: str | None
    interface: str
    server: str
    settings: dict[str, Any]


class Refused(msgspec.Struct, tag=True):
    """The app or the server cannot be had. `usage` says whose mistake it is."""

    message: str
    traceback: str
    usage: bool = False


class Began(msgspec.Struct, tag=True):
    """A request has reached the app, or the place where its app is made first."""

    id: int
    making: bool = False


class Ended(msgspec.Struct, tag=True):
    """The app has returned; what happened in between."""

    id: int
    events: tuple[Event, ...]


class Unmade(msgspec.Struct, tag=True):
    """The app that a case needs cannot be made."""

    id: int
    message: str
    unsupported: bool


Frame = Hello | Refused | Began | Ended | Unmade

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode


class Sender:
    """The child's end: one connection for each path, in each process."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.process = os.getpid()
        self.connections: dict[str, socket.socket | None] = {}

    def send(self, path: str, frame: Frame) -> None:
        """Send a frame to a session; where nobody listens any more it is lost."""
        if self.process != os.getpid():
            # A fork: the connections belong to the parent.
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
        """Send the trace of an exchange, cut where it would not fit."""
        while events and len(_encode(events)) > MAX_EVENTS:
            kept = events[: len(events) // 2]
            left_out = f"{len(events) - len(kept)} more events"
            events = (*kept[:-1], Event("truncated", detail=left_out))
        self.send(path, Ended(id, events))

    def _connect(self, path: str) -> socket.socket | None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SEND_TIMEOUT)
        try:
            connection.connect(f"{self.folder}/{path}")
        except OSError:
            return None
        return connection


class Receiver:
    """Our end: frames as they come, and whether a process that spoke has gone."""

    def __init__(self, folder: Path, path: str) -> None:
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(folder / path))
        self.listener.listen(16)
        self.listener.setblocking(False)
        self.buffers: dict[socket.socket, bytearray] = {}
        self.gone = False
        self.began = False
        self.making = False

    def wait(self, id: int, seconds: float) -> Ended | Unmade | None:
        """What is said of an exchange, of which the client has seen the end.

        None if the request never reached the app (it would have said so before it
        answered), or its process ended, or nothing came in time. `began` tells whether
        it reached the app, `making` whether that was still being made.
        """
        self.began = self.making = False
        deadline = time.monotonic() + seconds
        while True:
            for frame in self.frames():
                if isinstance(frame, Ended | Unmade) and frame.id == id:
                    return frame
                if isinstance(frame, Began) and frame.id == id:
                    self.began, self.making = True, frame.making
            left = deadline - time.monotonic()
            if not self.began or self.gone or left <= 0:
                return None
            select.select([self.listener, *self.buffers], [], [], left)

    def next(self, seconds: float) -> Frame | None:
        """The next frame, or None if none comes in time."""
        select.select([self.listener, *self.buffers], [], [], seconds)
        return next(self.frames(), None)

    def frames(self) -> Iterator[Frame]:
        """The frames that have come by now. `gone` tells whether a sender went away."""
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
                    # An app has changed what its process writes: it is as good as gone.
                    self.gone = True
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
                self.gone = True
                connection.close()
                return
            buffer += data
            if len(data) < 1 << 18:
                return
