r"""Search for regular expressions that people write, within a time limit.

Python's `re` may practically never end for a pattern such as `(a+)+$`, and we cannot stop
it. `regex` searches for the same patterns and takes a limit. It gives a meaning to some
patterns that `re` takes literally: `a{e}` and `[[:alpha:]]`. This module escapes these.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from .errors import UsageError

LIMIT = 1.0  # seconds of processor time
MAX_SHOWN = 200  # characters of a pattern

_TOKEN = re.compile(
    r"""
      \\N\{[^}]*\} | \\.                      # an escape
    | \[ \^? \]? (?: \\. | [^\]\\] )* \]         # a set
    | \{ (?! \d* ,? \d* \} | \} )                # a brace that begins no repetition
    """,
    re.VERBOSE | re.DOTALL,
)


class SearchTooSlow(UsageError):
    """A search took longer than `LIMIT`."""

    def __init__(self, pattern: str, length: int) -> None:
        shown = pattern if len(pattern) <= MAX_SHOWN else f"{pattern[:MAX_SHOWN]}…"
        super().__init__(
            f"the regular expression {shown!r} takes longer than {LIMIT:g} s on"
            f" {length:,} characters. Write it so that it can match in one way only:"
            " (a|aa)+ matches aaaa in many ways, a+ in one"
        )


@contextmanager
def _ignored_warnings() -> Iterator[None]:
    """Ignore the warnings of a compilation.

    The filters hold for all threads, and another may run an app that forgets an `await`,
    so we do not ignore RuntimeWarning.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield


def check(pattern: str) -> None:
    """Raise ValueError if a pattern is not a regular expression."""
    try:
        with _ignored_warnings():
            re.compile(pattern, re.DOTALL)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {_message(error)}") from None


def search(pattern: str, text: str) -> Any:
    r"""Find the first match of a pattern in a text, or None. A `.` is any character.

    Raises SearchTooSlow.

    >>> search(r"id=(\d+)", "id=12")[1]
    '12'
    """
    try:
        return compiled(pattern).search(text, timeout=LIMIT)
    except TimeoutError:
        raise SearchTooSlow(pattern, len(text)) from None


def find_all(pattern: str, text: str) -> Iterator[Any]:
    r"""Yield the matches of a pattern in a text that do not overlap.

    Raises SearchTooSlow.

    >>> [found[0] for found in find_all(r"\d+", "1 and 22")]
    ['1', '22']
    """
    try:
        yield from compiled(pattern).finditer(text, timeout=LIMIT)
    except TimeoutError:
        raise SearchTooSlow(pattern, len(text)) from None


@contextmanager
def searching(where: Callable[[], str]) -> Iterator[None]:
    """Name the place of a rule in its error, as of a pattern that is too slow."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{where()}: {error}") from None


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """Compile a pattern. Raises UsageError if it is not a regular expression."""
    import regex

    try:
        with _ignored_warnings():
            return regex.compile(_as_in_re(pattern), regex.DOTALL)
    except (regex.error, OverflowError, RecursionError) as error:
        message = f"{pattern!r} is not a regular expression: {_message(error)}"
        raise UsageError(message) from None


def _as_in_re(pattern: str) -> str:
    r"""Escape a pattern so that it means the same to `regex` as to `re`.

    >>> print(_as_in_re(r"/{id}/\d{2,3}[[:x]"))
    /\{id}/\d{2,3}[\[:x]
    """

    def escaped(found: re.Match[str]) -> str:
        match found[0][0]:
            case "{":
                return r"\{"
            case "[":
                return "[" + _in_set(found[0][1:])
        return found[0]

    return _TOKEN.sub(escaped, pattern)


def _in_set(text: str) -> str:
    return re.sub(r"(\\.)|\[", lambda found: found[1] or r"\[", text, flags=re.DOTALL)


def _message(error: Exception) -> str:
    return (
        "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    )
