"""Bodies compared as a case asks: by meaning, less some places, by pattern.

A place is a JSON Pointer (RFC 6901) in which `*` stands for every key or index.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from comparison.model import Loosening

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
        left, ours = PATTERNS[name].subn(f"<{name}>", left)
        right, theirs = PATTERNS[name].subn(f"<{name}>", right)
        if ours and theirs:
            rules.add(f"pattern:{name}")
    if left == right:
        return True
    if not loosening.by_meaning:
        return False
    try:
        return _same(json.loads(left), json.loads(right), loosening, rules)
    except (ValueError, RecursionError):
        return False


def _same(one: Any, other: Any, loosening: Loosening, rules: set[str]) -> bool:
    for pointer in loosening.ignore:
        path = _tokens(pointer)
        if list(_take(one, path)) != list(_take(other, path)):
            rules.add(f"ignore:{pointer}")
    for pointer in loosening.unordered:
        path = _tokens(pointer)
        before = _text(list(_lists(one, path))) == _text(list(_lists(other, path)))
        for each in (*_lists(one, path), *_lists(other, path)):
            each.sort(key=_text)
        if not before:
            rules.add(f"unordered:{pointer}")
    same = one == other and _text(one) == _text(other)
    if same and loosening.json:
        rules.add("json")
    return same


def _tokens(pointer: str) -> list[str]:
    parts = pointer.split("/")[1:]
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def _places(value: Any, part: str) -> list[Any]:
    """The keys or indexes of a value that a part of a pointer stands for."""
    if isinstance(value, dict):
        keys: list[Any] = list(value) if part == "*" else [part]
        return [key for key in keys if key in value]
    if isinstance(value, list):
        if part == "*":
            return list(range(len(value)))
        index = int(part) if part.isdecimal() and len(part) < 10 else len(value)
        return [index] if index < len(value) else []
    return []


def _take(value: Any, path: list[str]) -> Iterator[Any]:
    """Take away what is at a path; lists keep their length."""
    for key in _places(value, path[0]):
        if len(path) > 1:
            yield from _take(value[key], path[1:])
        elif isinstance(value, dict):
            yield value.pop(key)
        else:
            yield value[key]
            value[key] = None


def _lists(value: Any, path: list[str]) -> Iterator[list[Any]]:
    if not path:
        if isinstance(value, list):
            yield value
        return
    for key in _places(value, path[0]):
        yield from _lists(value[key], path[1:])


def _text(value: Any) -> str:
    # Python has True == 1; and 1 == 1.0, as JSON has.
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else value
