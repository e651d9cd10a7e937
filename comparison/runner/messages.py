"""The messages between a pool and its workers. The length precedes each message.

Messages to a worker are pickled. Messages from a worker are MessagePack, because apps
run there and unpickling could run their code.
"""

import pickle
import socket
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from comparison.core.processes.call import Problem
from comparison.known import KnownDifferences
from comparison.models import (
    Case,
    Comparison,
    Difference,
    Expectation,
    Recording,
    Stale,
    TargetInfo,
    Verdict,
)
from comparison.targets import RawRecording, Target
from comparison.verdict import Tally

DEFAULT_TIMEOUT = 10.0  # seconds
LENGTH = 8  # bytes
LONGEST = 1 << 33  # bytes

UrlMap = tuple[tuple[str, str], ...]
"""The rules of an app, each with a method."""


class Settings(NamedTuple):
    """Settings for running cases. `timeout` is in seconds, for each request.

    With `lines`, each line of a view in process is recorded. Without `tables`,
    recordings have none.
    """

    timeout: float
    lines: bool = False
    tables: bool = True


class Load(NamedTuple):
    """The message to a host: which targets to load, and whether to report url maps."""

    targets: dict[str, Target]
    url_maps: bool


class Setup(NamedTuple):
    """The first message to a worker: how to run cases and compare.

    `processors` has one for each worker, or none where workers may use all.
    """

    known: KnownDifferences
    settings: Settings
    processors: list[int]


class Batch(NamedTuple):
    """Cases for a worker. `recorded` has earlier recordings, by index and target.

    `targets` replace those of the setup, in the same process.
    """

    cases: list[Case]
    recorded: dict[int, dict[str, RawRecording]]
    lines: bool
    targets: dict[str, Target] | None = None


class Compared(Struct, array_like=True, gc=False):
    """A comparison from a worker, without its case: the receiver has the case."""

    verdict: Verdict
    expectation: Expectation
    differences: tuple[Difference, ...]
    recordings: dict[str, Recording]
    stale: tuple[Stale, ...]
    normalised: tuple[str, ...]
    agreed: tuple[tuple[str, str], ...]

    def of(self, case: Case) -> Comparison:
        """Return the comparison with this case."""
        return Comparison(
            case, self.verdict, self.expectation, self.differences, self.recordings,
            self.stale, self.normalised, self.agreed,
        )  # fmt: skip


class Ready(Struct, tag=True):
    """The host has loaded the apps, and can or cannot be forked."""

    url_maps: dict[str, UrlMap]
    forks: bool


class Started(Struct, tag=True):
    """A worker is ready for cases."""

    infos: tuple[TargetInfo, ...]


class Failed(Struct, tag=True):
    """A target cannot be loaded."""

    problem: Problem


class Answer(Struct, tag=True, gc=False):
    """The next comparisons of the oldest batch; `last` says that it has no more.

    A `problem` has ended the batch.
    """

    compared: list[Compared]
    tally: Tally
    last: bool
    problem: Problem | None = None


def compared(comparison: Comparison) -> Compared:
    """Return a comparison without its case."""
    return Compared(
        comparison.verdict, comparison.expectation, comparison.differences,
        comparison.recordings, comparison.stale, comparison.normalised,
        comparison.agreed,
    )  # fmt: skip


_encode = msgspec.msgpack.Encoder().encode
Message = Ready | Started | Failed | Answer
_decode = msgspec.msgpack.Decoder(Message).decode


def to_worker(message: Load | Setup | Batch) -> bytes:
    """Encode a message with its length. Raises what pickle raises."""
    return _framed(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))


def from_worker(message: Message) -> bytes:
    """Encode a message with its length."""
    return _framed(_encode(message))


def _framed(data: bytes) -> bytes:
    return len(data).to_bytes(LENGTH, "big") + data


def receive(connection: socket.socket) -> Any:
    """Receive the next message to a worker; return None at the end."""
    size = _receive_bytes(connection, LENGTH)
    if size is None:
        return None
    data = _receive_bytes(connection, int.from_bytes(size, "big"))
    return None if data is None else pickle.loads(data)  # noqa: S301 - a process of ours


def _receive_bytes(connection: socket.socket, size: int) -> bytes | None:
    parts = []
    while size:
        try:
            data = connection.recv(min(size, 1 << 20))
        except ConnectionResetError:
            return None
        if not data:
            return None
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


class Unreadable(Exception):
    """The error for bytes that are not a message: an app has changed its process."""


def take(buffer: bytearray) -> Message | None:
    """Take the next whole message of a worker out of a buffer. Raises Unreadable."""
    if len(buffer) < LENGTH:
        return None
    size = int.from_bytes(buffer[:LENGTH], "big")
    if size > LONGEST:
        raise Unreadable
    if len(buffer) < LENGTH + size:
        return None
    try:
        message: Message = _decode(bytes(buffer[LENGTH : LENGTH + size]))
    except msgspec.MsgspecError as error:
        raise Unreadable from error
    del buffer[: LENGTH + size]
    return message
