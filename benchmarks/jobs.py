"""What a second process brings, in process: `python -m benchmarks.jobs`.

Both twins are asked for /custom 20,000 times by one job and by two, in turns, each run a
process of its own that writes JSON Lines as the command does. What counts is the ratio
of the medians, in cases a second. Where others use the processors too, the second ratio
tells more: of two processors that do nothing else, from the processor time that all
processes of a run took together.
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

JOBS = (1, 2)
WORTH = 1.7


def measured(jobs: int, number: int) -> tuple[float, float]:
    """Seconds, and seconds of processor time, of a run in a process of its own."""
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
    """Ask, and print what it took."""
    from comparison.cli import main as comparison

    started = time.perf_counter()
    output = str(folder / "run.jsonl")
    asked = ["run", "-q", "--cases", str(folder / "cases.toml"), "--output", output]
    comparison([*asked, "--jobs", str(jobs)])
    seconds = time.perf_counter() - started
    used = [
        resource.getrusage(who)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    processor = sum(each.ru_utime + each.ru_stime for each in used)
    click.echo(json.dumps([seconds, processor]))


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
    for _ in range(rounds):
        for each, found in taken.items():
            found.append(measured(each, number))
    seconds, processor = (
        {
            jobs: statistics.median(run[n] for run in runs)
            for jobs, runs in taken.items()
        }
        for n in (0, 1)
    )
    click.echo(f"{'jobs':>4}{'cases/s':>9}{'ratio':>7}{'processor s':>13}{'ratio':>7}")
    for each in JOBS:
        ratio = seconds[1] / seconds[each]
        alone = each * processor[1] / processor[each]
        click.echo(
            f"{each:4}{number / seconds[each]:9.0f}{ratio:7.2f}"
            f"{processor[each]:13.1f}{alone:7.2f}"
        )
    sys.exit(0 if seconds[1] / seconds[2] >= WORTH else 1)


if __name__ == "__main__":
    main()
