"""`run --resume`: continue an interrupted run that was saved as JSON Lines.

A killed run leaves `FILE.partial`, an interrupted run leaves `FILE`. We reuse every
whole line up to the first one that is torn or out of order. Lines may be out of order
because several workers wrote them. We read these lines for the counts and the other
reports, append to the file, and run the remaining cases again.
"""

import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from comparison.core.errors import UsageError
from comparison.core.locking import FileLock, partial_of
from comparison.core.plural import counted
from comparison.models import Case, Comparison, RunHeader
from comparison.reports import FileReport
from comparison.reports.json import JsonLinesReport

from .storage import read_comparisons, read_header, unbroken

SAME = {
    "environment": "the environment has changed",
    "targets": "the targets or their settings have changed",
    "cases_digest": "the cases have changed",
    "known_digest": "the known differences have changed",
    "shard": "the shard has changed",
}
HOW = "start again without --resume"


class InterruptedRun:
    """A saved run that was interrupted: its header, and the comparisons we reuse.

    `source` is the file that has them. `check` sets `reused`, the number of reused
    comparisons, and `end`, where they end in bytes. Raises DocumentError if the file is
    not a saved run.
    """

    def __init__(self, path: Path, source: Path) -> None:
        self.path = path
        self.source = source
        self.header = read_header(source, HOW)
        self.reused = self.left = self.end = 0

    def check(self, now: RunHeader, cases: Iterable[Case]) -> None:
        """Find the comparisons to reuse, before anything is written.

        Raises UsageError unless a run with this header would be the same run.
        """
        differing = [
            reason
            for field, reason in SAME.items()
            if getattr(self.header, field) != getattr(now, field)
        ]
        if not self.header.cases_digest:
            differing = ["it does not say which cases it has"]
        if differing:
            reasons = "; ".join(differing)
            raise UsageError(f"{self.source}: cannot be resumed: {reasons}; {HOW}")
        self.reused, self.left, self.end = unbroken(self.source, cases)

    def comparisons(self, cases: Iterator[Case]) -> Iterator[Comparison]:
        """Yield the reused comparisons; take their cases one by one."""
        return read_comparisons(self.source, islice(cases, self.reused), HOW, self.end)

    def note(self) -> str:
        """Say which recorded cases run again; empty if none does."""
        if not self.left:
            return ""
        return (
            f"{self.source}: reusing the first {counted(self.reused, 'comparison')};"
            f" {self.left} more are torn or out of order, so their cases run again"
        )


class ResumedReport(FileReport):
    """Appends to the saved JSON Lines; the reused comparisons are already there."""

    def __init__(self, earlier: InterruptedRun, lock: FileLock) -> None:
        self.path = earlier.path
        self.partial = partial_of(earlier.path)
        self.lock = lock
        self.earlier = earlier
        self.begun = False

    def begin(self, header: RunHeader) -> None:
        """Remove the lines that are not reused."""
        if self.earlier.source != self.partial:
            shutil.copyfile(self.earlier.source, self.partial)
        self.begun = True
        self.stream = self.partial.open("r+b")
        room = len(self.stream.readline()) - 1
        self.report = JsonLinesReport(self.stream, room)
        self.stream.truncate(self.earlier.end)
        self.stream.seek(0, 2)

    def discard_if_empty(self) -> None:
        """Leave the file unchanged."""
        self.lock.discard()


def interrupted_run(path: Path) -> InterruptedRun | None:
    """Return the interrupted run saved for a file; None if it has no comparison."""
    partial = partial_of(path)
    try:
        begun = partial.is_file() and partial.stat().st_size
        source = partial if begun else path
        if source.is_file() and _has_comparison(source):
            return InterruptedRun(path, source)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    return None


def _has_comparison(path: Path) -> bool:
    """Return whether a whole line follows the header."""
    with path.open("rb") as stream:
        stream.readline()
        return stream.readline().endswith(b"\n")
