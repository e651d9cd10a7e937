"""The exceptions of this project, and the exit code each ends the command with.

    ComparisonError
    ├── UsageError              2   the command line, a case file or the configuration is wrong
    │   └── DocumentError       2   a document on disk is wrong: file, line and field are named
    ├── TargetError             3   a target could not be loaded, started or reached
    ├── FactoryNeeded           4   always caught: the exchange fails as unsupported
    ├── NoCaseSelected          5   nothing was left to ask
    └── ReaderGone            141   the reader of standard output went away

What an app does wrong while it answers is not an exception of ours: it is recorded as
the `Failure` of that exchange, and the run goes on.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class ComparisonError(Exception):
    """The root of everything that this project raises on purpose."""

    exit_code = 4


class UsageError(ComparisonError):
    """What was asked for cannot be done as it was written."""

    exit_code = 2


class DocumentError(UsageError):
    """One or more problems in a document on disk.

    `problems` holds one line each, `file:line: field: what is wrong`.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class TargetError(ComparisonError):
    """A target could not be loaded, started or reached."""

    exit_code = 3


class ReaderGone(ComparisonError):
    """Whoever read standard output has gone, as `head` does when it has enough."""

    exit_code = 141  # as if SIGPIPE had ended us, which is what shells expect


class FactoryNeeded(ComparisonError):
    """A case has settings, or needs a fresh app, and its target is not a factory."""


class NoCaseSelected(ComparisonError):
    """The selection left no case to ask."""

    exit_code = 5


class ChildTraceback(ComparisonError):
    """The traceback of an exception in a child process, as text."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def nearest_name(word: str, known: Iterable[str]) -> str | None:
    """The known word most like this one, if one is.

    >>> nearest_name("metod", ["method", "path"])
    'method'
    """
    matches = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word most like this one, or an empty string.

    >>> nearest("metod", ["method", "path"])
    ', did you mean "method"?'
    >>> nearest("zzz", ["method", "path"])
    ''
    """
    name = nearest_name(word, known)
    return "" if name is None else f', did you mean "{name}"?'
