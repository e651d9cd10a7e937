"""Freeze values: record a Python value as it is now.

A recorded value outlives the request, crosses threads and is shown to people. We
convert it at once to a `Value` with a type, a limited size and depth, and no memory
addresses. An object's `repr` may fail, so we never rely on it.
"""

import re
from typing import Any

from comparison.core.surrogates import printable
from comparison.models import Value

MAX_TEXT = 400
MAX_ITEMS = 20
MAX_DEPTH = 4

_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+| id='\d+'|(?<=[ (:<])0x[0-9A-Fa-f]{8,}")
_TEXTS = (str, bytes, bytearray)
_ATOMS = (*_TEXTS, int, float, complex, bool, type(None))


def freeze(value: Any, depth: int = 0) -> Value:
    """Return the value as it is now. Never raises.

    >>> freeze(("Hello", 202)).text
    "('Hello', 202)"
    >>> [item.type for item in freeze(("Hello", 202)).items]
    ['str', 'int']
    """
    kind = type(value)
    name = kind.__name__
    if kind in _ATOMS:
        return Value(name, _atom(value))
    if kind in (tuple, list):
        if depth >= MAX_DEPTH:
            return Value(name, "…")
        items = tuple([freeze(item, depth + 1) for item in value[:MAX_ITEMS]])
        return Value(name, _sequence(kind, items, len(value)), items)
    if kind is dict:
        return _mapping(value, depth)
    return _other(value, name)


def _atom(value: Any) -> str:
    kind = type(value)
    if kind in _TEXTS and len(value) > MAX_TEXT:
        return cap(repr(value[: MAX_TEXT + 1]))
    if kind is int and value.bit_length() > 1024:
        return f"int of {value.bit_length()} bits"
    return repr(value)


def _sequence(kind: type, items: tuple[Value, ...], length: int) -> str:
    parts = [item.text for item in items]
    if length > len(items):
        parts.append(f"… {length - len(items)} more")
    if kind is list:
        return cap(f"[{', '.join(parts)}]")
    return cap(f"({', '.join(parts)}{',' if length == 1 else ''})")


def _mapping(value: dict[Any, Any], depth: int) -> Value:
    if depth >= MAX_DEPTH:
        return Value("dict", "…")
    pairs = []
    parts = []
    for key, item in list(value.items())[:MAX_ITEMS]:
        frozen = (freeze(key, depth + 1), freeze(item, depth + 1))
        text = f"{frozen[0].text}: {frozen[1].text}"
        pairs.append(Value("item", text, frozen))
        parts.append(text)
    if len(value) > len(pairs):
        parts.append(f"… {len(value) - len(pairs)} more")
    return Value("dict", cap(f"{{{', '.join(parts)}}}"), tuple(pairs))


def _other(value: Any, name: str) -> Value:
    status = response_status(value)
    try:
        if status is not None:
            # The number of bytes in Werkzeug's repr depends on how it stores the body.
            text = f"<{name} [{value.status}]>"
        else:
            text = _ADDRESS.sub("", repr(value))
    except Exception as error:
        text = f"<{name} whose repr raised {type(error).__name__}>"
    return Value(name, cap(text), status=status)


def response_status(value: Any) -> int | None:
    """Return the status of a Flask, Quart or Werkzeug response; None for other objects."""
    try:
        status = value.status_code
        # A mock has every attribute.
        if type(status) is not int or not hasattr(value, "headers"):
            return None
        return status if isinstance(value.status, str) else None
    except Exception:
        return None


def cap(text: str, limit: int = MAX_TEXT) -> str:
    """Return the text, cut at the limit, with a visible mark.

    Lone surrogates, as in file names, become escapes.
    """
    text = text if len(text) <= limit else text[:limit] + "…"
    return text if text.isascii() else printable(text)
