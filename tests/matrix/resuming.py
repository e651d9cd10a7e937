"""Interrupt runs and resume them: `python -m tests.matrix.resuming [NUMBER]`.

A run that was interrupted at any time, by any signal, and resumed has the same report as
an uninterrupted one. Only times and the command line in the header differ.
"""

import json
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from comparison.core.escaping import echo
from tests.supervised import COMPARISON, SLOWER, Supervised

from .commands import case_file, pair

CASES = 80
LIMIT = 90.0 * SLOWER  # seconds, of each run
PAUSE = "0.01"  # seconds, in each request
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
WAYS = ("in process", "jobs", "servers", "jobs, servers")
# Times and addresses differ in any two runs.
PASSING = {
    "elapsed_ms",
    "thread",
    "started",
    "duration_ms",
    "time_ms",
    "at_ms",
    "command",
}


DATE = re.compile(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT")
DATE_RULE = "date-value"


@dataclass(frozen=True)
class Interruption:
    """A run that a signal interrupts once it has written a share of its cases."""

    way: str
    signal: signal.Signals
    share: float

    @property
    def name(self) -> str:
        """The interruption in words."""
        return f"{self.signal.name} after {self.share:.0%} ({self.way})"


@dataclass(frozen=True)
class Resumed:
    """The result of an interrupted run. `cases` were recorded when it was resumed."""

    interruption: Interruption
    codes: tuple[int | None, ...]
    cases: int
    problems: tuple[str, ...]


def interruptions(number: int, seed: int = 0) -> list[Interruption]:
    """Return so many interruptions, over all ways and signals, at times by chance."""
    chance = random.Random(seed)
    kinds = [(way, sign) for sign in SIGNALS for way in WAYS]
    return [
        Interruption(*kinds[n % len(kinds)], chance.random()) for n in range(number)
    ]


def command(way: str) -> list[str]:
    """Return the command line of a run."""
    options = [*pair(way, jobs=True), "--timeout", "20", "--output", "r.jsonl"]
    return [*COMPARISON, "run", "-q", *options]


def uninterrupted(way: str) -> list[Any]:
    """Return the report of a run that nothing interrupts."""
    with Supervised() as supervised:
        supervised.folder.joinpath("cases.toml").write_text(case_file(CASES))
        outcome = supervised.run(command(way), LIMIT)
        assert outcome.code == 1, outcome
        return report(supervised.folder)


def report(folder: Path) -> list[Any]:
    """Return a report without what no two runs share."""
    lines = folder.joinpath("r.jsonl").read_bytes().splitlines()
    return [without_times(json.loads(line)) for line in lines]


def without_times(value: Any) -> Any:
    """Return a document without times, at every depth."""
    if isinstance(value, dict):
        kept = {k: without_times(v) for k, v in value.items() if k not in PASSING}
        return kept
    if isinstance(value, list):
        return [without_times(item) for item in value if not _about_date(item)]
    if isinstance(value, str):
        return DATE.sub("a date", value)
    return value


def _about_date(item: Any) -> bool:
    """Whether it is the rule that is needed where two servers' seconds differ."""
    return item == DATE_RULE or (
        isinstance(item, dict) and item.get("name") == DATE_RULE
    )


def resume(interruption: Interruption, whole: list[Any]) -> Resumed:
    """Interrupt a run, resume it, and compare its report with a whole one."""
    with Supervised() as supervised:
        folder = supervised.folder
        folder.joinpath("cases.toml").write_text(case_file(CASES))
        argv = command(interruption.way)
        process = supervised.start(argv, environment={"COMPARISON_TEST_PAUSE": PAUSE})
        wait_for(folder, int(interruption.share * CASES), process)
        with suppress(ProcessLookupError):
            if interruption.signal is signal.SIGINT:
                os.killpg(process.pid, interruption.signal)
            else:
                process.send_signal(interruption.signal)
        first = supervised.finish(time.monotonic() - supervised.begun + 15 * SLOWER)
        there = max(written(folder) - 1, 0)
        for left in supervised.temporary.iterdir():
            left.unlink() if left.is_file() else None
        second = supervised.run([*argv, "--resume"], LIMIT)
        problems = []
        if first.code is None:
            problems.append("the interrupted run did not end")
        if second.code != 1:
            last = " ".join(second.stderr.strip().splitlines()[-2:])[-200:]
            problems.append(f"the resumed run ended with {second.code}: {last!r}")
        else:
            problems += differing(report(folder), whole)
    codes = (first.code, second.code)
    return Resumed(interruption, codes, there, tuple(problems))


def written(folder: Path) -> int:
    """Return how many whole lines a report has so far."""
    for name in ("r.jsonl.partial", "r.jsonl"):
        with suppress(OSError):
            return folder.joinpath(name).read_bytes().count(b"\n")
    return 0


def wait_for(folder: Path, cases: int, process: Any) -> None:
    """Wait until a report has so many cases, or the run is over."""
    end = time.monotonic() + LIMIT
    while written(folder) - 1 < cases and time.monotonic() < end:
        if process.poll() is not None:
            return
        time.sleep(0.002)


def differing(found: list[Any], whole: list[Any]) -> list[str]:
    """Return where two reports differ, as words."""
    if len(found) != len(whole):
        return [f"{len(found) - 1} cases, not {len(whole) - 1}"]
    for number, (ours, theirs) in enumerate(zip(found, whole, strict=True)):
        if ours != theirs:
            fields = [key for key in theirs if ours.get(key) != theirs[key]]
            return [f"line {number + 1} differs in {fields}"]
    return []


@click.command()
@click.argument("number", default=50)
@click.option("--parallel", default=2, show_default=True, help="Runs at a time.")
@click.option("--seed", default=0, show_default=True)
def main(number: int, parallel: int, seed: int) -> None:
    """Interrupt so many runs and resume them; exit 1 if one of them is not equal."""
    whole = {way: uninterrupted(way) for way in WAYS}
    kinds: Counter[tuple[str, bool]] = Counter()
    with ThreadPoolExecutor(parallel) as executor:
        chosen = interruptions(number, seed)
        for resumed in executor.map(lambda one: resume(one, whole[one.way]), chosen):
            kinds[resumed.interruption.signal.name, not resumed.problems] += 1
            if resumed.problems:
                words = "; ".join(resumed.problems)
                name = resumed.interruption.name
                echo(f"{name}, {resumed.cases} there: {resumed.codes}: {words}")
    for sign in SIGNALS:
        equal, other = kinds[sign.name, True], kinds[sign.name, False]
        echo(f"{sign.name:<8} {equal} of {equal + other} equal")
    total = sum(count for (_, equal), count in kinds.items() if equal)
    echo(f"together {total} of {kinds.total()} equal")
    sys.exit(total < kinds.total())


if __name__ == "__main__":
    main()
