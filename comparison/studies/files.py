"""Read recordings, write outputs, format tables and show progress, for all studies."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from comparison.core.errors import UsageError, nearest
from comparison.reports.output import STANDARD_OUTPUT, place_of, takes_bytes

_Recording = TypeVar("_Recording")


def paths_of(outputs: Iterable[str], suffixes: Iterable[str]) -> list[Path]:
    """Return the files of `--output`, without `-` for standard output.

    Raises UsageError for another suffix, or if a file occurs twice.
    """
    paths: dict[Path, Path] = {}
    suffixes = tuple(suffixes)
    for path in (Path(output) for output in outputs if output != STANDARD_OUTPUT):
        if path.suffix not in suffixes:
            hint = nearest(path.suffix, suffixes)
            raise UsageError(
                f"--output {path}: the suffix must be one of {', '.join(suffixes)}{hint}"
            )
        if path.resolve() in paths:
            raise UsageError(f"--output {path}: is given twice")
        paths[path.resolve()] = path
    return list(paths.values())


def hides_table(outputs: Iterable[str], quiet: bool) -> bool:
    """Return whether the command prints no table at the end."""
    return quiet and STANDARD_OUTPUT not in outputs


def replace(path: Path, content: bytes) -> None:
    """Write a file completely or not at all, or a device. Raises UsageError."""
    place = place_of(path)
    partial = place.with_name(f"{place.name}.new")
    try:
        if takes_bytes(path):
            place.write_bytes(content)
            return
        partial.write_bytes(content)
        partial.replace(place)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def read_recording(path: Path, kind: type[_Recording], what: str) -> _Recording:
    """Read the recording of a study. Raises UsageError for anything else."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path}: is not the recording of {what}: {error}") from None


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a table for a terminal; the first cell shows only where it changes."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    previous = ""
    for row in rows:
        cells = ("", *row[1:]) if row[0] == previous else row
        previous = row[0]
        padded = (cell.ljust(w) for cell, w in zip(cells, widths, strict=True))
        yield "  ".join(padded).rstrip()


def markdown_table(
    header: Sequence[str], rows: Iterable[Sequence[str]]
) -> Iterator[str]:
    """Yield a table in Markdown."""
    for row in (header, ["---"] * len(header), *rows):
        yield f"| {' | '.join(row)} |"


def watch(steps: Iterable[int], total: int, word: str, quiet: bool) -> None:
    """Run the steps, each of which yields its amount of work, and show the progress.

    A terminal shows a bar. If standard error is a file or a pipe, each tenth of the work
    prints a line with an estimate.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal and not quiet:
        steps = _with_lines(steps, total, word)
    columns = (
        TextColumn(word), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )  # fmt: skip
    hidden = quiet or not console.is_terminal
    with Progress(
        *columns, console=console, transient=True, disable=hidden
    ) as progress:
        task = progress.add_task("", total=total)
        for done in steps:
            progress.advance(task, done)


def _with_lines(steps: Iterable[int], total: int, word: str) -> Iterator[int]:
    """Run the steps; print a line to standard error for each tenth but the last."""
    started, first, sofar, tenths = time.monotonic(), None, 0, 0
    for done in steps:
        sofar += done
        first = sofar if first is None else first  # work of an earlier run
        reached = 10 * sofar // total if total else 10
        if tenths < reached < 10 and sofar > first:
            tenths = reached
            left = (time.monotonic() - started) * (total - sofar) / (sofar - first)
            sys.stderr.write(
                f"comparison: {word}: {sofar:,} of {total:,}, about {_minutes(left)}"
                " left\n"
            )
        yield done


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
