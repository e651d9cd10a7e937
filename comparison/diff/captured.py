"""Equate the values that a case captured from each target.

Two apps make two CSRF tokens. Both are right if each app accepts its own, so the token of
one side equals the token of the other, wherever they come back. A short value, such as
the number of an order, may also be elsewhere by chance. It counts only as the whole value
of a field, or of a segment in the path of a URL. The field has the name of the capture, or
the name of the place that it reads.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from comparison.models import Case, Exchange
from comparison.models.captures import as_text

from .signed import content_of_signed

Pair = tuple[str, str]
_WORD = re.compile(r"[\w-]+")
_ELEMENT = ">"  # the "field" of an element's text in HTML
SHORT = 6
"""A value with fewer characters counts only as a whole value."""


class CapturedValues:
    """The values that differ between two targets although a case captured both.

    `names` has the capture of each pair of texts, and `fields` the names of the fields in
    which a short text counts. A text that is not in `fields` counts everywhere.

    >>> values = CapturedValues({("token-1", "token-2"): "token"})
    >>> rules = set()
    >>> values.equal("<input value=token-1>", "<input value=token-2>", rules)
    True
    >>> values.equal("<input value=token-1>", "<input value=token-3>", rules)
    False
    >>> sorted(rules)
    ['captured:token']
    >>> short = CapturedValues({("7", "8"): "id"}, {"7": {"id"}, "8": {"id"}})
    >>> short.equal('{"id": 7, "rows": 1}', '{"id": 8, "rows": 1}', rules)
    True
    >>> short.equal('{"id": 7, "rows": 7}', '{"id": 8, "rows": 8}', rules)
    False
    """

    def __init__(
        self, names: dict[Pair, str], fields: Mapping[str, Iterable[str]] = {}
    ) -> None:
        self._names = names
        texts = {text for pair in names for text in pair}
        longest_first = sorted(texts, key=lambda text: (-len(text), text))
        patterns = (
            _in_fields(text, fields[text]) if text in fields else _whole(text)
            for text in longest_first
        )
        self._pattern = re.compile(f"({'|'.join(patterns)})")
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
        """Return a text of the candidate in which the reference's values replace its values.

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
    case: Case, reference: Iterable[Exchange], candidate: Iterable[Exchange]
) -> CapturedValues | None:
    """Return the captured values of two sides that differ; None if none does."""
    names: dict[Pair, str] = {}
    fields: dict[str, set[str]] = {}
    anywhere: set[str] = set()
    for ours, theirs in zip(reference, candidate, strict=False):
        for name, value in ours.captured.items():
            if name not in theirs.captured:
                continue
            for pair, short in _pairs(value, theirs.captured[name]):
                names.setdefault(pair, name)
                for text in pair:
                    if short:
                        found = fields.setdefault(text, set())
                        found |= _fields(name, case)
                    else:
                        anywhere.add(text)
    for text in anywhere:
        fields.pop(text, None)
    return CapturedValues(names, fields) if names else None


def _pairs(one: Any, other: Any) -> Iterator[tuple[Pair, bool]]:
    """Yield the texts that stand for two values, and whether the values are short."""
    if isinstance(one, bool | dict | list) or isinstance(other, bool | dict | list):
        return
    if one is None or other is None:
        return
    left, right = as_text(one), as_text(other)
    short = _is_short(left, right)
    for pair in zip(_forms(left), _forms(right), strict=True):
        if pair[0] != pair[1] and all(pair):
            yield pair, short
    # A signed token has the secret of the session in it.
    for pair in _leaves(content_of_signed(left), content_of_signed(right)):
        yield pair, _is_short(*pair)


def _is_short(one: str, other: str) -> bool:
    return min(len(one), len(other)) < SHORT


def _fields(name: str, case: Case) -> set[str]:
    """Return the names of fields that may have the whole value of a capture."""
    found = {name}
    for capture in (r.capture[name] for r in case.requests if name in r.capture):
        members = [word for word in _WORD.findall(capture.json) if not word.isdigit()]
        places = [
            *members[-1:],
            capture.attribute,
            capture.header.lower(),
            capture.cookie,
        ]
        found.update(filter(None, places))
        if capture.css and not capture.attribute:
            found.add(_ELEMENT)
    return found


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


def _in_fields(text: str, names: Iterable[str]) -> str:
    """Return a pattern for a text that is the whole value of one of these fields.

    A field is a member in JSON, a parameter of a query, a cookie, a header, or an
    attribute in HTML. A segment of a path counts too if the segment before it ends with a
    letter.
    """
    before = ["[A-Za-z]/"]
    for name in sorted({*names} - {_ELEMENT}):
        field = re.escape(name)
        before += [f'"{field}":{rest}' for rest in ("", " ", '"', ' "')]
        before += [f"^{field}=", f"[?&; ]{field}=", f" {field}=[\"']"]
    places = "|".join(f"(?<={each})" for each in before)
    whole = rf"(?:{places}){re.escape(text)}(?![\w.-])"
    return rf"{whole}|(?<=>){re.escape(text)}(?=<)" if _ELEMENT in names else whole


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
