"""Run the matrix of commands and ends: `python -m tests.matrix [WORD...]`.

Only cells whose name has each word are run. A table says how many passed.
"""

import json
import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from comparison.core.escaping import echo

from . import cells as matrix
from . import loops
from .cells import Judged


@click.command()
@click.argument("words", nargs=-1)
@click.option("--parallel", default=2, show_default=True, help="Cells at a time.")
@click.option("--shuffle", is_flag=True, help="In an order by chance.")
@click.option("--output", type=click.Path(path_type=Path), help="JSON Lines.")
def command(
    words: tuple[str, ...], parallel: int, shuffle: bool, output: Path | None
) -> None:
    """Run cells of the matrix; exit 1 if one of them does not pass."""
    every = [*matrix.cells(), *loops.loops()]
    chosen = [cell for cell in every if all(word in cell.name for word in words)]
    if shuffle:
        random.shuffle(chosen)
    results: list[Judged | loops.Judged] = []
    with ThreadPoolExecutor(parallel) as executor:
        for judged in executor.map(_run, chosen):
            results.append(judged)
            if judged.problems:
                echo(f"{judged.cell.name}: {'; '.join(judged.problems)}")
            if output is not None:
                document = {
                    "cell": judged.cell.name,
                    "kind": judged.kind,
                    "problems": judged.problems,
                    "code": judged.outcome.code,
                    "seconds": judged.outcome.seconds,
                    "stderr": judged.outcome.stderr[-2000:],
                }
                with output.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(document) + "\n")
    sys.exit(_show(results))


def _run(cell: matrix.Cell | loops.Loop) -> Judged | loops.Judged:
    return loops.run(cell) if isinstance(cell, loops.Loop) else matrix.run(cell)


def _show(results: list[Judged | loops.Judged]) -> int:
    """Print a line for each command and one for all of them."""
    by_command: dict[str, Counter[str]] = {}
    for judged in results:
        name = judged.cell.name.partition(" ")[0]
        by_command.setdefault(name, Counter())[judged.kind] += 1
    total: Counter[str] = Counter()
    for name, kinds in by_command.items():
        total += kinds
        echo(f"{name:<16}{_line(kinds)}")
    echo(f"{'together':<16}{_line(total)}")
    return int(total["passed"] < total.total())


def _line(kinds: Counter[str]) -> str:
    words = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    return f"{kinds.total():>4} cells, {words}"


if __name__ == "__main__":
    command()
