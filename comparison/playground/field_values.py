"""Parse the text of a form field of "Try it" into a value.

Each function raises DescriptionError with the name of the field.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from comparison.views import DescriptionError

WHOLE = "a whole number, as 202"
_TEXTS = ("text", "bytes", "bytearray", "memoryview", "file", "function", "set")
_NOTHING = ("none", "object")
_PIECES = ("generator", "iterator", "async-generator")
_WRITTEN = {
    "int": WHOLE,
    "enum": WHOLE,
    "error": "a status, as 404",
    "float": "a number, as 202.5",
    "bool": "true or false",
}
_KINDS = {
    "object": 'an object in JSON, as {"a": 1}',
    "array": "an array in JSON, as [1, 2]",
    "str": "a text",
    "int": WHOLE,
    "float": _WRITTEN["float"],
    "bool": _WRITTEN["bool"],
}
_PARTS = {"str": "characters", "array": "of them", "object": "members"}
_OTHER_KIND = re.compile(r"expected `(\w+)`, got `\w+`")
_TOO_LONG = re.compile(r"expected `(\w+)` of length <= (\d+)")
_TOO_MUCH = re.compile(r"expected `int` (<=|>=) (-?\d+)")
_FLAGS = ("secure", "httponly")
_ATTRIBUTES = ("path", "samesite", *_FLAGS)


def plainly(problem: str) -> str:
    """Say what is wrong with a value without the names of types.

    >>> plainly("expected `object`, got `int`")
    'must be an object in JSON, as {"a": 1}'
    >>> plainly("expected `str` of length <= 100"), plainly("expected `int` <= 9")
    ('must be at most 100 characters', 'must be at most 9')
    """
    if found := _OTHER_KIND.fullmatch(problem):
        return f"must be {_KINDS.get(found[1], found[1])}"
    if found := _TOO_LONG.fullmatch(problem):
        return f"must be at most {found[2]} {_PARTS.get(found[1], 'of them')}"
    if found := _TOO_MUCH.fullmatch(problem):
        return f"must be at {'most' if found[1] == '<=' else 'least'} {found[2]}"
    return problem


def of_kind(field: str, kind: str, text: str) -> dict[str, Any]:
    """Return a kind with its content."""
    if kind in _NOTHING:
        return {"kind": kind}
    return {"kind": kind, "content": _content(field, kind, text)}


def _content(field: str, kind: str, text: str) -> Any:
    if kind in _TEXTS:
        return text
    if kind in _PIECES:
        return text.splitlines(keepends=True)
    found = parsed(field, text, _WRITTEN.get(kind, ""))
    try:
        return float(found) if kind == "float" and type(found) is int else found
    except OverflowError:
        raise DescriptionError(field, f"must be {_WRITTEN[kind]}") from None


def parsed(field: str, text: str, required: str) -> Any:
    """Parse a text as JSON; the message says `required` instead of the JSON error."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        problem = f"must be {required}" if required else f"is not JSON: {error}"
        raise DescriptionError(field, problem) from None


def names(text: str) -> list[str]:
    """Parse one name per line."""
    return [name for line in text.splitlines() if (name := line.strip())]


def pairs(field: str, text: str) -> Iterator[list[str]]:
    """Parse one `Name: value` per line."""
    for number, line in enumerate(text.splitlines(), 1):
        name, colon, value = line.partition(":")
        if line.strip() and not colon:
            raise DescriptionError(field, f"line {number} has no colon: {line}")
        if colon:
            yield [name, value.removeprefix(" ")]


def cookies(field: str, text: str) -> Iterator[dict[str, Any]]:
    """Parse one `name=value; Path=/; Secure; HttpOnly; SameSite=Lax` per line."""
    for number, line in enumerate(text.splitlines(), 1):
        pair, *attributes = (part.strip() for part in line.split(";"))
        name, equals, value = pair.partition("=")
        if line.strip() and not equals:
            raise DescriptionError(field, f"line {number} has no equals sign: {line}")
        cookie: dict[str, Any] = {"name": name.strip(), "value": value.strip()}
        for attribute in filter(None, attributes):
            key, _, setting = map(str.strip, attribute.partition("="))
            known = key.lower()
            if known not in _ATTRIBUTES:
                problem = f"{key} is not one of Path, Secure, HttpOnly and SameSite"
                raise DescriptionError(field, f"line {number}: {problem}")
            cookie[known] = known in _FLAGS or setting
        if equals:
            yield cookie
