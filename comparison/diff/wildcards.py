"""Compare values in which a rule lets some parts match any other."""

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct

from comparison.models.rules import Kind

from .patterns import PATTERNS, parts


class Free(Struct, frozen=True):
    """A value that by a rule matches any other, or any within a tolerance."""

    rule: str
    value: Any
    tolerance: float | None = None

    def matches(self, other: "Free") -> bool:
        """Return whether this value matches another one of the same rule."""
        if self.tolerance is None:
            return True
        # Decimal as written: in binary 1.01 - 1 is more than 0.01.
        ours, theirs, most = (
            Decimal(str(n)) for n in (self.value, other.value, self.tolerance)
        )
        try:
            return abs(ours - theirs) <= most
        except InvalidOperation:  # NaN, and the difference of two infinities
            return False


def agree(one: Any, other: Any, kinds: Iterable[Kind], rules: set[str]) -> bool:
    """Return whether two values are equal, with wildcards at the same places in both.

    The names of the rules that were needed are added to `rules`. Raises ValueError as
    `told` does.
    """
    ours, free = told(one, kinds)
    theirs, others = told(other, kinds)
    if ours != theirs:
        return False
    pairs = list(zip(free, others, strict=True))
    if not all(left.matches(right) for left, right in pairs):
        return False
    rules.update(left.rule for left, right in pairs if left.value != right.value)
    return True


def order(value: Any, kinds: Iterable[Kind]) -> tuple[str, list[float]]:
    """Return a sort key in which wildcards hardly count."""
    text, free = told(value, kinds)
    # Numbers with a tolerance decide only if all else is equal.
    return text, [each.value for each in free if each.tolerance is not None]


def told(value: Any, kinds: Iterable[Kind]) -> tuple[str, list[Free]]:
    """Return a value as JSON with a mark for each wildcard, and the wildcards in order.

    Texts of one of these kinds are wildcards too. A mark stands outside the quotes,
    where JSON has nothing like it. Raises ValueError for values that equal nothing:
    NaN, and an object in which two names have become equal.

    >>> told({"b": 1.0, "a": ["took 3 ms", "3"]}, ["number"])[0]
    '{"a": ["took "<pattern:number>" ms", ""<pattern:number>""], "b": <pattern:number>}'
    """
    match value:
        case Free():
            return f"<{value.rule}>", [value]
        case dict():
            named = [
                (told(key, kinds), told(item, kinds)) for key, item in value.items()
            ]
            named.sort(key=lambda item: item[0][0])
            if len({name for (name, _), _ in named}) < len(named):
                raise ValueError("a name is there twice")
            items = [
                (f"{name}: {item}", [*free, *more])
                for (name, free), (item, more) in named
            ]
            return _joined("{", items, "}")
        case list():
            return _joined("[", [told(item, kinds) for item in value], "]")
        case str():
            found = parts(value, kinds)
            marks = (f"<{_rule(k)}>" if k else json.dumps(text) for k, text in found)
            return "".join(marks), [Free(_rule(k), text) for k, text in found if k]
        case bool() | None:
            return json.dumps(value), []
    return _number(value, kinds)


def _number(value: float, kinds: Iterable[Kind]) -> tuple[str, list[Free]]:
    written = json.dumps(value)
    for kind in kinds:
        if PATTERNS[kind].fullmatch(written):
            return told(Free(_rule(kind), value), ())
    if value != value:  # noqa: PLR0124 - NaN alone
        raise ValueError("NaN is equal to nothing")
    # 1 == 1.0, as in JSON.
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value)) if whole else written, []


def _joined(
    begin: str, items: list[tuple[str, list[Free]]], end: str
) -> tuple[str, list[Free]]:
    text = ", ".join(text for text, _ in items)
    return f"{begin}{text}{end}", [each for _, free in items for each in free]


def _rule(kind: Kind) -> str:
    return f"pattern:{kind}"
