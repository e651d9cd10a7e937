"""Measure what a second process brings, in process: `python -m benchmarks.jobs`.

One job and two compare both twins by GET /custom 20,000 times, in turns. Each run has its
own process, which writes JSON Lines as the command does. The ratio by processor time
counts: how much less the busiest process of a run has to do. Other users of the machine
hardly change it. The ratio by the clock is for a machine without other work.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from .memory import write_case_file
from .turns import in_turns

JOBS = (1, 2)
WORTH = 1.7


def measured(jobs: int, number: int) -> tuple[float, float]:
    """Return the seconds of a run, and the processor seconds of its busiest process."""
    with tempfile.TemporaryDirectory() as folder:
        write_case_file(Path(folder) / "cases.toml", number)
        command = [sys.executable, "-m", "benchmarks.jobs", "--child", str(jobs)]
        done = subprocess.run(  # noqa: S603 - this module itself
            [*command, "--folder", folder], check=True, capture_output=True, text=True
        )
        lines = sum(1 for _ in (Path(folder) / "run.jsonl").open("rb"))
    assert lines == number + 1, f"{lines} lines for {number} cases"
    seconds, processor = json.loads(done.stdout.splitlines()[-1])
    return seconds, processor


def child(jobs: int, folder: Path) -> None:
    """Run the cases, and print the seconds that it took."""
    from comparison.cli import main as comparison

    started = time.perf_counter()
    output = str(folder / "run.jsonl")
    options = ["run", "-q", "--cases", str(folder / "cases.toml"), "--output", output]
    comparison([*options, "--jobs", str(jobs)])
    seconds = time.perf_counter() - started
    own, workers = (
        used.ru_utime + used.ru_stime
        for used in map(
            resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
    )
    # The workers share the cases evenly: each takes the next batch when it is free.
    click.echo(json.dumps([seconds, max(own, workers / jobs)]))


@click.command()
@click.option("--cases", "number", default=20_000, help="Cases of each run.")
@click.option("--rounds", default=3, help="Runs of each; the median is reported.")
@click.option("--child", "jobs", type=int, hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(number: int, rounds: int, jobs: int | None, folder: Path | None) -> None:
    """Measure cases per second with one job and with two."""
    if jobs is not None and folder is not None:
        child(jobs, folder)
        return
    taken: dict[int, list[tuple[float, float]]] = {jobs: [] for jobs in JOBS}
    for turn in range(rounds):
        for each in in_turns(JOBS, turn):
            taken[each].append(measured(each, number))
    seconds, processor = (
        {
            jobs: statistics.median(run[n] for run in runs)
            for jobs, runs in taken.items()
        }
        for n in (0, 1)
    )
    click.echo(f"{'jobs':>4}{'cases/s':>9}{'ratio':>7}{'busiest s':>11}{'ratio':>7}")
    for each in JOBS:
        click.echo(
            f"{each:4}{number / seconds[each]:9.0f}{seconds[1] / seconds[each]:7.2f}"
            f"{processor[each]:11.1f}{processor[1] / processor[each]:7.2f}"
        )
    sys.exit(0 if processor[1] / processor[2] >= WORTH else 1)


if __name__ == "__main__":
    main()
