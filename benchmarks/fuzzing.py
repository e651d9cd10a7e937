"""How many generated examples a second, in process: `python -m benchmarks.fuzzing`.

Each run is one process of the command `comparison fuzz`, from its start to its end, with
both frameworks. In turns with it, a process only imports Flask, Quart and httpx: its time
shows how busy the machine was. On a busy machine, use the rate by processor time. By the
clock, a run also waits ten seconds for two examples that hang: a view that is not async
and raises StopIteration never answers in Quart, with and without a handler.
"""

import os
import resource
import statistics
import subprocess
import sys
import time

import click

AT_LEAST = 300  # examples a second
IMPORTS = "import flask, quart, httpx"


def took(arguments: list[str]) -> tuple[float, float]:
    """Seconds, and seconds of processor time, of Python with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 - Python, with what is written here
        [sys.executable, *arguments],
        check=True,
        capture_output=True,
        # As people run it: compiled once, not each time.
        env={n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"},
    )
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return seconds, user + system


@click.command()
@click.option("--examples", default=20_000, help="Examples of each run.")
@click.option("--rounds", default=3, help="Runs; the median is reported.")
def main(examples: int, rounds: int) -> None:
    """Measure generated examples per second in process."""
    fuzz = ["-m", "comparison", "fuzz", "-q", "--database", "", "--seed", "1"]
    asking = [*fuzz, "--examples", str(examples)]
    took([*fuzz, "--examples", "40"])  # compiles what is imported
    runs, imports = [], []
    for _ in range(rounds):
        imports.append(took(["-c", IMPORTS])[0])
        runs.append(took(asking))
    clock, processor = (statistics.median(run[n] for run in runs) for n in (0, 1))
    click.echo(f"{'examples/s':<16}{examples / clock:6.0f}")
    click.echo(f"{'by processor':<16}{examples / processor:6.0f}")
    click.echo(f"{'imports take':<16}{statistics.median(imports):6.2f} s")
    sys.exit(0 if examples / processor >= AT_LEAST else 1)


if __name__ == "__main__":
    main()
