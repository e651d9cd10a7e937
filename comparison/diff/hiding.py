"""Find out whether a proposed rule would hide a difference between two apps.

Two responses of one app show its noise: the places at which they differ. A rule may
remove differences between two apps only at these places.
"""

import json
from collections.abc import Iterator
from typing import Any

from comparison.models import Exchange, NormalisationRules

from .json_paths import tokens
from .patterns import parts

Place = tuple[str, ...]
ABSENT = object()
KINDS: dict[type, str] = {bool: "boolean", int: "number", float: "number"}


def hides(
    rule: NormalisationRules,
    noise: tuple[Exchange, Exchange],
    apps: tuple[Exchange, Exchange],
) -> bool:
    """Return whether a rule removes a difference of two apps that is not noise.

    `noise` are two exchanges of the reference, and `apps` are one of the reference and
    one of a candidate. The rule is a single one. Rules for headers, for formatting and
    for order remove nothing else.
    """
    if not (rule.ignore or rule.match or rule.patterns):
        return False
    bodies = [*_bodies(noise), *_bodies(apps)]
    if len(bodies) < len((*noise, *apps)):
        return False  # Failures, and bodies that are not text, have no rule.
    if rule.patterns:
        return _hides_parts(bodies, rule)
    try:
        first, second, ours, theirs = (json.loads(body) for body in bodies)
    except (ValueError, RecursionError):
        return False
    noisy = {
        place: {_kind(one), _kind(other)}
        for place, one, other in _leaves(first, second)
        if ABSENT not in (one, other)
    }
    ignored = [tokens(pointer) for pointer in rule.ignore]
    matched = [tokens(pointer) for pointer in rule.match]
    for place, one, other in _leaves(ours, theirs):
        varies = _kind(other) in noisy.get(place, ())
        removed = any(_covers(path, place) for path in ignored)
        if _kind(one) == _kind(other):  # A kind matches only its like.
            removed = removed or any(_covers(path, place) for path in matched)
        if removed and not varies:
            return True
    return False


def _bodies(pair: tuple[Exchange, Exchange]) -> Iterator[str]:
    for exchange in pair:
        if exchange.response is not None and not exchange.response.body_base64:
            yield exchange.response.body


def _hides_parts(bodies: list[str], rule: NormalisationRules) -> bool:
    split = [
        [part for kind, part in parts(body, rule.patterns) if kind is not None]
        for body in bodies
    ]
    if len({len(found) for found in split}) > 1:
        return False  # The texts differ in spite of the rule.
    return any(
        ours != theirs and first == second
        for first, second, ours, theirs in zip(*split, strict=True)
    )


def _leaves(one: Any, other: Any, at: Place = ()) -> Iterator[tuple[Place, Any, Any]]:
    """Yield the places in which two JSON values differ, with both values."""
    for kind in (dict, list):
        if isinstance(one, kind) or isinstance(other, kind):
            ours, theirs = _items(one, kind), _items(other, kind)
            if not ours and not theirs and type(one) is not type(other):
                yield at, one, other
            for key in {**ours, **theirs}:
                values = ours.get(key, ABSENT), theirs.get(key, ABSENT)
                yield from _leaves(*values, (*at, key))
            return
    if ABSENT in (one, other) or json.dumps(one) != json.dumps(other):
        yield at, one, other


def _items(value: Any, kind: type) -> dict[str, Any]:
    if isinstance(value, kind) and isinstance(value, dict):
        return value
    if isinstance(value, kind) and isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def _covers(path: list[str], place: Place) -> bool:
    """Return whether a pointer names a place or one above it."""
    return len(path) <= len(place) and all(
        part in ("*", key) for part, key in zip(path, place, strict=False)
    )


def _kind(value: Any) -> str:
    return KINDS.get(type(value), type(value).__name__)
