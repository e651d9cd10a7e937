"""Remove the fields that only the candidate has from a JSON value."""

from collections.abc import Iterable
from typing import Any

from .json_paths import tokens, values_at


def remove_more(one: Any, other: Any, pointers: Iterable[str] | None) -> set[str]:
    """Remove from `other` the fields that `one` has not, and return where.

    `pointers` are the places of the objects; None is every place, which the result calls
    `*`. Objects in lists belong together by their index.

    >>> candidate = {"a": 1, "b": 2}
    >>> remove_more({"a": 1}, candidate, [""]), candidate
    ({''}, {'a': 1})
    """
    if pointers is None:
        return {"*"} if _everywhere(one, other) else set()
    found = set()
    for pointer in pointers:
        path = tokens(pointer)
        pairs = zip(values_at(one, path), values_at(other, path), strict=False)
        removed = [_remove(ours, theirs) for ours, theirs in pairs]
        if True in removed:
            found.add(pointer)
    return found


def _everywhere(one: Any, other: Any) -> bool:
    removed = _remove(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(one[key], other[key]) for key in one if key in other]
    elif isinstance(one, list) and isinstance(other, list):
        pairs = list(zip(one, other, strict=False))
    else:
        return False
    below = [_everywhere(ours, theirs) for ours, theirs in pairs]
    return removed or True in below


def _remove(one: Any, other: Any) -> bool:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return False
    more = [key for key in other if key not in one]
    for key in more:
        del other[key]
    return bool(more)
