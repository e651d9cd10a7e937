"""Make the reports that the options select."""

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from comparison.core.errors import UsageError
from comparison.core.escaping import echo
from comparison.core.locking import FileLock
from comparison.reports import (
    NOT_LISTED,
    STANDARD_OUTPUT,
    FileReport,
    LessonOptions,
    Listing,
    Report,
    format_of,
    make_report,
    place_of,
    standard_output,
)

if TYPE_CHECKING:
    from comparison.runs.resume import InterruptedRun


class Reports:
    """Every report of one command; it removes partial files that are still empty.

    An output `-` is standard output, in the format of `--format`. If standard output is a
    document, the output of apps goes to standard error.
    """

    def __init__(
        self,
        format_: str | None,
        outputs: tuple[str, ...],
        text: Callable[[], Report],
        full: bool = False,
        lesson: LessonOptions | None = None,
        resume: bool = False,
        listing: Listing = NOT_LISTED,
    ) -> None:
        making = partial(make_report, full=full, lesson=lesson, listing=listing)
        self.printing = ExitStack()
        self.files: list[FileReport] = []
        paths = [Path(output) for output in outputs if output != STANDARD_OUTPUT]
        self.earlier: InterruptedRun | None = None
        try:
            for place, times in Counter(path.resolve() for path in paths).items():
                if times > 1:
                    raise UsageError(f"--output {place}: is given twice")
            if resume:
                self._resume([p for p in paths if lines_of(str(p), format_)])
            for path in paths:
                if self.earlier is None or place_of(path) != self.earlier.path:
                    make = partial(making, format_of(path, format_))
                    self.files.append(FileReport(path, make))
        except UsageError:
            self.__exit__()
            raise
        self.reports: list[Report] = [*self.files]
        to_files = paths and STANDARD_OUTPUT not in outputs and format_ != "github"
        if format_ in (None, "text") or to_files:
            self.reports.append(text())
        else:
            self.reports.append(making(format_, standard_output()))
            self.printing.enter_context(redirect_stdout(sys.stderr))

    def _resume(self, paths: list[Path]) -> None:
        from comparison.runs.resume import ResumedReport, interrupted_run

        if len(paths) != 1:
            raise UsageError("--resume needs exactly one --output FILE.jsonl")
        lock = FileLock(paths[0])
        try:
            self.earlier = interrupted_run(place_of(paths[0]))
        finally:
            if self.earlier is None:
                lock.discard()
        if self.earlier is not None:
            self.files.append(ResumedReport(self.earlier, lock))
        else:
            note = "there is nothing to resume; the run starts from the beginning"
            echo(f"comparison: {paths[0]}: {note}", err=True)

    def __enter__(self) -> list[Report]:
        return self.reports

    def __exit__(self, *exc: object) -> None:
        self.printing.close()
        for file in self.files:
            file.discard_if_empty()


def lines_of(output: str, format_: str | None) -> bool:
    """Return True for JSON Lines, from which a later command can resume the run."""
    if output == STANDARD_OUTPUT:
        return format_ == "jsonl"
    return format_of(Path(output), format_) == "jsonl"


def text_report(
    verbosity: int, color: str, total: int, listing: Listing = NOT_LISTED
) -> Report:
    """Make the report of a run for the terminal, with every case or tables listed."""
    from comparison.reports.terminal import make_console
    from comparison.reports.text import TextReport

    console = make_console(None, color)
    return TextReport(console, verbosity, total, listing)


def lesson_report(color: str, lesson: LessonOptions) -> Report:
    """Make the report of a lesson for the terminal."""
    from comparison.reports.lesson import LessonReport
    from comparison.reports.terminal import make_console

    return LessonReport(make_console(None, color), lesson)
