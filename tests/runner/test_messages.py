"""What a pool and its workers exchange, and what they leave when they end."""

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from comparison import Case, KnownDifferences, Request, TargetError, UsageError
from comparison.core.errors import ComparisonError, DocumentError
from comparison.core.processes.call import Problem, error_of, problem_of
from comparison.models import Event, Exchange, TargetInfo
from comparison.models.reset import Reset
from comparison.runner import host
from comparison.runner.batch import (
    PendingBatch,
    WorkerEnd,
    explained,
    reset_error,
    unsendable,
)
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
from comparison.targets import RawRecording
from comparison.targets.reset import Resetting
from comparison.targets.resolve import resolve_target
from comparison.verdict import Comparator, Tally
from tests.diff.making import SENT, recording, response

CASES = [Case(each, Request()) for each in ("one", "two", "three", "four")]


def raw(status: int = 200) -> RawRecording:
    return RawRecording("Flask", Exchange(SENT, response(status)), (), ())


# The journal ---------------------------------------------------------------------------


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


# Messages ------------------------------------------------------------------------------

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


# Batches -------------------------------------------------------------------------------

NAMES = {"flask": "Flask", "quart": "Quart"}


def batch() -> PendingBatch:
    return PendingBatch(list(CASES), True, None)


def end(
    case: int, target: int = 0, how: str = "with exit code 3", **more: Any
) -> WorkerEnd:
    given: dict[str, Any] = {"where": " at a.py:3", "recorded": {}, **more}
    return WorkerEnd(
        how, given["where"], Mark(case, target, 0.0, 0.0), given["recorded"]
    )


def arrived(waiting: PendingBatch, *cases: Case) -> None:
    infos = [TargetInfo(n, n, n, "in-process") for n in ("flask", "quart")]
    pair = {name: recording(response()) for name in NAMES}
    for case in cases:
        found = Comparator(infos, KnownDifferences()).compare(case, pair)
        waiting.compared.append(compared(found))


def test_comparisons_are_taken_once_and_the_rest_is_given_again() -> None:
    waiting = batch()
    assert list(waiting.take()) == []
    assert waiting.rest() == Batch(CASES, {}, True)
    arrived(waiting, *CASES[:2])
    assert [each.case.id for each in waiting.take()] == ["one", "two"]
    assert list(waiting.take()) == []
    waiting.recorded = {1: {"flask": raw()}, 3: {"quart": raw(201)}}
    assert waiting.rest() == Batch(CASES[2:], {1: {"quart": raw(201)}}, True)


def test_the_running_case_of_a_worker_that_ends_fails() -> None:
    waiting = batch()
    waiting.rest()
    waiting.note_end(end(1, 1, recorded={1: {"flask": raw()}}), NAMES, 2.5)
    found = waiting.recorded[1]
    assert found["flask"] == raw() and list(found) == ["flask", "quart"]
    failed = found["quart"].exchange.failure
    assert failed is not None
    assert (failed.kind, failed.message) == (
        "died", "the process of the app ended with exit code 3",
    )  # fmt: skip
    assert found["quart"].label == "Quart"
    assert found["quart"].trace == (
        Event("request_sent", name="GET"),
        Event("failed", name="died", detail=failed.message),
    )
    assert waiting.deaths == 0
    waiting = batch()
    waiting.note_end(end(0, how=""), NAMES, 2.5)
    failed = waiting.recorded[0]["flask"].exchange.failure
    assert failed is not None and (failed.kind, failed.message) == (
        "timeout", "no answer within 2.5 s; the app blocked its process at a.py:3",
    )  # fmt: skip


def test_records_count_from_the_batch_that_the_worker_was_given() -> None:
    waiting = batch()
    arrived(waiting, CASES[0])
    waiting.rest()
    arrived(waiting, CASES[1])
    waiting.note_end(
        end(1, recorded={0: {"flask": raw()}, 1: {"quart": raw()}}), NAMES, 1
    )
    assert {at: list(each) for at, each in waiting.recorded.items()} == {
        2: ["quart", "flask"]
    }


@pytest.mark.parametrize(
    ("how", "reason"),
    [("with exit code 3", "ended with exit code 3"), ("", "does not answer any more")],
)
@pytest.mark.parametrize(("case", "target"), [(IDLE, 0), (4, 0), (0, 2)])
def test_a_worker_that_ends_twice_between_cases_is_an_error(
    how: str, reason: str, case: int, target: int
) -> None:
    waiting = batch()
    waiting.note_end(end(case, target, how), NAMES, 1)
    assert waiting.recorded == {} and waiting.deaths == 1
    with pytest.raises(TargetError) as raised:
        waiting.note_end(end(case, target, how), NAMES, 1)
    assert str(raised.value) == (
        f"a worker process {reason}, twice, between the cases 'one' and 'four'"
    )


def test_a_case_that_has_its_recording_is_not_run_again() -> None:
    waiting = batch()
    waiting.note_end(end(0, recorded={0: {"flask": raw()}}), NAMES, 1)
    assert waiting.recorded == {0: {"flask": raw()}} and waiting.deaths == 1
    waiting.note_end(end(0, 1), NAMES, 1)
    assert waiting.deaths == 0


def test_an_error_of_a_batch_names_its_cases() -> None:
    found = explained(Problem("", "KeyError: 'a'", "trace"), batch())
    assert isinstance(found, TargetError)
    assert str(found) == (
        "a worker process failed between the cases 'one' and 'four': KeyError: 'a'; an"
        " app may have changed something that its whole process shares (-v -v for the"
        " traceback)"
    )
    known = explained(Problem("UsageError", "no", ""), batch())
    assert (type(known), str(known)) == (UsageError, "no")


def test_a_reset_that_ends_or_blocks_its_process_is_named() -> None:
    target = resolve_target("a:b")
    target.resetting = Resetting(Reset(command="reset-it", timeout=3), ".")
    targets = {"first": resolve_target("a:c"), "second": target}
    assert str(reset_error(targets, end(0, 1))) == (
        "reset 'reset-it' before second: its process ended with exit code 3"
    )
    assert str(reset_error(targets, end(0, 1, ""))) == (
        "reset 'reset-it' before second: did not end within 3 s at a.py:3"
    )


def test_cases_that_cannot_be_pickled_are_named() -> None:
    bad = Case("bad", Request(), settings={"A": lambda: 1})
    found: ComparisonError = unsendable([CASES[0], bad, CASES[1]], ValueError("no"))
    assert isinstance(found, UsageError)
    assert str(found) == (
        "case 'bad': cannot be sent to the process of the apps: no; give apps or"
        " factories instead of names"
    )
    assert str(unsendable(CASES, ValueError("no"))) == (
        "cases cannot be sent to the process of the apps: no"
    )
