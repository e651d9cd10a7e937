"""JSON texts whose values a case file can have as TOML, and the others."""

import json
from typing import Any, NoReturn

import msgspec

from comparison.cases.placeholders import NumberText, Placeholders
from comparison.core import toml_writer as toml


class Unwritable(ValueError):
    """A JSON text that TOML, or our encoder, would change."""


def plain_json(text: str) -> Any:
    """Return the value of a JSON text. Raises Unwritable if it would not survive.

    TOML has no null and no integer beyond 64 bits. No table has a key twice.

    >>> plain_json('{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    >>> plain_json('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    comparison.cases.sources.recorded_json.Unwritable: 'a' twice
    """
    value = strict_json(text)
    if not toml.writable(value):
        raise Unwritable("has null, or a number that is too large")
    return value


def strict_json(text: str) -> Any:
    """Return the value of a JSON text. Raises Unwritable if it is not one value."""
    try:
        # msgspec rejects what RFC 8259 does, and what no parser reads alike.
        msgspec.json.decode(text)
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Unwritable(str(error)) from None


def encoded(value: Any) -> str:
    """Return the text that a request with this `json` sends."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_text(value: Any, places: Placeholders) -> str:
    """Return JSON text with placeholders: those of numbers have no quotes."""
    marks: dict[str, str] = {}

    def marked(item: Any) -> Any:
        if isinstance(item, NumberText):
            mark = f"\ue002{len(marks)}\ue002"
            marks[f'"{mark}"'] = item
            return mark
        if isinstance(item, str):
            return places.encoded(item, _within_quotes)
        if isinstance(item, dict):
            return {key: marked(each) for key, each in item.items()}
        return [marked(each) for each in item] if isinstance(item, list) else item

    text = encoded(marked(value))
    for mark, placeholder in marks.items():
        text = text.replace(mark, placeholder)
    return text


def has_secret_numbers(value: Any) -> bool:
    """Return whether a value has numbers in variables of the environment: these are texts."""
    if isinstance(value, dict):
        return any(map(has_secret_numbers, value.values()))
    if isinstance(value, list):
        return any(map(has_secret_numbers, value))
    return isinstance(value, NumberText) and value.startswith("${env:")


def _within_quotes(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise Unwritable(f"{next(n for n in names if names.count(n) > 1)!r} twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise Unwritable(f"{name} is not a number")
