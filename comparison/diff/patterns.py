"""Kinds of text to find in a longer text: UUIDs, timestamps, numbers."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from comparison.core.regexp import find_all, search
from comparison.models.rules import Kind, Matching

PATTERNS: dict[Kind, re.Pattern[str]] = {
    "uuid": re.compile(
        r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE
    ),
    # RFC 3339, also a date alone, and RFC 9110 section 5.6.7.
    "timestamp": re.compile(
        r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
        r"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT"
    ),
    "number": re.compile(r"-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b"),
}


def fits(kind: Kind | Matching) -> Callable[[str], Any]:
    """Return a function that finds out whether a whole text is of a kind.

    A regular expression is searched for, as in known differences.
    """
    if isinstance(kind, Matching):
        return partial(search, kind.matches)
    return PATTERNS[kind].fullmatch


Part = tuple[Kind | Matching | None, str]


def parts(text: str, kinds: Iterable[Kind | Matching]) -> list[Part]:
    """Split a text into parts, each with its kind; earlier kinds take precedence.

    Raises SearchTooSlow for a regular expression that takes too long.

    >>> parts("took 3 ms", ["number"])
    [(None, 'took '), ('number', '3'), (None, ' ms')]
    """
    found: list[Part] = [(None, text)]
    for kind in kinds:
        found = [
            part
            for each in found
            for part in (_cut(each[1], kind) if each[0] is None else (each,))
        ]
    return found


def _cut(text: str, kind: Kind | Matching) -> Iterator[Part]:
    at = 0
    found: Iterator[Any]
    if isinstance(kind, Matching):
        found = find_all(kind.matches, text)
    else:
        found = PATTERNS[kind].finditer(text)
    for match in found:
        if match.start() == match.end():
            continue
        yield None, text[at : match.start()]
        yield kind, match.group()
        at = match.end()
    yield None, text[at:]
