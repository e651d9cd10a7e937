"""`run --resume`: goes on after what a run has kept as JSON Lines.

A run that was stopped leaves `FILE.partial` if it was killed, `FILE` if it could say so.
What is there is not asked again: it is read back, a line at a time, for the counts and
for the other reports, and the file is written on from its last whole line.
"""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from .errors import UsageError
from .kept import read_comparisons, read_header
from .model import Case, Comparison, RunHeader
from .reports import FileReport
from .reports.json import JsonLinesReport

SAME = {
    "environment": "the environment is another",
    "targets": "the targets are others, or have other settings",
    "cases_digest": "the cases are others",
    "known_digest": "the known differences are others",
    "shard": "the shard is another",
}
HOW = "begin anew without --resume"


class Earlier:
    """A run that was kept as far as it came: its header, and its whole lines.

    `source` is the file that has them. Raises DocumentError where that is no run.
    """

    def __init__(self, path: Path, source: Path) -> None:
        self.path = path
        self.source = source
        self.header = read_header(source, HOW)
        self.end = _whole(source)

    def check(self, now: RunHeader, cases: Iterable[Case]) -> None:
        """Read it all, before anything is written.

        Raises UsageError unless a run with this header would be the same run, and
        DocumentError where a line is not what the run would have written.
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
            raise UsageError(f"{self.source}: cannot be gone on with: {reasons}; {HOW}")
        for _ in self.comparisons(iter(cases)):
            pass

    def comparisons(self, cases: Iterator[Case]) -> Iterator[Comparison]:
        """What the file has, with the cases that it is of, which are taken one by one.

        Raises DocumentError naming the line that is wrong.
        """
        return read_comparisons(self.source, cases, HOW, self.end)


class ResumedReport(FileReport):
    """JSON Lines written on after what is there, which is not to be added again."""

    def __init__(self, earlier: Earlier) -> None:
        self.path = earlier.path
        self.partial = earlier.path.with_name(f"{earlier.path.name}.partial")
        self.earlier = earlier
        self.begun = False

    def begin(self, header: RunHeader) -> None:
        """Cut off a line that was being written when the run was stopped."""
        if self.earlier.source != self.partial:
            shutil.copyfile(self.earlier.source, self.partial)
        self.begun = True
        self.stream = self.partial.open("r+b")
        room = len(self.stream.readline()) - 1
        self.report = JsonLinesReport(self.stream, room)
        self.stream.truncate(self.earlier.end)
        self.stream.seek(0, 2)

    def discard_if_empty(self) -> None:
        """What is there stays."""


def earlier_run(path: Path) -> Earlier | None:
    """What an earlier run has left of itself for a file, or None if there is nothing."""
    for source in (path.with_name(f"{path.name}.partial"), path):
        try:
            if source.is_file() and _whole(source):
                return Earlier(path, source)
        except OSError as error:
            raise UsageError(f"{source}: {error.strerror}") from None
    return None


def _whole(path: Path) -> int:
    """Where the last whole line ends, in bytes from the beginning."""
    with path.open("rb") as stream:
        end = stream.seek(0, 2)
        while end:
            start = max(0, end - (1 << 16))
            stream.seek(start)
            if (found := stream.read(end - start).rfind(b"\n")) >= 0:
                return start + found + 1
            end = start
    return 0
