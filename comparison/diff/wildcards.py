"""Compare values in which a rule lets some parts match any other."""

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct

from comparison.models.rules import Kind, Matching, kind_name

from .patterns import parts


class Wildcard(Struct, frozen=True):
    """A value that by a rule matches any other, or any within a tolerance."""

    rule: str
    value: Any
    tolerance: float | None = None

    def matches(self, other: "Wildcard") -> bool:
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


def agree(
    one: Any, other: Any, kinds: Iterable[Kind | Matching], rules: set[str]
) -> bool:
    """Return whether two values are equal, with wildcards at the same places in both.

    The names of the rules that were needed are added to `rules`. Raises ValueError as
    `encoded` does.
    """
    ours, wildcards = encoded(one, kinds)
    theirs, others = encoded(other, kinds)
    if ours != theirs:
        return False
    pairs = list(zip(wildcards, others, strict=True))
    if not all(left.matches(right) for left, right in pairs):
        return False
    rules.update(left.rule for left, right in pairs if left.value != right.value)
    return True


def order(value: Any, kinds: Iterable[Kind | Matching]) -> tuple[str, list[float]]:
    """Return a sort key in which wildcards hardly count."""
    text, wildcards = encoded(value, kinds)
    # Numbers with a tolerance decide only if all else is equal.
    return text, [each.value for each in wildcards if each.tolerance is not None]


def encoded(value: Any, kinds: Iterable[Kind | Matching]) -> tuple[str, list[Wildcard]]:
    """Return a value as JSON with a mark for each wildcard, and the wildcards in order.

    Texts of one of these kinds are wildcards too. A mark stands outside the quotes,
    where JSON has nothing like it. Raises ValueError for values that equal nothing:
    NaN, and an object in which two names have become equal.

    >>> encoded({"b": 1.0, "a": ["took 3 ms", "3"]}, ["number"])[0]
    '{"a": ["took "<pattern:number>" ms", ""<pattern:number>""], "b": <pattern:number>}'
    """
    match value:
        case Wildcard():
            return f"<{value.rule}>", [value]
        case dict():
            named = [
                (encoded(key, kinds), encoded(item, kinds))
                for key, item in value.items()
            ]
            named.sort(key=lambda item: item[0][0])
            if len({name for (name, _), _ in named}) < len(named):
                raise ValueError("a name is there twice")
            items = [
                (f"{name}: {item}", [*wildcards, *more])
                for (name, wildcards), (item, more) in named
            ]
            return _joined("{", items, "}")
        case list():
            return _joined("[", [encoded(item, kinds) for item in value], "]")
        case str():
            found = parts(value, kinds)
            marks = (f"<{_rule(k)}>" if k else json.dumps(text) for k, text in found)
            return "".join(marks), [Wildcard(_rule(k), text) for k, text in found if k]
        case bool() | None:
            return json.dumps(value), []
    return _number(value, kinds)


def _number(
    value: float, kinds: Iterable[Kind | Matching]
) -> tuple[str, list[Wildcard]]:
    written = json.dumps(value)
    for kind in kinds:
        if parts(written, [kind]) == [(None, ""), (kind, written), (None, "")]:
            return encoded(Wildcard(_rule(kind), value), ())
    if value != value:  # noqa: PLR0124 - NaN alone
        raise ValueError("NaN is equal to nothing")
    # 1 == 1.0, as in JSON.
    whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(value)) if whole else written, []


def _joined(
    begin: str, items: list[tuple[str, list[Wildcard]]], end: str
) -> tuple[str, list[Wildcard]]:
    text = ", ".join(text for text, _ in items)
    return f"{begin}{text}{end}", [each for _, wildcards in items for each in wildcards]


def _rule(kind: Kind | Matching) -> str:
    return f"pattern:{kind_name(kind)}"
