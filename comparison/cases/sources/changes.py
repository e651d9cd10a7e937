"""Change parts of JSON values, by their places."""

from collections.abc import Iterator
from typing import Any

from .openapi import ABSENT

Path = tuple[str | int, ...]


def others(value: Any) -> Iterator[Any]:
    """Yield values that are not far from this one, then one of each type."""
    match value:
        case bool():
            yield not value
        case int() | float():
            yield from (value + 1, value - 1, value + 2, 0)
        case str():
            yield from (f"{value}2", value[:-1], "a", "1", "")
        case list():
            yield from ([], value[:1], [*value, *value[:1]])
        case dict():
            for name in value:
                yield {k: v for k, v in value.items() if k != name}
            yield {}
    yield from ("text", 1, True, None, {}, [])


def at(value: Any, path: Path) -> Any:
    """Return what stands at a place; ABSENT if the value has no such place."""
    try:
        for key in path:
            value = value[key]
    except (LookupError, TypeError):
        return ABSENT
    return value


def with_value(value: Any, path: Path, changed: Any) -> Any:
    """Return the value with another one at a place."""
    if not path:
        return changed
    at(value, path[:-1])[path[-1]] = changed
    return value


def without(value: Any, path: Path) -> Any:
    """Return the value without what stands at a place."""
    if path:
        del at(value, path[:-1])[path[-1]]
    return value


def changed_places(one: Any, other: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the places in which two values differ.

    >>> list(changed_places({"a": [1, 2], "b": 3}, {"a": [1, 4]}))
    [('a', 1), ('b',)]
    """
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            here = (*path, key)
            yield from changed_places(
                one.get(key, ABSENT), other.get(key, ABSENT), here
            )
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from changed_places(mine, theirs, (*path, number))
    elif one != other or type(one) is not type(other):
        yield path
