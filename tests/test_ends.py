"""However a command ends, it ends soon, says so, and leaves nothing behind.

`python -m tests.matrix` runs all cells of the matrix, and `python -m
tests.matrix.resuming` interrupts and resumes fifty runs; here are some of each.
"""

import signal

import pytest

from tests.matrix import cells, loops, resuming

CELLS = {cell.name: cell for cell in cells.cells()}
LOOPS = {loop.name: loop for loop in loops.loops()}
FEW = (
    "run (jobs): reader leaves after 100 bytes",
    "run (in process): SIGTERM",
)
MORE = (
    "run (in process): reader leaves at once",
    "run (in process): stdout full",
    "run (jobs): SIGINT to the group",
    "run (jobs): SIGKILL",
    "run (jobs): output full",
    "run (jobs): worker killed",
    "run (jobs): worker stopped",
    "run (servers): SIGKILL",
    "run (jobs, servers): SIGTERM",
    "record (in process): SIGTERM",
    "serve (in process): SIGTERM",
)
LEFT = ("compare (in process, jobs=2): break",)
MORE_LEFT = (
    "compare (servers, jobs=1): break",
    "compare (servers, jobs=2): raise",
    "compare (in process, jobs=2): sys.exit",
)


def _cell(name: str) -> None:
    judged = cells.run(CELLS[name])
    assert judged.problems == (), judged.outcome.stderr


def _loop(name: str) -> None:
    judged = loops.run(LOOPS[name])
    assert judged.problems == (), judged.outcome.stderr


@pytest.mark.parametrize("name", FEW)
def test_a_stopped_command_exits_cleanly(name: str) -> None:
    _cell(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", MORE)
def test_more_stopped_commands_exit_cleanly(name: str) -> None:
    _cell(name)


@pytest.mark.parametrize("name", LEFT)
def test_a_loop_that_is_left_early_stops_its_run(name: str) -> None:
    _loop(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", MORE_LEFT)
def test_more_loops_that_are_left_early_stop_their_run(name: str) -> None:
    _loop(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "number"),
    [
        ("in process", signal.SIGINT),
        ("jobs", signal.SIGTERM),
        ("jobs", signal.SIGKILL),
    ],
)
def test_a_resumed_run_equals_an_uninterrupted_run(
    way: str, number: signal.Signals
) -> None:
    interruption = resuming.Interruption(way, number, 0.4)
    resumed = resuming.resume(interruption, resuming.uninterrupted(way))
    assert resumed.problems == (), resumed.codes
