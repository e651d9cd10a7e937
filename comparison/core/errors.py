"""The exceptions of this project, and the exit code of the command for each.

    ComparisonError
    ├── UsageError              2   The command line, a case file or the settings are wrong.
    │   └── DocumentError       2   A document is wrong: the error names file, line, field.
    ├── TargetError             3   We cannot load, start or reach a target.
    ├── FactoryNeeded           4   Always caught: the exchange fails as unsupported.
    ├── NoCaseSelected          5   No case matches the selection.
    └── OutputClosed          141   The reader closed standard output.

An app that fails while it answers does not raise one of these. We record the `Failure` of
that exchange, and the run continues.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class ComparisonError(Exception):
    """The base class of all exceptions that this project raises on purpose."""

    exit_code = 4


class UsageError(ComparisonError):
    """The command line, a case file or the configuration is wrong."""

    exit_code = 2


class DocumentError(UsageError):
    """One or more problems in a document on disk.

    `problems` holds one line each, `file:line: field: what is wrong`.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class TargetError(ComparisonError):
    """A target cannot be loaded, started or reached."""

    exit_code = 3


class OutputClosed(ComparisonError):
    """The reader closed standard output, as `head` does when it has enough."""

    exit_code = 141  # Shells expect this code: SIGPIPE would have ended us.


class FactoryNeeded(ComparisonError):
    """A case has settings, or needs a fresh app, and its target is not a factory."""


class NoCaseSelected(ComparisonError):
    """The selection left no case to run."""

    exit_code = 5


class ChildTraceback(ComparisonError):
    """The traceback of an exception in a child process, as text."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def nearest_name(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that is most similar, if one is similar enough.

    >>> nearest_name("metod", ["method", "path"])
    'method'
    """
    matches = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the known word that is most similar; return "" if none is.

    >>> nearest("metod", ["method", "path"])
    ', did you mean "method"?'
    >>> nearest("zzz", ["method", "path"])
    ''
    """
    name = nearest_name(word, known)
    return "" if name is None else f', did you mean "{name}"?'
