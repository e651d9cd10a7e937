"""Where reports go: the terminal, and files that appear whole or not at all."""

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

FORMATS = ("text", "md", "json", "jsonl", "junit", "github", "html")
SUFFIXES = {
    ".txt": "text", ".md": "md", ".json": "json", ".jsonl": "jsonl",
    ".xml": "junit", ".html": "html",
}  # fmt: skip
STANDARD_OUTPUT = "-"
"""What is written instead of the name of a file."""


class Report(Protocol):
    """What every format does with a run."""

    def begin(self, header: RunHeader) -> None:
        """The run is about to start."""

    def add(self, comparison: Comparison) -> None:
        """A comparison arrived."""

    def end(self, header: RunHeader) -> None:
        """The run ended, or was interrupted."""


def format_of(path: Path, given: str | None) -> str:
    """The format of an output file. Raises UsageError if nothing says it.

    Annotations for GitHub are read from standard output, whatever files there are.
    """
    if given not in (None, "github"):
        assert given is not None
        return given
    if path.suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        hint = nearest(path.suffix, SUFFIXES)
        raise UsageError(
            f"--output {path}: the suffix must be one of {known}, or give --format{hint}"
        )
    return SUFFIXES[path.suffix]


def make_report(
    name: str,
    stream: IO[bytes],
    *,
    full: bool = False,
    telling: LessonOptions | None = None,
) -> Report:
    """A report in one format, to a stream of bytes; with `telling`, a lesson."""
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
    if name == "html" and telling is not None:
        from .lesson_page import LessonPage

        return LessonPage(stream, telling)
    if name == "html":
        from .html import HtmlReport

        return HtmlReport(stream)
    from io import TextIOWrapper

    from .text import CaseReport, TextReport, make_console

    text = TextIOWrapper(stream, encoding="utf-8", write_through=True)
    console = make_console(text, "never")
    if telling is not None:
        from .lesson import LessonReport

        return LessonReport(console, telling)
    return CaseReport(console) if full else TextReport(console)


def place_of(path: Path) -> Path:
    """Where a file is written: where a link leads, so that it stays a link.

    An app may change the working folder: it is where it was when the command began.
    """
    return path.resolve() if path.is_symlink() else path.absolute()


def takes_bytes(path: Path) -> bool:
    """Whether this is a device or a pipe, which is written to and never replaced."""
    return path.exists() and not path.is_file()


class FileReport:
    """A report to a file, which takes its place only when the run has ended.

    Until then it is `NAME.partial` in the same folder, so that nothing recorded is lost
    whatever happens. A device or a pipe is written to as it is. Raises UsageError if the
    file cannot be written, or if another run writes to it.
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
        """The run is about to start."""
        self.begun = True
        self.report.begin(header)

    def add(self, comparison: Comparison) -> None:
        """A comparison arrived."""
        self.report.add(comparison)

    def end(self, header: RunHeader) -> None:
        """The run ended: the file takes its place."""
        self.report.end(header)
        self.stream.close()
        if self.partial != self.path:
            self.partial.replace(self.path)
        self.lock.release()

    def discard_if_empty(self) -> None:
        """Leave no partial file behind where the run never began."""
        if not self.begun:
            self.stream.close()
            if self.partial != self.path:
                self.partial.unlink(missing_ok=True)
        self.lock.release()


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which takes its place when all went well, or not at all.

    `-` is standard output. Raises UsageError if it cannot be written.
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
    """Standard output as bytes."""
    return sys.stdout.buffer
