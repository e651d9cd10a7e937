"""Find out whether two responses of one app differ only in random values and times.

Other differences may come from state: a counter, one row more, another word.
"""

import re

from comparison.models import Exchange, NormalisationRules

from .captured import CapturedValues
from .fields import differing
from .patterns import parts

_WORD = re.compile(r"[^\s\"'<>=&;,:(){}\[\]]+")
_DIGITS = re.compile(r"\d+")
SHORTEST = 8
"""The fewest characters of a text that we take for a random one."""


def only_random(
    one: Exchange,
    other: Exchange,
    current: NormalisationRules | None,
    captured: CapturedValues | None = None,
) -> bool:
    """Return whether all differences are UUIDs, timestamps and random texts."""
    return all(
        field == "header:content-length" or _random(left, right)
        for field, left, right in differing(
            one, other, set(), current, captured=captured
        )
    )


def _random(left: object, right: object) -> bool:
    if not isinstance(left, str) or not isinstance(right, str):
        return False
    ours, theirs = _words(left), _words(right)
    return len(ours) == len(theirs) and all(
        one == other or _unlike(one, other)
        for one, other in zip(ours, theirs, strict=True)
    )


def _words(text: str) -> list[str]:
    """Return the words of a text, without its UUIDs and timestamps."""
    rest = (part for kind, part in parts(text, ("uuid", "timestamp")) if kind is None)
    return [word for part in rest for word in _WORD.findall(part)]


def _unlike(one: str, other: str) -> bool:
    """Return whether two words look random, and not like a text with a counter."""
    return (
        min(len(one), len(other)) >= SHORTEST
        and bool(_DIGITS.search(one + other))
        and _DIGITS.sub("0", one) != _DIGITS.sub("0", other)
    )
