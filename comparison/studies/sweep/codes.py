"""Parse the status codes and variants of a sweep."""

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from comparison.core.errors import UsageError, nearest

VARIANTS = ("json", "empty", "stream", "head")
LIMIT = 99_999

Ranges = tuple[tuple[int, int], ...]

_Value = TypeVar("_Value")
_ITEM = re.compile(r"\s*(-?\d+)\s*(?:-\s*(-?\d+)\s*)?\Z")


def parse_codes(text: str) -> Ranges:
    """Parse numbers and ranges from the command line. Raises UsageError.

    >>> parse_codes("200-299,-1")
    ((-1, -1), (200, 299))
    """
    ranges = []
    for item in text.split(","):
        found = _ITEM.match(item)
        if found is None:
            raise UsageError(
                f"--codes {item!r}: write numbers and ranges such as 200-299,404"
            )
        first = int(found.group(1))
        last = first if found.group(2) is None else int(found.group(2))
        if first > last:
            raise UsageError(f"--codes {item!r}: the range ends before it begins")
        if max(abs(first), abs(last)) > LIMIT:
            raise UsageError(f"--codes {item!r}: write codes from -{LIMIT} to {LIMIT}")
        ranges.append((first, last))
    codes = {code for first, last in ranges for code in range(first, last + 1)}
    return tuple((first, last) for first, last, _ in runs_of(codes))


def runs(
    pieces: Iterable[tuple[int, int, _Value]],
) -> Iterator[tuple[int, int, _Value]]:
    """Join neighbouring ranges that have equal values.

    >>> list(runs([(200, 203, "a"), (204, 204, "a"), (205, 205, "b")]))
    [(200, 204, 'a'), (205, 205, 'b')]
    """
    current: tuple[int, int, _Value] | None = None
    for first, last, value in pieces:
        if current and current[1] + 1 == first and current[2] == value:
            current = (current[0], last, value)
            continue
        if current:
            yield current
        current = (first, last, value)
    if current:
        yield current


def runs_of(codes: Iterable[int]) -> Iterator[tuple[int, int, None]]:
    """Return the ranges that these codes form."""
    return runs((code, code, None) for code in sorted(codes))


def every_code(ranges: Ranges) -> list[int]:
    """Return all codes of the ranges, in order."""
    return [code for first, last in ranges for code in range(first, last + 1)]


def choose_variants(names: Iterable[str]) -> tuple[str, ...]:
    """Return the named variants, or all. Raises UsageError for an unknown variant."""
    chosen = [part.strip() for name in names for part in name.split(",")]
    for name in chosen:
        if name not in VARIANTS:
            hint = nearest(name, VARIANTS) or f"; there are {', '.join(VARIANTS)}"
            raise UsageError(f"--variant {name!r}: unknown variant{hint}")
    return tuple(v for v in VARIANTS if v in chosen) or VARIANTS
