"""Find everything that is wrong with data; msgspec itself reports only the first error."""

import re
from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from .errors import nearest, nearest_name

UNKNOWN_FIELD = "unknown field"
SCHEMA_VERSION = 1
"""The version of every document that people or runs write."""

Place = list[str | int]
"""A path of keys and indexes."""

_AT = re.compile(r" - at `\$?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `(?P<field>[^`]*)`")


def validation_errors(data: Any, type_: Any) -> Iterator[tuple[Place, str]]:
    """Yield each place where data does not match its type, and what is wrong there.

    A struct may also check its fields together. That error comes only if each field is
    right by itself.
    """
    try:
        msgspec.convert(data, type_)
        return
    except (msgspec.ValidationError, RecursionError) as error:
        first = located(error, type_)
    inner = False
    for choice in get_args(type_) if _is_union(type_) else (type_,):
        for path, message in _inside(data, choice):
            inner = True
            yield path, message
    if not inner:
        at, message = first
        yield at, message + _hint(data, type_)


def _inside(data: Any, type_: Any) -> Iterator[tuple[Place, str]]:
    """Yield the validation errors of the parts of data, if it is of this kind at all."""
    arguments = get_args(type_)
    match get_origin(type_) or type_:
        case origin if origin is dict and isinstance(data, dict):
            for key, value in data.items():
                yield from _below(key, value, arguments[1])
        case origin if origin in (tuple, list) and isinstance(data, list):
            if origin is list or arguments[-1] is Ellipsis:
                for index, value in enumerate(data):
                    yield from _below(index, value, arguments[0])
        case origin if _is_struct(origin) and isinstance(data, dict):
            fields = {
                field.encode_name: field for field in msgspec.structs.fields(origin)
            }
            for key, value in data.items():
                if key in fields:
                    yield from _below(key, value, fields[key].type)
                elif origin.__struct_config__.forbid_unknown_fields:
                    yield [key], unknown_field(key, fields)
            misspelt = {
                nearest_name(str(key), fields) for key in data.keys() - fields.keys()
            }
            for name, field in fields.items():
                if field.required and name not in data and name not in misspelt:
                    yield [], f"object missing required field `{name}`"


def _below(key: str | int, value: Any, type_: Any) -> Iterator[tuple[Place, str]]:
    for path, message in validation_errors(value, type_):
        yield [key, *path], message


def _hint(data: Any, type_: Any) -> str:
    """Suggest the allowed words instead of a wrong one."""
    choices = get_args(type_) if _is_union(type_) else (type_,)
    words = [w for c in choices if get_origin(c) is Literal for w in get_args(c)]
    if not words or not isinstance(data, str):
        return ""
    return _nearest_or_all(data, words)


def _is_union(type_: Any) -> bool:
    return get_origin(type_) in (Union, UnionType)


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


def unknown_field(field: str, known: Iterable[str]) -> str:
    """Return what is wrong with a field that is not one of the known ones."""
    return UNKNOWN_FIELD + _nearest_or_all(field, list(known))


def _nearest_or_all(word: str, known: list[str]) -> str:
    """Suggest the known word that is most similar, or else name all."""
    return nearest(word, known) or (f"; there are {', '.join(known)}" if known else "")


def located(error: Exception, type_: Any) -> tuple[list[str | int], str]:
    """Return the place and the message of a msgspec error in a document of this type."""
    message = str(error)
    found = _AT.search(message)
    path = _split(found.group("path")) if found else []
    message = _AT.sub("", message)
    unknown = _UNKNOWN.search(message)
    if unknown:
        field = unknown.group("field")
        path.append(field)
        message = unknown_field(field, _fields_at(type_, path))
    return path, message[:1].lower() + message[1:]


def _split(path: str) -> list[str | int]:
    """Split `.request.headers[0]` into ["request", "headers", 0].

    >>> _split(".request.headers[0]")
    ['request', 'headers', 0]
    """
    parts: list[str | int] = []
    for name, index in re.findall(r"\.?([^.\[\]]+)|\[(\d+|\.\.\.)\]", path):
        if name:
            parts.append(name)
        elif index.isdecimal():
            parts.append(int(index))
    return parts


def _fields_at(type_: Any, path: list[str | int]) -> tuple[str, ...]:
    """Return the field names of the struct that the last part of a path belongs to."""
    names = [part for part in path if isinstance(part, str)]
    type_ = _struct_in(type_)
    for name in names[:-1]:
        for field in msgspec.structs.fields(type_):
            if field.encode_name == name:
                type_ = _struct_in(field.type) or type_
    return tuple(field.encode_name for field in msgspec.structs.fields(type_))


def _struct_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if (found := _struct_in(argument)) is not None:
            return found
    return None
