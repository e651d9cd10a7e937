"""Find known differences similar to an unexplained one.

The shipped known differences belong to the catalogue's cases. If another case has the
same fields with the same values, the cause is likely the same. That is only a hint: the
difference stays unexplained.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from comparison.diff.cookies import same_but_order
from comparison.models import Difference, FieldValue

from .load import load_known
from .models import EVERY_CASE, KnownDifference, KnownValue, Pattern, Side
from .shipped import BUNDLED

MOST = 2  # hints for one difference
LONGEST = 100_000  # characters of a body that we search

BY_SHAPE = ("framing", "header:etag")
GROUP = "ExceptionGroup"
"""A failure that does not say which exception it is."""
BY_VALUE = ("header:content-length", "header:vary")
"""Headers that have another cause if they have another value."""

_HASH = re.compile(r"\b[0-9a-f]{32,}\b")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*-[A-Za-z0-9_-]+")  # a header name


class SimilarDifferences:
    """The shipped entries for these versions, by their fields."""

    def __init__(self, versions: Mapping[str, str]) -> None:
        known = load_known([BUNDLED], versions)
        self._by_fields: dict[frozenset[str], list[_Candidate]] = {}
        for place, entry in enumerate(known):
            if (
                known.applies(entry)
                and not entry.stack
                and EVERY_CASE not in entry.cases
            ):
                fields = frozenset(entry.fields)
                candidate = _Candidate(place, entry)
                self._by_fields.setdefault(fields, []).append(candidate)

    def hinted(
        self, differences: Sequence[Difference], sides: tuple[Side, Side]
    ) -> list[Difference]:
        """Add similar known differences to the unexplained differences of one pair."""
        seen = {d.field: d for d in differences if d.known is None}
        found = self._found(seen, sides)
        return [
            msgspec.structs.replace(d, similar=_nearest(found[d.field]))
            if d.known is None and d.field in found
            else d
            for d in differences
        ]

    def _found(
        self, seen: Mapping[str, Difference], sides: tuple[Side, Side]
    ) -> dict[str, list[tuple[int, "_Candidate"]]]:
        """Return the likeness of the entries whose fields all differ here, by field.

        If the status differs, the other fields follow from it.
        """
        found: dict[str, list[tuple[int, _Candidate]]] = {}
        for fields, candidates in self._by_fields.items():
            if not seen.keys() >= fields or ("status" in seen) > ("status" in fields):
                continue
            for candidate in candidates:
                if alike := _alike(candidate.entry, seen, sides):
                    for field in fields:
                        found.setdefault(field, []).append((alike, candidate))
        return found


class _Candidate(NamedTuple):
    place: int
    entry: KnownDifference


def _nearest(found: list[tuple[int, _Candidate]]) -> tuple[str, ...]:
    """Return the ids of entries, the nearest first, one for each cause.

    Of equally near entries, we prefer the one with the most cases.
    """
    found = sorted(
        found, key=lambda each: (-each[0], -len(each[1].entry.cases), each[1].place)
    )
    causes: dict[str, str] = {}
    for _, (_, entry) in found:
        causes.setdefault(entry.cause, entry.id)
    return tuple(causes.values())[:MOST]


def _alike(
    entry: KnownDifference, seen: Mapping[str, Difference], sides: tuple[Side, Side]
) -> int:
    """Return the likeness of an entry over all of its fields; 0 if one does not match."""
    alike = 0
    for field in entry.fields:
        likeness = _likeness(entry, field, seen[field], sides)
        if not likeness:
            return 0
        alike += likeness
    return alike


def _likeness(
    entry: KnownDifference, field: str, difference: Difference, sides: tuple[Side, Side]
) -> int:
    """Return the likeness of a field: 0 none, 1 missing on one side, 2 equal values.

    Two bodies are alike if one word is missing on the same side; their length does not
    matter. Cookies are alike if the keys of a session have another order. Framings are
    alike if only numbers differ. Entity tags are alike if both are hashes of the same
    kinds.
    """
    values = entry.fields[field]
    one, other = (values.get(side.framework or "") for side in sides)
    if one is None or other is None:
        return 0
    left, right = difference.reference, difference.candidate
    if field == "failure" and any(GROUP in str(value) for value in (left, right)):
        return 0
    if _fits(one, left) and _fits(other, right):
        return 2
    both = left is not None and right is not None
    if field == "header:content-length" and both and "body" in entry.fields:
        return 1
    if field == "body":
        sign = _shipped_sign(one, other)
        return int(bool(sign) and sign == _sign(left, right))
    if field == "header:set-cookie" and both:
        return int(
            same_but_order(_listed(one), _listed(other))
            and same_but_order(_listed(left), _listed(right))
        )
    if field in BY_SHAPE and both:
        return int(_shape(one) == _shape(left) and _shape(other) == _shape(right))
    missing = (one is False, other is False)
    same = missing == (left is None, right is None)
    by_name = field.startswith("header:") and field not in BY_VALUE
    return int(by_name and any(missing) and same)


def _listed(value: Any) -> tuple[str, ...]:
    """Return the values of a field; none if the entry has a pattern."""
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, tuple) else ()


def _shape(value: Any) -> Any:
    """Return a value with its numbers and hashes replaced.

    >>> _shape("5 bytes sent where none is allowed")
    '0 bytes sent where none is allowed'
    """
    if not isinstance(value, str):
        return value
    text = _HASH.sub(lambda found: "x" * len(found[0]), value)
    return _NUMBER.sub("0", text)


def _sign(one: Any, other: Any) -> tuple[str, str] | None:
    """Return the only word that is in one of two texts, if nothing else differs.

    >>> _sign('["Host"]', '["Host","Remote-Addr"]')
    ('', 'Remote-Addr')
    """
    if not isinstance(one, str) or not isinstance(other, str):
        return None
    if max(len(one), len(other)) > LONGEST:
        return None
    ours, theirs = set(_WORD.findall(one)), set(_WORD.findall(other))
    left, right = ours - theirs, theirs - ours
    if len(left) + len(right) != 1:
        return None
    return "".join(left), "".join(right)


# For entries only, whose number is fixed. Bodies would fill the cache.
_shipped_sign = functools.cache(_sign)


def _fits(known_value: KnownValue, actual: FieldValue) -> bool:
    if isinstance(known_value, Pattern):
        return not known_value.phrase and known_value.fits(actual, 0)
    if isinstance(known_value, bool):
        return known_value is (actual is not None)
    plain = list(actual) if isinstance(actual, tuple) else actual
    return (
        list(known_value) if isinstance(known_value, tuple) else known_value
    ) == plain
