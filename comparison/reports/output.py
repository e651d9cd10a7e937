"""Write reports to the terminal, and to files that appear completely or not at all."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, cast

from comparison.core.errors import UsageError, nearest
from comparison.core.locking import FileLock, locked, partial_of
from comparison.models import Comparison, RunHeader

from .json import JsonLinesReport, JsonReport
from .lesson_options import LessonOptions
from .listing import NOT_LISTED, Listing

FORMATS = ("text", "md", "json", "jsonl", "junit", "github", "html")
SUFFIXES = {
    ".txt": "text", ".md": "md", ".json": "json", ".jsonl": "jsonl",
    ".xml": "junit", ".html": "html",
}  # fmt: skip
STANDARD_OUTPUT = "-"
"""The name that stands for standard output instead of a file."""


class Report(Protocol):
    """The interface of every report format."""

    def begin(self, header: RunHeader) -> None:
        """Begin the report, before the run starts."""

    def add(self, comparison: Comparison) -> None:
        """Add a comparison."""

    def end(self, header: RunHeader) -> None:
        """End the report, after the run has ended or was interrupted."""


def format_of(path: Path, given: str | None) -> str:
    """Return the format of an output file. Raises UsageError if it is unknown.

    GitHub reads annotations from standard output only, so files use their suffix then.
    """
    if given not in (None, "github"):
        assert given is not None
        return given
    if path.suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        hint = nearest(path.suffix, SUFFIXES)
        raise UsageError(
            f"--output {path}: the suffix must be one of {known}, or add --format{hint}"
        )
    return SUFFIXES[path.suffix]


def make_report(
    name: str,
    stream: IO[bytes],
    *,
    full: bool = False,
    lesson: LessonOptions | None = None,
    listing: Listing = NOT_LISTED,
) -> Report:
    """Make a report in one format for a stream of bytes; with `lesson`, a lesson.

    `listing` is for a text report.
    """
    if name == "json":
        return JsonReport(stream)
    if name == "jsonl":
        return JsonLinesReport(stream)
    if name == "md":
        from .markdown import MarkdownReport

        return MarkdownReport(stream, full)
    if name == "junit":
        from .junit import JUnitReport

        return JUnitReport(stream)
    if name == "github":
        from .github import GitHubReport

        return GitHubReport(stream)
    if name == "html" and lesson is not None:
        from .lesson_page import LessonPage

        return LessonPage(stream, lesson)
    if name == "html":
        from .html import HtmlReport

        return HtmlReport(stream)
    from io import TextIOWrapper

    from .case_text import CaseReport
    from .terminal import make_console
    from .text import TextReport

    text = TextIOWrapper(stream, encoding="utf-8", write_through=True)
    console = make_console(text, "never")
    if lesson is not None:
        from .lesson import LessonReport

        return LessonReport(console, lesson)
    return CaseReport(console) if full else TextReport(console, listing=listing)


def place_of(path: Path) -> Path:
    """Return the path to write: the target of a symbolic link, so that the link remains.

    The path is absolute, because an app may change the working folder.
    """
    return path.resolve() if path.is_symlink() else path.absolute()


def takes_bytes(path: Path) -> bool:
    """Return whether the path is a device or a pipe, which must not be replaced."""
    return path.exists() and not path.is_file()


class FileReport:
    """A report to a file that appears only when the run has ended.

    Until then, the report goes to `NAME.partial` in the same folder, so that a crash
    loses no recordings. Devices and pipes are written to directly. Raises UsageError if
    the file is not writable, or if another run writes to it.
    """

    def __init__(self, path: Path, make: Callable[[IO[bytes]], Report]) -> None:
        self.lock = FileLock(path)
        self.path = place_of(path)
        self.partial = partial_of(self.path)
        mode = "w+b"
        if takes_bytes(path):
            self.partial, mode = self.path, "wb"
        try:
            self.stream = cast("IO[bytes]", self.partial.open(mode))
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None
        self.report = make(self.stream)

        self.begun = False

    def begin(self, header: RunHeader) -> None:
        """Begin the report, before the run starts."""
        self.begun = True
        self.report.begin(header)

    def add(self, comparison: Comparison) -> None:
        """Add a comparison."""
        self.report.add(comparison)

    def end(self, header: RunHeader) -> None:
        """End the report and move the file to its final name."""
        self.report.end(header)
        self.stream.close()
        if self.partial != self.path:
            self.partial.replace(self.path)
        self.lock.release()

    def discard_if_empty(self) -> None:
        """Delete the partial file if the run never started."""
        if not self.begun:
            self.stream.close()
            if self.partial != self.path:
                self.partial.unlink(missing_ok=True)
        self.lock.release()


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that replaces the old one only if all goes well.

    `-` is standard output. Raises UsageError if the file is not writable.
    """
    if str(path) == STANDARD_OUTPUT:
        yield standard_output()
        return
    with locked([path]):
        place = place_of(path)
        partial = place if takes_bytes(path) else partial_of(place)
        try:
            with partial.open("wb") as stream:
                yield stream
            if partial != place:
                partial.replace(place)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None
        finally:
            if partial != place:
                partial.unlink(missing_ok=True)


def standard_output() -> IO[bytes]:
    """Return standard output as a stream of bytes."""
    return sys.stdout.buffer
