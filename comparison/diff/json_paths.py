"""JSON Pointers (RFC 6901) in which `*` matches every key or index."""

from collections.abc import Callable, Iterator
from typing import Any


def tokens(pointer: str) -> list[str]:
    """Split a pointer into its parts.

    >>> tokens("/a~1b/*")
    ['a/b', '*']
    """
    parts = pointer.split("/")[1:]
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def values_at(value: Any, path: list[str]) -> Iterator[Any]:
    """Yield the values at a path."""
    if not path:
        yield value
        return
    for key in _places(value, path[0]):
        yield from values_at(value[key], path[1:])


def lists_at(value: Any, path: list[str]) -> Iterator[list[Any]]:
    """Yield the lists at a path."""
    if not path:
        if isinstance(value, list):
            yield value
        return
    for key in _places(value, path[0]):
        yield from lists_at(value[key], path[1:])


def take(value: Any, path: list[str]) -> Iterator[Any]:
    """Remove and yield the values at a path; lists keep their length."""
    for key in _places(value, path[0]):
        if len(path) > 1:
            yield from take(value[key], path[1:])
        elif isinstance(value, dict):
            yield value.pop(key)
        else:
            yield value[key]
            value[key] = None


def replaced(value: Any, path: list[str], made: Callable[[Any], Any]) -> Any:
    """Return the value, with the values at a path replaced by `made(value)`."""
    if not path:
        return made(value)
    for key in _places(value, path[0]):
        value[key] = replaced(value[key], path[1:], made)
    return value


def _places(value: Any, part: str) -> list[Any]:
    """Return the keys or indexes of a value that match a part of a pointer."""
    if isinstance(value, dict):
        keys: list[Any] = sorted(value) if part == "*" else [part]
        return [key for key in keys if key in value]
    if isinstance(value, list):
        if part == "*":
            return list(range(len(value)))
        index = int(part) if part.isdecimal() and len(part) < 10 else len(value)
        return [index] if index < len(value) else []
    return []
