"""Parse the status codes, stacks and variants of a sweep."""

import re
from collections.abc import Iterable, Iterator

from comparison.core.errors import TargetError, UsageError, nearest
from comparison.targets.servers.stacks import EXTRA, SERVERS, STACKS

VARIANTS = ("json", "empty", "stream", "head")
DEFAULT_CODES = "100-999,-1,0,1000"
LIMIT = 99_999

Ranges = tuple[tuple[int, int], ...]

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
    return tuple(_merged(sorted(ranges)))


def _merged(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for first, last in ranges:
        if current is not None and first <= current[1] + 1:
            current = (current[0], max(current[1], last))
            continue
        if current is not None:
            yield current
        current = (first, last)
    if current is not None:
        yield current


def every_code(ranges: Ranges) -> list[int]:
    """Return all codes of the ranges, in order."""
    return [code for first, last in ranges for code in range(first, last + 1)]


def choose_stacks(names: Iterable[str]) -> tuple[str, ...]:
    """Return the named stacks, or all that are installed.

    Raises UsageError for an unknown stack, and TargetError for one that is not installed.
    """
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in STACKS:
            hint = nearest(name, STACKS) or f"; there are {', '.join(STACKS)}"
            raise UsageError(f"--stack {name!r}: unknown stack{hint}")
        if not _installed(name):
            raise TargetError(f"--stack {name!r}: install it: pip install '{EXTRA}'")
    return chosen or tuple(name for name in STACKS if _installed(name))


def _installed(stack: str) -> bool:
    return SERVERS[stack.partition("+")[2]].installed


def choose_variants(names: Iterable[str]) -> tuple[str, ...]:
    """Return the named variants, or all. Raises UsageError for an unknown variant."""
    chosen = [part.strip() for name in names for part in name.split(",")]
    for name in chosen:
        if name not in VARIANTS:
            hint = nearest(name, VARIANTS) or f"; there are {', '.join(VARIANTS)}"
            raise UsageError(f"--variant {name!r}: unknown variant{hint}")
    return tuple(v for v in VARIANTS if v in chosen) or VARIANTS
