"""Measure whether memory stays flat: `python -m benchmarks.memory`.

A thousand cases and a hundred thousand compare both twins by GET /custom. Each run has its
own process and writes JSON Lines. One way makes the cases in a generator (Python), the
other reads a case file (command line). Two ratios count: that of the peaks of resident
memory, and that of the cases in a second of processor time, without the start. Every
figure is the median of several runs, in turns.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from comparison import Case, Request, compare
from comparison.reports import FileReport, make_report

from .turns import in_turns

MEMORY_LIMIT = 1.3
SPEED_LIMIT = 0.9


def cases(number: int) -> Iterator[Case]:
    """Yield cases that are different."""
    for n in range(number):
        yield Case(f"custom-{n:06}", Request("GET", f"/custom?n={n}"))


def write_case_file(path: Path, number: int) -> None:
    """Write the same cases as TOML."""
    with path.open("w") as file:
        for n in range(number):
            file.write(f'[[case]]\nid = "custom-{n:06}"\n')
            file.write(f'request = {{ path = "/custom?n={n}" }}\n\n')


def by_python(number: int, folder: Path) -> None:
    """Call `compare` with a generator; write each comparison, and store none."""
    making = partial(make_report, "jsonl")
    report = FileReport(folder / "run.jsonl", making)
    run = compare("flask_app", "quart_app", cases(number), keep=False)
    report.begin(run.header(ended=False))
    for comparison in run:
        report.add(comparison)
    report.end(run.header())


def by_command_line(number: int, folder: Path) -> None:
    """Call `comparison run --cases FILE --output FILE`."""
    from comparison.cli import main as comparison

    path = folder / "cases.toml"
    output = str(folder / "run.jsonl")
    comparison(["run", "-q", "--cases", str(path), "--output", output])


WAYS = {"python": by_python, "command line": by_command_line}


def measured(way: str, number: int) -> tuple[float, float]:
    """Return the peak memory in megabytes, and the processor seconds, of a run."""
    with tempfile.TemporaryDirectory() as folder:
        write_case_file(Path(folder) / "cases.toml", number)
        command = [sys.executable, "-m", "benchmarks.memory", "--child", way]
        command += ["--many", str(number), "--folder", folder]
        done = subprocess.run(  # noqa: S603 - this module itself
            command, check=True, capture_output=True, text=True
        )
        lines = sum(1 for _ in (Path(folder) / "run.jsonl").open("rb"))
    assert lines == number + 1, f"{lines} lines for {number} cases"
    peak, seconds = json.loads(done.stdout.splitlines()[-1])
    return peak, seconds


def child(way: str, number: int, folder: Path) -> None:
    """Run the cases, and print what that took."""
    started = time.process_time()
    WAYS[way](number, folder)
    seconds = time.process_time() - started
    # Linux counts kibibytes, macOS bytes.
    unit = 1024**2 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    click.echo(json.dumps([peak, seconds]))


@click.command()
@click.option("--few", default=1_000, help="Cases of the small run.")
@click.option("--many", default=100_000, help="Cases of the large run.")
@click.option("--rounds", default=3, help="Runs of each; the median is reported.")
@click.option("--child", "way", type=click.Choice(list(WAYS)), hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(
    few: int, many: int, rounds: int, way: str | None, folder: Path | None
) -> None:
    """Measure peak memory and throughput of a small and a large run."""
    if way is not None and folder is not None:
        child(way, many, folder)
        return
    click.echo(
        f"{'':14}{'cases':>9}{'peak MB':>9}{'ratio':>7}{'cases/s':>9}{'ratio':>7}"
    )
    flat = True
    for name in WAYS:
        runs: dict[int, list[tuple[float, float]]] = {1: [], few: [], many: []}
        for turn in range(rounds):
            for number in in_turns(list(runs), turn):
                runs[number].append(measured(name, number))
        peaks, seconds = (
            {
                number: statistics.median(run[n] for run in found)
                for number, found in runs.items()
            }
            for n in (0, 1)
        )
        rate = few / (seconds[few] - seconds[1])
        row(name, few, peaks[few], 1, rate, 1)
        grown = peaks[many] / peaks[few]
        kept = many / (seconds[many] - seconds[1]) / rate
        row(name, many, peaks[many], grown, kept * rate, kept)
        flat = flat and grown <= MEMORY_LIMIT and kept >= SPEED_LIMIT
    sys.exit(0 if flat else 1)


def row(
    name: str, number: int, peak: float, grown: float, rate: float, kept: float
) -> None:
    """Print a line of the table."""
    click.echo(f"{name:14}{number:9}{peak:9.1f}{grown:7.2f}{rate:9.0f}{kept:7.2f}")


if __name__ == "__main__":
    main()
