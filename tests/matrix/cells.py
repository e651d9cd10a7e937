"""A cell of the matrix: a command, a way, an end; run and judged."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.supervised import COMPARISON, SLOWER, Outcome, Supervised

from .commands import COMMANDS, NUMBER, Command, write_files
from .ends import ENDS, End, leave_fifo, under_way

TIMES = 3
BUSY = "the app did not load within"
READ = 100  # bytes
ENDED = 10.0 * SLOWER  # seconds from the end to the last process


@dataclass(frozen=True)
class Cell:
    """One command, ended in one way."""

    command: Command
    way: str
    end: End

    @property
    def name(self) -> str:
        """The cell in words."""
        return f"{self.command.name} ({self.way}): {self.end.name}"


@dataclass(frozen=True)
class Judged:
    """A cell that was run. `kind` says in a word what is wrong with it."""

    cell: Cell
    outcome: Outcome
    kind: str
    problems: tuple[str, ...]


def cells() -> Iterator[Cell]:
    """Yield every cell that makes sense."""
    for command in COMMANDS:
        for way in command.ways:
            for end in ENDS:
                if end.applies(command, way):
                    yield Cell(command, way, end)


def run(cell: Cell) -> Judged:
    """Run a cell and check its result.

    It is run again where the machine was too busy to start a server in time.
    """
    for _ in range(TIMES):
        judged = _run(cell)
        if judged.kind == "passed" or BUSY not in judged.outcome.stderr:
            break
    return judged


def _run(cell: Cell) -> Judged:
    command, end = cell.command, cell.end
    with Supervised() as supervised:
        folder = supervised.folder
        write_files(command, cell.way, folder)
        argv = [*COMPARISON, *command.argv(cell.way)]
        if end.output == "fifo":
            leave_fifo(folder / "fifo")
        if end.output:
            argv += ["--format", "jsonl", "--output", end.output]
        # We look at the standard output, or at the file.
        elif not command.name.startswith(("discover", "import")) or _writes(end):
            argv += command.writes
        disturbed = _start(supervised, cell, argv)
        limit = _disturbed_limit(cell, supervised) if disturbed else _limit(command)
        outcome = supervised.finish(limit)
        problems = list(_judge(cell, outcome, folder, disturbed=disturbed))
    kind = problems[0][0] if problems else "passed"
    return Judged(cell, outcome, kind, tuple(words for _, words in problems))


def _writes(end: End) -> bool:
    return end.stdout == "pipe" and not (end.shell and "-f" not in end.shell)


def _limit(command: Command) -> float:
    return command.limit * SLOWER


def _disturbed_limit(cell: Cell, supervised: Supervised) -> float:
    """Return when a command that was disturbed has to have ended, in seconds."""
    now = time.monotonic() - supervised.begun
    # The command goes on without a worker or a server.
    return now + (_limit(cell.command) if cell.end.usual else ENDED)


def _start(supervised: Supervised, cell: Cell, argv: list[str]) -> bool:
    """Start the command and bring its end about. Return whether that was in time."""
    end = cell.end
    environment = {"COMPARISON_TEST_PAUSE": str(cell.command.pause)}
    options: dict[str, Any] = {"environment": environment, "shell": end.shell}
    if end.stdout == "pipe":
        supervised.start(argv, **options)
    elif end.stdout in {"left", "head"}:
        reading, writing = os.pipe()
        process = supervised.start(argv, **options, stdout=writing)
        os.close(writing)
        if end.stdout == "head":
            _read(reading, process)
        os.close(reading)
        # The other outputs are written to their end, which takes as long as ever.
        return False
    else:
        with Path(end.stdout).open("wb") as stream:
            supervised.start(argv, **options, stdout=stream)
    if end.act is None:
        return False
    if under_way(supervised, cell.command.signs):
        end.act(supervised)
        return True
    return False


def _read(reading: int, process: "subprocess.Popen[bytes]") -> None:
    """Read the first bytes of a pipe."""
    left = READ
    while left and (data := os.read(reading, left)):
        left -= len(data)


def _judge(
    cell: Cell, outcome: Outcome, folder: Path, *, disturbed: bool
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, each in a word and in a sentence."""
    command, end = cell.command, cell.end
    if outcome.code is None:
        yield "hung", f"did not end; {', '.join(outcome.left[:3])}"
        return
    allowed = set(end.codes)
    undisturbed = end.act is not None and not disturbed
    # Nothing was found that the file would have been written for.
    unwritten = "-f" in end.shell and command.name == "fuzz"
    # Users stop a server with Ctrl-C.
    stopped = command.endless and end.name.startswith("SIGINT")
    if end.usual or undisturbed or unwritten or stopped:
        allowed |= set(command.normal)
    last = " ".join(outcome.stderr.strip().splitlines()[-2:])[-200:]
    if outcome.code not in allowed:
        wanted = sorted(allowed)
        yield "wrong exit code", f"exit code {outcome.code}, not {wanted}: {last!r}"
    if "internal error" in outcome.stderr:
        yield "internal error", last
    elif "Traceback (most recent call last)" in outcome.stderr:
        yield "traceback", last
    if end.message and outcome.code in end.codes and not outcome.stderr.strip():
        yield "no message", "nothing on standard error"
    if outcome.code == 3 and not outcome.stderr.strip():
        yield "no message", "exit 3, and nothing on standard error"
    if outcome.left and end.name != "SIGKILL":
        yield "left behind", ", ".join(outcome.left[:3])
    # A command that is killed cannot remove its files; its processes have to end.
    killed = [left for left in outcome.left if left.startswith("process")]
    if killed and end.name == "SIGKILL":
        yield "left behind", ", ".join(killed[:3])
    if command.lines and not end.output and "-f" not in end.shell:
        yield from _lines(cell, outcome, folder)


def _lines(cell: Cell, outcome: Outcome, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with JSON Lines: they are whole, and all there if wanted."""
    path = folder / cell.command.output
    if not path.exists():
        path = path.with_name(f"{path.name}.partial")
    if not path.exists():
        # A worker or a server that ended before the first case left a message.
        if outcome.code != 3:
            yield "wrong report", "there is no report"
        return
    lines = path.read_bytes().split(b"\n")
    if lines[-1] and cell.end.name != "SIGKILL":
        yield "wrong report", f"the last line is torn: {lines[-1][:80]!r}"
    found = []
    for line in lines[:-1]:
        try:
            found.append(json.loads(line))
        except ValueError:
            yield "wrong report", f"a line is torn: {line[:80]!r}"
            return
    ids = [document["case"] for document in found[1:]]
    if ids != [f"n-{n}" for n in range(len(ids))]:
        yield "wrong report", f"cases are missing: {ids[:20]}"
    whole = cell.end.whole or outcome.code in {0, 1}
    if whole and len(ids) != NUMBER:
        yield "wrong report", f"{len(ids)} of {NUMBER} cases"
    if outcome.code in {0, 1} and cell.command.name == "run":
        header = found[0]["exit_code"] if found else None
        if header != outcome.code:
            yield "wrong report", f"exit {outcome.code}, the report says {header}"
