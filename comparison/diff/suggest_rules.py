"""Propose normalisation rules for noise: differences between two responses of one app.

This module applies no rule. A person decides which rules to use.
"""

import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any, Literal

from comparison.models import Exchange, NormalisationRules
from comparison.models.rules import Kind

from .captured import CapturedValues
from .fields import differing
from .json_rules import alike
from .patterns import PATTERNS

KINDS: tuple[Kind, ...] = ("uuid", "timestamp", "number")

Rule = tuple[Literal["ignore", "unordered", "match"], str, Kind | None]


def proposed(
    one: Exchange,
    other: Exchange,
    current: NormalisationRules | None,
    captured: CapturedValues | None = None,
) -> NormalisationRules:
    """Propose rules for the differences that the rules and captures of the case leave.

    A header that is on one side only, a status or a failure has no rule. Where statuses
    differ, the responses are about different events, so nothing has one. `left_over`
    yields the differences that the proposed rules do not remove.
    """
    found = NormalisationRules()
    if _status(one) != _status(other):
        return found
    for field, left, right in differing(one, other, set(), current, captured=captured):
        if field.startswith("header:") and left is not None and right is not None:
            name = field.removeprefix("header:")
            found = found.joined(NormalisationRules(presence=(name,)))
        elif field == "body" and isinstance(left, str) and isinstance(right, str):
            found = found.joined(_of_bodies(left, right))
    body = NormalisationRules(**{**_fields(found), "presence": ()})
    both = (current or NormalisationRules()).joined(body)
    # A length follows its body. It needs no rule if a rule covers the body.
    if "header:content-length" not in {
        f for f, _, _ in differing(one, other, set(), both, captured=captured)
    }:
        names = tuple(n for n in found.presence if n != "content-length")
        found = NormalisationRules(**{**_fields(found), "presence": names})
    return found


def left_over(
    one: Exchange,
    other: Exchange,
    current: NormalisationRules | None,
    found: NormalisationRules,
    captured: CapturedValues | None = None,
) -> Iterator[str]:
    """Yield the fields that differ in spite of the rules."""
    both = (current or NormalisationRules()).joined(found)
    differences = differing(one, other, set(), both, captured=captured)
    yield from (field for field, _, _ in differences)


def _status(exchange: Exchange) -> int | None:
    return None if exchange.response is None else exchange.response.status


def _of_bodies(left: str, right: str) -> NormalisationRules:
    try:
        return _of_values(
            *(json.loads(b, parse_constant=_constant) for b in (left, right))
        )
    except (ValueError, RecursionError):
        pass
    for number in range(1, len(KINDS) + 1):
        for kinds in combinations(KINDS, number):
            found = NormalisationRules(patterns=kinds)
            if alike(left, right, found, set()):
                return found
    return NormalisationRules()


def _of_values(one: Any, other: Any) -> NormalisationRules:
    rules = list(dict.fromkeys(_differing(one, other, "")))
    if not rules:
        return NormalisationRules(json=True)
    kinds: dict[str, set[Kind | None]] = {}
    for _, pointer, kind in rules:
        kinds.setdefault(pointer, set()).add(kind)
    # Several kinds at one place match no single kind.
    mixed = [pointer for pointer, found in kinds.items() if len(found) > 1]
    ignore = [p for rule, p, _ in rules if rule == "ignore"] + mixed
    return NormalisationRules(
        ignore=tuple(dict.fromkeys(pointer for pointer in ignore if pointer)),
        unordered=tuple(p for rule, p, _ in rules if rule == "unordered"),
        match={
            p: kind
            for rule, p, kind in rules
            if rule == "match" and kind is not None and p not in mixed
        },
    )


def _differing(one: Any, other: Any, at: str) -> Iterator[Rule]:
    """Yield a rule for each place in which two JSON values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            place = f"{at}/{key.replace('~', '~0').replace('/', '~1')}"
            if key in one and key in other:
                yield from _differing(one[key], other[key], place)
            else:
                yield "ignore", place, None
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        if sorted(map(_text, one)) == sorted(map(_text, other)):
            if one != other:
                yield "unordered", at, None
            return
        for left, right in zip(one, other, strict=True):
            yield from _differing(left, right, f"{at}/*")
    elif _text(one) != _text(other):
        kind = _kind_of(one, other)
        yield ("ignore", at, None) if kind is None else ("match", at, kind)


def _kind_of(one: Any, other: Any) -> Kind | None:
    if any(
        isinstance(v, bool) or not isinstance(v, str | int | float)
        for v in (one, other)
    ):
        return None
    texts = [v if isinstance(v, str) else json.dumps(v) for v in (one, other)]
    for kind in KINDS:
        if all(PATTERNS[kind].fullmatch(text) for text in texts):
            return kind
    return None


def _constant(name: str) -> object:
    # NaN equals nothing, as when bodies are compared.
    return object() if name == "NaN" else float(name)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _fields(normalisations: NormalisationRules) -> dict[str, Any]:
    return {
        name: getattr(normalisations, name) for name in normalisations.__struct_fields__
    }
