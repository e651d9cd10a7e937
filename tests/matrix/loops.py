"""Python programs that leave a loop over `compare(...)` early."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tests.supervised import SLOWER, Outcome, Supervised

TIMES = 3
BUSY = "the app did not load within"
LIMIT = 90.0 * SLOWER  # seconds
PROGRAM = """
import sys
from comparison import Case, Request, compare

how, jobs, at = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def main():
    targets = [f"tests.matrix.apps:{name}_app(){at}" for name in ("flask", "quart")]
    if at == "objects":
        from tests.matrix import apps
        targets = [apps.flask_app(), apps.quart_app()]
    cases = [Case(id=f"n-{n}", request=Request("GET", f"/n/{n}")) for n in range(5000)]
    run = compare(*targets, cases[: 20 if how == "end" else None], jobs=jobs)
    for number, comparison in enumerate(run):
        if number == 3:
            if how == "break":
                break
            if how == "raise":
                raise ValueError("from the loop")
            if how == "sys.exit":
                sys.exit(5)
            if how == "return":
                return run
            if how == "forget":
                globals()["kept"] = run
                return
    print("after the loop", flush=True)


if __name__ == "__main__":
    main()
"""
CODES = {"break": 0, "raise": 1, "sys.exit": 5, "return": 0, "forget": 0, "end": 0}


@dataclass(frozen=True)
class Loop:
    """A program that leaves its loop in one way."""

    how: str
    jobs: int
    at: str

    @property
    def name(self) -> str:
        """The program in words."""
        where = {"": "in process", "@": "servers", "objects": "objects"}[self.at]
        return f"compare ({where}, jobs={self.jobs}): {self.how}"


@dataclass(frozen=True)
class Judged:
    """A program that was run, and what is wrong with how it ended."""

    cell: Loop
    outcome: Outcome
    kind: str
    problems: tuple[str, ...]


def loops() -> Iterator[Loop]:
    """Yield every program."""
    for how in CODES:
        for at in ("", "@"):
            for jobs in (1, 2):
                yield Loop(how, jobs, at)
        yield Loop(how, 1, "objects")


def run(loop: Loop) -> Judged:
    """Run a program and judge how it ended.

    It is run again where the machine was too busy to start a server in time.
    """
    for _ in range(TIMES):
        judged = _run(loop)
        if judged.kind == "passed" or BUSY not in judged.outcome.stderr:
            break
    return judged


def _run(loop: Loop) -> Judged:
    with Supervised() as supervised:
        supervised.folder.joinpath("program.py").write_text(PROGRAM, encoding="utf-8")
        argv = [sys.executable, "program.py", loop.how, str(loop.jobs), loop.at]
        outcome = supervised.run(argv, LIMIT)
    kind, problems = "passed", []
    if outcome.code is None:
        kind, problems = "hung", [f"did not end; {', '.join(outcome.left[:3])}"]
    elif outcome.code != CODES[loop.how]:
        kind = "wrong exit code"
        problems = [f"exit code {outcome.code}: {outcome.stderr.strip()[-200:]!r}"]
    elif outcome.left:
        kind, problems = "left behind", [", ".join(outcome.left[:3])]
    elif outcome.stderr.count("Traceback (most") > (loop.how == "raise"):
        kind, problems = "traceback", [outcome.stderr.strip()[-300:]]
    return Judged(loop, outcome, kind, tuple(problems))
