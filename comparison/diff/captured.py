"""Equate the values that a case captured from each target.

Two apps make two CSRF tokens. Both are right if each app accepts its own, so the token of
one side equals the token of the other, wherever they come back.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from comparison.models import Exchange
from comparison.models.captures import as_text

from .signed import content_of_signed

Pair = tuple[str, str]


class CapturedValues:
    """The values that differ between two targets although a case captured both.

    >>> values = CapturedValues({("t1", "t2"): "token"})
    >>> rules = set()
    >>> values.equal("<input value=t1>", "<input value=t2>", rules), sorted(rules)
    (True, ['captured:token'])
    >>> values.equal("<input value=t1>", "<input value=t3>", rules)
    False
    """

    def __init__(self, names: dict[Pair, str]) -> None:
        self._names = names
        texts = {text for pair in names for text in pair}
        longest_first = sorted(texts, key=lambda text: (-len(text), text))
        self._pattern = re.compile(f"({'|'.join(map(_whole, longest_first))})")
        self._reference = {other: one for one, other in reversed(names)}

    def equal(self, reference: str, candidate: str, rules: set[str]) -> bool:
        """Return whether two texts differ only in captured values, each at its place.

        The names of the rules that were needed are added to `rules`.
        """
        # Every second part is a value. Both sides are split at the values of both, so
        # that a word that is equal on both sides stays equal.
        ours, theirs = self._pattern.split(reference), self._pattern.split(candidate)
        if len(ours) != len(theirs):
            return False
        needed = set()
        for place, pair in enumerate(zip(ours, theirs, strict=True)):
            if pair[0] == pair[1]:
                continue
            name = self._names.get(pair) if place % 2 else None
            if name is None:
                return False
            needed.add(f"captured:{name}")
        rules |= needed
        return True

    def as_reference(self, candidate: str, rules: set[str]) -> str:
        """Return a text of the candidate with the reference's value for each of its own.

        The names of the rules that were needed are added to `rules`.
        """

        def replaced(match: re.Match[str]) -> str:
            one = self._reference.get(match[0])
            if one is None:
                return match[0]
            rules.add(f"captured:{self._names[one, match[0]]}")
            return one

        return self._pattern.sub(replaced, candidate)


def captured_values(
    reference: Iterable[Exchange], candidate: Iterable[Exchange]
) -> CapturedValues | None:
    """Return the captured values of two sides that differ; None if none does."""
    names: dict[Pair, str] = {}
    for ours, theirs in zip(reference, candidate, strict=False):
        for name, value in ours.captured.items():
            if name in theirs.captured:
                for pair in _pairs(value, theirs.captured[name]):
                    names.setdefault(pair, name)
    return CapturedValues(names) if names else None


def _pairs(one: Any, other: Any) -> Iterator[Pair]:
    """Yield the texts that stand for two values, in each encoding."""
    if isinstance(one, bool | dict | list) or isinstance(other, bool | dict | list):
        return
    if one is None or other is None:
        return
    left, right = as_text(one), as_text(other)
    for pair in zip(_forms(left), _forms(right), strict=True):
        if pair[0] != pair[1] and all(pair):
            yield pair
    # A signed token has the secret of the session in it.
    yield from _leaves(content_of_signed(left), content_of_signed(right))


def _leaves(one: Any, other: Any) -> Iterator[Pair]:
    """Yield the texts at the same places in the contents of two signed values."""
    if isinstance(one, str) and isinstance(other, str):
        if one != other and one and other:
            yield one, other
    elif isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() & other.keys():
            yield from _leaves(one[key], other[key])


def _forms(text: str) -> tuple[str, ...]:
    """Return a text as HTML, JSON and URLs write it."""
    return (
        text,
        html.escape(text),
        html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        quote(text),
        quote(text, safe=""),
        quote_plus(text),
    )


def _whole(text: str) -> str:
    """Return a pattern for a text that is not a part of a longer word."""
    before = r"(?<!\w)" if _in_word(text[0]) else ""
    after = r"(?!\w)" if _in_word(text[-1]) else ""
    return f"{before}{re.escape(text)}{after}"


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
