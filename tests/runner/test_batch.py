"""The work that a worker leaves when it ends, and that its replacement gets."""

from typing import Any

import pytest

from comparison import Case, KnownDifferences, Request, TargetError, UsageError
from comparison.core.errors import ComparisonError
from comparison.core.processes.call import Problem
from comparison.models import Event, TargetInfo
from comparison.models.reset import Reset
from comparison.runner.batch import (
    PendingBatch,
    WorkerEnd,
    explained,
    reset_error,
    unsendable,
)
from comparison.runner.journal import (
    IDLE,
    Mark,
)
from comparison.runner.messages import (
    Batch,
    compared,
)
from comparison.targets.reset import Resetting
from comparison.targets.resolve import resolve_target
from comparison.verdict import Comparator
from tests.diff.making import recording, response
from tests.runner.messaged import CASES, batch, raw

NAMES = {"flask": "Flask", "quart": "Quart"}


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
