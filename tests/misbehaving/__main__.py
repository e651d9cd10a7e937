"""Run the command on every misbehaving app: `python -m tests.misbehaving [NAME...]`.

A table says how many runs passed; what did not pass is listed, and may be written as
JSON Lines.
"""

import json
import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import click

from comparison.core.escaping import echo

from .apps import chosen
from .running import Judged, run
from .table import WAYS


@click.command()
@click.argument("names", nargs=-1)
@click.option("--way", "ways", multiple=True, type=click.Choice(WAYS))
@click.option("--parallel", default=2, show_default=True, help="Runs at a time.")
@click.option("--shuffle", is_flag=True, help="In an order by chance.")
@click.option("--output", type=click.Path(path_type=Path), help="JSON Lines.")
def command(
    names: tuple[str, ...],
    ways: tuple[str, ...],
    parallel: int,
    shuffle: bool,
    output: Path | None,
) -> None:
    """Run the command on misbehaving apps; exit 1 below 98 of a hundred."""
    apps = chosen(list(names))
    pairs = [(app, way) for app in apps for way in app.ways if not ways or way in ways]
    if shuffle:
        random.shuffle(pairs)
    results: list[Judged] = []
    with ThreadPoolExecutor(parallel) as executor:
        for judged in executor.map(lambda pair: run(*pair), pairs):
            results.append(judged)
            if judged.problems:
                words = "; ".join(judged.problems)
                echo(f"{judged.name} ({judged.way}): {words}")
            if output is not None:
                line = asdict(judged)
                line["outcome"]["stdout"] = judged.outcome.stdout[-2000:]
                line["outcome"]["stderr"] = judged.outcome.stderr[-2000:]
                with output.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(line) + "\n")
    sys.exit(show(results))


def show(results: list[Judged]) -> int:
    """Print how many runs ended in which way, and return the exit code."""
    total: Counter[str] = Counter()
    for way in WAYS:
        kinds = Counter(judged.kind for judged in results if judged.way == way)
        total += kinds
        echo(f"{way}: {_line(kinds)}")
    bad = {judged.name for judged in results if judged.problems}
    every = {judged.name for judged in results}
    echo(f"together: {_line(total)}")
    echo(f"apps: {len(every)}, {len(every) - len(bad)} passed in every way")
    return int(len(every) - len(bad) < 0.98 * len(every))


def _line(kinds: Counter[str]) -> str:
    words = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    return f"{kinds.total()} runs, {words}"


if __name__ == "__main__":
    command()
