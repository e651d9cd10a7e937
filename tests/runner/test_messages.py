"""Messages between a pool and its workers."""

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from comparison import KnownDifferences, TargetError
from comparison.core.errors import DocumentError
from comparison.core.processes.call import Problem, error_of, problem_of
from comparison.models import TargetInfo
from comparison.runner import host
from comparison.runner.journal import (
    IDLE,
    LOADING,
    PREPARING,
    RESETTING,
    RUNNING,
    Journal,
    Mark,
)
from comparison.runner.messages import (
    LENGTH,
    LONGEST,
    Answer,
    Batch,
    Failed,
    Ready,
    Started,
    Unreadable,
    compared,
    from_worker,
    receive,
    take,
    to_worker,
)
from comparison.verdict import Comparator, Tally
from tests.diff.making import recording, response
from tests.runner.messaged import CASES, raw


def test_a_journal_is_read_by_the_other_side(tmp_path: Path) -> None:
    ours = Journal(tmp_path, create=True)
    theirs = Journal(tmp_path)
    assert theirs.mark == Mark(IDLE, 0, 0.0, 0.0, RUNNING) and theirs.read() == {}
    before = time.monotonic()
    ours.begin(3, 1, 2.5, PREPARING)
    mark = theirs.mark
    assert mark[:2] == (3, 1) and mark.limit == 2.5 and mark.phase == PREPARING
    assert before <= mark.since <= time.monotonic()
    ours.begin(4, 0, 1)
    assert theirs.mark.phase == RUNNING
    ours.add(0, "flask", raw())
    ours.add(0, "quart", raw(201))
    ours.add(2, "flask", raw(202))
    assert theirs.read() == {
        0: {"flask": raw(), "quart": raw(201)},
        2: {"flask": raw(202)},
    }
    ours.forget()
    assert theirs.read() == {}
    ours.add(5, "flask", raw())
    assert list(theirs.read()) == [5]
    for journal in (ours, theirs):
        journal.close()


@pytest.mark.parametrize(
    "more", [b"", b"\0\0", b"\0\0\0\0\0\0\0\x09ab", b"\0\0\0\0\0\0\0\x02ab"]
)
def test_a_record_that_is_not_whole_is_not_read(more: bytes, tmp_path: Path) -> None:
    journal = Journal(tmp_path, create=True)
    journal.add(1, "flask", raw())
    with (tmp_path / "records").open("ab") as file:
        file.write(more)
    assert list(journal.read()) == [1]
    journal.close()


@pytest.mark.parametrize(
    ("case", "phase", "preparing"),
    [(LOADING, RUNNING, True), (1, PREPARING, True), (1, RUNNING, False), (1, RESETTING, False), (IDLE, RUNNING, False)],
)  # fmt: skip
def test_a_mark_says_whether_an_app_is_prepared(
    case: int, phase: int, preparing: bool
) -> None:
    now = time.monotonic()
    assert Mark(case, 0, now, 1, phase).preparing is preparing
    assert -60 < Mark(case, 0, now, 60, phase).late <= -59
    assert 4 <= Mark(case, 0, now - 5, 1, phase).late < 60


INFO = TargetInfo("flask", "a:b", "flask", "in-process")


MESSAGES: list[Any] = [
    Ready({"flask": (("/", "GET"),)}, True),
    Started((INFO,)),
    Failed(Problem("TargetError", "no", "trace")),
    Answer([], Tally({}, {}, 1, ()), True, Problem("", "a", "b")),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_of_a_worker_is_taken_when_it_is_whole(message: Any) -> None:
    data = from_worker(message)
    buffer = bytearray()
    for place in range(len(data) - 1):
        buffer += data[place : place + 1]
        assert take(buffer) is None
    buffer += data[-1:] + b"next"
    assert take(buffer) == message
    assert buffer == b"next"


@pytest.mark.parametrize(
    "data",
    [(LONGEST + 1).to_bytes(LENGTH, "big"), (3).to_bytes(LENGTH, "big") + b"abc"],
)
def test_bytes_that_are_not_a_message_are_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        take(bytearray(data))
    assert take(bytearray(LONGEST.to_bytes(LENGTH, "big"))) is None


def test_a_worker_receives_messages_until_the_end() -> None:
    ours, theirs = socket.socketpair()
    batch = Batch(CASES, {1: {"flask": raw()}}, True)
    with ours, theirs:
        ours.sendall(to_worker(batch) + to_worker(batch)[:-1])
        ours.shutdown(socket.SHUT_WR)
        assert receive(theirs) == batch
        assert receive(theirs) is None and receive(theirs) is None


def test_a_comparison_crosses_without_its_case() -> None:
    infos = [TargetInfo(n, n, n, "in-process") for n in ("flask", "quart")]
    pair = {n: recording(response(s)) for n, s in (("flask", 200), ("quart", 404))}
    found = Comparator(infos, KnownDifferences()).compare(CASES[0], pair)
    assert compared(found).of(CASES[0]) == found
    assert compared(found).of(CASES[1]) == replace(found, case=CASES[1])


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (TargetError("no\udce9"), "TargetError", "no\\udce9"),
        (DocumentError(["a", "b"]), "DocumentError", "a\nb"),
        (KeyError("a"), "", "KeyError: 'a'"),
    ],
)
def test_an_error_of_a_child_is_raised_again(
    error: Exception, kind: str, message: str
) -> None:
    problem = problem_of(error)
    assert (problem.kind, problem.message) == (kind, message)
    if kind:
        again = error_of(problem)
        assert type(again) is type(error) and str(again) == message


@pytest.mark.parametrize(
    ("traceback", "line"),
    [
        ('Thread 0x1 (most recent call first):\n  File "/app/shop.py", line 3 in f', " (shop.py:3 in f)"),
        (f'Thread 0x1:\n  File "{json.__file__}", line 9 in dumps\n  File "/app/a b.py", line 4 in g', " (a b.py:4 in g)"),
        (f'Thread 0x1:\n  File "{json.__file__}", line 9 in dumps\n\nThread 0x2:\n  File "/app/c.py", line 5 in h', " (c.py:5 in h)"),
        (f'Thread 0x1:\n  File "{json.__file__}", line 9 in dumps', ""),
        (f'  File "{host.__file__}", line 9 in f\n  File "<string>", line 1 in g', ""),
        ("", ""),
    ],
    ids=range(6),
)  # fmt: skip
def test_the_line_of_the_app_that_blocks_a_process_is_named(
    traceback: str, line: str
) -> None:
    assert host.app_line(traceback) == line


def test_a_target_that_ends_or_blocks_its_host_is_named() -> None:
    ended = host.not_loaded("a:b", "with exit code 3", "")
    assert ended == (
        "target 'a:b': the process ended with exit code 3 while the app was loaded"
    )
    late = host.not_loaded("a:b", "", " (shop.py:3 in f)")
    assert late.startswith("target 'a:b': the app did not start within ")
    assert late.endswith(" (shop.py:3 in f)")
