"""What is known of the frameworks and looks like a difference that nobody explained.

The known differences that are shipped belong to the catalogue's cases. Where somebody's
own case shows the same fields with the same values, the cause is likely the same: that
is a hint, and explains nothing away.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from comparison.model import Difference, FieldValue

from .declared import EVERY_CASE, Known, KnownValue, Pattern, Side
from .loading import BUNDLED, load_known

MOST = 2  # hints for one difference
LONGEST = 100_000  # characters of a body that is looked through

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*-[A-Za-z0-9_-]+")  # as the name of a header


class Likely:
    """The shipped entries that hold with these versions, by the fields they speak of."""

    def __init__(self, versions: Mapping[str, str]) -> None:
        known = load_known([BUNDLED], versions)
        self._by_field: dict[str, list[Known]] = {}
        for entry in known:
            if (
                known.applies(entry)
                and not entry.stack
                and EVERY_CASE not in entry.cases
            ):
                for field in entry.fields:
                    self._by_field.setdefault(field, []).append(entry)

    def hinted(
        self, differences: Sequence[Difference], sides: tuple[Side, Side]
    ) -> list[Difference]:
        """The differences of one pair, the unexpected ones with what they are like."""
        seen = {d.field: d for d in differences if d.known is None}
        return [
            msgspec.structs.replace(d, like=found)
            if d.known is None and (found := self._of(d, seen, sides))
            else d
            for d in differences
        ]

    def _of(
        self,
        difference: Difference,
        seen: Mapping[str, Difference],
        sides: tuple[Side, Side],
    ) -> tuple[str, ...]:
        """The ids of the entries all of whose fields are seen, the nearest first."""
        found: list[tuple[int, _Candidate]] = []
        for entry in self._by_field.get(difference.field, ()):
            likeness = [_likeness(entry, field, seen, sides) for field in entry.fields]
            if all(likeness):
                candidate = _Candidate(entry.id, entry.cause)
                found.append((sum(likeness), candidate))
        found.sort(key=lambda each: -each[0])
        causes = {each.cause: each.id for _, each in reversed(found)}
        ids = dict.fromkeys(causes[each.cause] for _, each in found)
        return tuple(ids)[:MOST]


class _Candidate(Struct, frozen=True):
    id: str
    cause: str


def _likeness(
    entry: Known,
    field: str,
    seen: Mapping[str, Difference],
    sides: tuple[Side, Side],
) -> int:
    """How alike a field is: 0 not at all, 1 in what is missing, 2 in its values too.

    A body is like another where one word is missing on the same side; its length is not
    looked at.
    """
    values, difference = entry.fields[field], seen.get(field)
    wanted = [values.get(side.framework or "") for side in sides]
    if difference is None or None in wanted:
        return 0
    pairs = list(zip(wanted, (difference.reference, difference.candidate), strict=True))
    if all(_fits(value, actual) for value, actual in pairs):
        return 2
    both = difference.reference is not None and difference.candidate is not None
    if field == "header:content-length" and both and "body" in entry.fields:
        return 1
    if field == "body":
        sign = _sign(*wanted)
        return int(bool(sign) and sign == _sign(*(actual for _, actual in pairs)))
    absent = [value is False for value, _ in pairs]
    same = absent == [actual is None for _, actual in pairs]
    return 1 if field.startswith("header:") and any(absent) and same else 0


def _sign(one: Any, other: Any) -> tuple[str, str] | None:
    """The one word that is in one of two texts only, if nothing else tells them apart.

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


def _fits(wanted: KnownValue | None, actual: FieldValue) -> bool:
    if isinstance(wanted, Pattern):
        return not wanted.phrase and wanted.fits(actual, 0)
    if isinstance(wanted, bool):
        return wanted is (actual is not None)
    plain = list(actual) if isinstance(actual, tuple) else actual
    return (list(wanted) if isinstance(wanted, tuple) else wanted) == plain
