"""Bodies compared as a case asks: by meaning, less some places, by pattern.

A place is a JSON Pointer (RFC 6901) in which `*` stands for every key or index.
"""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from comparison.loosening import match_name, tolerance_name
from comparison.model import Loosening, Matching

from .places import lists_at, replaced, take, tokens, values_at

PATTERNS = {
    "uuid": re.compile(
        r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE
    ),
    # RFC 3339, as a date alone too, and RFC 9110 section 5.6.7.
    "timestamp": re.compile(
        r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
        r"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT"
    ),
    "number": re.compile(r"-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b"),
}


def alike(left: str, right: str, loosening: Loosening, rules: set[str]) -> bool:
    """Whether two bodies that are not equal are, as the case asks for.

    The names of the rules that made a difference are added to `rules`.

    >>> rules = set()
    >>> asked = Loosening(ignore=("/at",))
    >>> alike('{"a": 1, "at": 2}', '{"at":3,"a":1}', asked, rules), sorted(rules)
    (True, ['ignore:/at'])
    """
    for name in loosening.patterns:
        left, found = PATTERNS[name].subn(f"<{name}>", left)
        right, others = PATTERNS[name].subn(f"<{name}>", right)
        if found and others:
            rules.add(f"pattern:{name}")
    if left == right:
        return True
    if not loosening.by_meaning:
        return False
    try:
        ours = json.loads(left, object_pairs_hook=_table)
        theirs = json.loads(right, object_pairs_hook=_table)
        return _same(ours, theirs, loosening, rules)
    except (ValueError, RecursionError):
        return False


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; what a repeated name means is open (RFC 8259 section 4)."""
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a name is there twice")
    return table


class _About:
    """A number that equals any other within a tolerance."""

    def __init__(self, number: float, tolerance: float) -> None:
        self.number = number
        self.tolerance = tolerance

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _About):
            return False
        # As they are written: in binary 1.01 - 1 is more than 0.01.
        ours, theirs, most = (
            Decimal(str(n)) for n in (self.number, other.number, self.tolerance)
        )
        try:
            return abs(ours - theirs) <= most
        except InvalidOperation:  # NaN, and the difference of two infinities
            return False

    __hash__ = None  # type: ignore[assignment]  # what is equal to this is no class


class _Kind:
    """A value that stands for any other of its kind."""

    def __init__(self, value: Any, name: str) -> None:
        self.value = value
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kind) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


def _same(one: Any, other: Any, loosening: Loosening, rules: set[str]) -> bool:
    for pointer in loosening.ignore:
        path = tokens(pointer)
        if list(take(one, path)) != list(take(other, path)):
            rules.add(f"ignore:{pointer}")
    sides = [one, other]
    for pointer, kind in loosening.match.items():
        name = match_name(pointer, kind)
        sides = [replaced(s, tokens(pointer), _of_kind(kind, name)) for s in sides]
    for pointer, tolerance in loosening.tolerance.items():
        sides = [replaced(s, tokens(pointer), _about(tolerance)) for s in sides]
    one, other = sides
    for pointer in loosening.unordered:
        path = tokens(pointer)
        before = _text(list(lists_at(one, path))) == _text(list(lists_at(other, path)))
        for each in (*lists_at(one, path), *lists_at(other, path)):
            each.sort(key=_order)
        if not before:
            rules.add(f"unordered:{pointer}")
    same = bool(one == other) and _text(one) == _text(other)
    if same and loosening.json:
        rules.add("json")
    for pointer, tolerance in loosening.tolerance.items():
        if _needed(one, other, pointer, _About, "number"):
            rules.add(tolerance_name(pointer, tolerance))
    for pointer, kind in loosening.match.items():
        if _needed(one, other, pointer, _Kind, "value"):
            rules.add(match_name(pointer, kind))
    return same


def _about(tolerance: float) -> Callable[[Any], Any]:
    def made(value: Any) -> Any:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return _About(value, tolerance) if number else value

    return made


def _of_kind(kind: str | Matching, name: str) -> Callable[[Any], Any]:
    # A pattern of one's own is searched for, as in known differences.
    if isinstance(kind, Matching):
        fits = re.compile(kind.matches, re.DOTALL).search
    else:
        fits = PATTERNS[kind].fullmatch

    def made(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return value
        text = value if isinstance(value, str) else json.dumps(value)
        return _Kind(value, name) if fits(text) else value

    return made


def _needed(one: Any, other: Any, pointer: str, kind: type, field: str) -> bool:
    """Whether there are two at a place that are only equal as being of a kind."""
    ours, theirs = (
        [value for value in values_at(side, tokens(pointer)) if isinstance(value, kind)]
        for side in (one, other)
    )
    return any(
        left == right and getattr(left, field) != getattr(right, field)
        for left, right in zip(ours, theirs, strict=False)
    )


def _order(value: Any) -> tuple[str, list[float]]:
    # Numbers that differ a little do not decide but where all else is equal.
    return _text(value), [about.number for about in _abouts(value)]


def _abouts(value: Any) -> Iterator[_About]:
    if isinstance(value, _About):
        yield value
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from _abouts(value[key])
    elif isinstance(value, list):
        for item in value:
            yield from _abouts(item)


def _text(value: Any) -> str:
    # Python has True == 1; and 1 == 1.0, as JSON has.
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, _About):
        return "≈"
    if isinstance(value, _Kind):
        return f"<{value.name}>"
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else value
