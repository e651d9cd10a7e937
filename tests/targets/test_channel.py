"""Frames from a server's process: whole, in order, and of one session."""

import os
import socket
from pathlib import Path

import pytest

from comparison.models import Event
from comparison.targets.servers.channel import (
    AppFailed,
    Ended,
    Loaded,
    Receiver,
    Returned,
    Sender,
    Started,
)
from tests.targets.recorded_calls import Frames, frames, receiver, sender

__all__ = ["frames", "receiver", "sender"]


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
    # The rest of a trace, or its failure.
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
