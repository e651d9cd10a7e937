"""`run --resume`: go on after what an interrupted run has saved as JSON Lines.

A run that was killed leaves `FILE.partial`, one that was interrupted leaves `FILE`. We
keep the beginning of it: every whole line up to the first one that is torn or is of
another case than the next one, as lines of several workers are. We read it back for the
counts and for the other reports, write the file on from there, and run the rest again.
"""

import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from comparison.core.errors import UsageError
from comparison.core.locking import FileLock, partial_of
from comparison.models import Case, Comparison, RunHeader
from comparison.reports import FileReport
from comparison.reports.json import JsonLinesReport

from .storage import read_comparisons, read_header, unbroken

SAME = {
    "environment": "the environment is another",
    "targets": "the targets are others, or have other settings",
    "cases_digest": "the cases are others",
    "known_digest": "the known differences are others",
    "shard": "the shard is another",
}
HOW = "start again without --resume"


class Earlier:
    """What an interrupted run has saved: its header, and the comparisons that are kept.

    `source` is the file that has them. `end` is where the kept part ends, in bytes, and
    `kept` counts its comparisons; `check` finds both. Raises DocumentError where the
    file is not a saved run.
    """

    def __init__(self, path: Path, source: Path) -> None:
        self.path = path
        self.source = source
        self.header = read_header(source, HOW)
        self.kept = self.left = self.end = 0

    def check(self, now: RunHeader, cases: Iterable[Case]) -> None:
        """Find what can be kept, before anything is written.

        Raises UsageError unless a run with this header would be the same run.
        """
        differing = [
            reason
            for field, reason in SAME.items()
            if getattr(self.header, field) != getattr(now, field)
        ]
        if not self.header.cases_digest:
            differing = ["it does not say which cases it is of"]
        if differing:
            reasons = "; ".join(differing)
            raise UsageError(f"{self.source}: cannot be resumed: {reasons}; {HOW}")
        self.kept, self.left, self.end = unbroken(self.source, cases)

    def comparisons(self, cases: Iterator[Case]) -> Iterator[Comparison]:
        """The kept comparisons, with their cases, which are taken one by one."""
        return read_comparisons(self.source, islice(cases, self.kept), HOW, self.end)

    def note(self) -> str:
        """What is run again though it was recorded; empty if nothing is."""
        if not self.left:
            return ""
        return (
            f"{self.source}: the first {self.kept} comparisons are kept; {self.left}"
            " more are torn or out of order, and their cases run again"
        )


class ResumedReport(FileReport):
    """JSON Lines written on after what is kept, which is not added again."""

    def __init__(self, earlier: Earlier, lock: FileLock) -> None:
        self.path = earlier.path
        self.partial = partial_of(earlier.path)
        self.lock = lock
        self.earlier = earlier
        self.begun = False

    def begin(self, header: RunHeader) -> None:
        """Cut off what is not kept."""
        if self.earlier.source != self.partial:
            shutil.copyfile(self.earlier.source, self.partial)
        self.begun = True
        self.stream = self.partial.open("r+b")
        room = len(self.stream.readline()) - 1
        self.report = JsonLinesReport(self.stream, room)
        self.stream.truncate(self.earlier.end)
        self.stream.seek(0, 2)

    def discard_if_empty(self) -> None:
        """Leave what is there."""
        self.lock.discard()


def earlier_run(path: Path) -> Earlier | None:
    """What an interrupted run has saved for a file; None if it saved no comparison."""
    partial = partial_of(path)
    try:
        begun = partial.is_file() and partial.stat().st_size
        source = partial if begun else path
        if source.is_file() and _has_comparison(source):
            return Earlier(path, source)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    return None


def _has_comparison(path: Path) -> bool:
    """Whether a whole line stands after the header."""
    with path.open("rb") as stream:
        stream.readline()
        return stream.readline().endswith(b"\n")
