"""Find out what is wrong with a value for a JSON Schema of an OpenAPI document."""

import re
from base64 import b64decode
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

from .markup import place
from .openapi import OpenApi
from .scalars import matches

MOST_ERRORS = 40

_PLAIN_FORMATS = ("date", "email", "ipv4", "ipv6", "uuid")
"""Formats that jsonschema itself checks in every installation."""

_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
)  # RFC 3339, section 5.6


def errors_in(
    document: OpenApi, value: Any, schema: Any, *, in_body: bool = True
) -> list[Any]:
    """Return the errors of jsonschema, those about the whole value first."""
    newest, older, of_parameters = _validators()
    if document.root.openapi.startswith("3.0"):
        kind = older if in_body else of_parameters
    else:
        kind = newest
    validator = kind(
        schema, registry=document.references.registry, format_checker=_formats()
    )
    errors = []
    try:
        for error in validator.iter_errors(value):
            errors.append(error)
            if len(errors) == MOST_ERRORS:
                break
    except Exception:
        # A schema that is wrong itself, or a reference that leads nowhere.
        return errors
    return sorted(errors, key=lambda error: len(error.absolute_path))


def described(error: Any) -> str:
    """Describe an error in one line: its place in the value, and what is wrong."""
    where = place(error.absolute_path)
    text = " ".join(error.message.split())
    text = text if len(text) <= 120 else f"{text[:119]}…"
    return f"{where}: {text}" if where else text


@cache
def _validators() -> tuple[Any, Any, Any]:
    """Return the validators of OpenAPI 3.1 and later, of 3.0, and of 3.0's parameters."""
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import Draft4Validator, Draft202012Validator, extend

    def pattern(validator: Any, given: str, value: Any, schema: Any) -> Iterator[Any]:
        if isinstance(value, str) and not matches(given, value):
            yield ValidationError(f"{value!r} does not match {given!r}")

    def properties(
        validator: Any, given: Any, value: Any, schema: Any
    ) -> Iterator[Any]:
        found = given.items() if isinstance(value, dict) else ()
        for name, each in ((n, each) for n, each in found if n in value):
            for error in validator.descend(value[name], each, name, name):
                if each is False and not error.path:
                    # Some versions of jsonschema omit the place of the schema `false`.
                    error.path.append(name)
                yield error

    plain_type = Draft4Validator.VALIDATORS["type"]

    def kind(validator: Any, given: Any, value: Any, schema: Any) -> Iterator[Any]:
        if value is not None or schema.get("nullable") is not True:
            yield from plain_type(validator, given, value, schema)

    plain_required = Draft4Validator.VALIDATORS["required"]

    def required(validator: Any, given: Any, value: Any, schema: Any) -> Iterator[Any]:
        # A property that is read only is required in responses alone (3.0.4, 4.7.24.3).
        properties = schema.get("properties", {})
        sent = [n for n in given if properties.get(n, {}).get("readOnly") is not True]
        yield from plain_required(validator, sent, value, schema)

    def read_only(validator: Any, given: Any, value: Any, schema: Any) -> Iterator[Any]:
        # It should not be sent (3.0.4, 4.7.24.3).
        if given is True:
            yield ValidationError("is read only")

    newest = extend(
        Draft202012Validator, {"pattern": pattern, "properties": properties}
    )
    plain = {"pattern": pattern, "type": kind}
    of_parameters = extend(Draft4Validator, plain)
    # Only a property of a body can be read only (3.0.4, 4.7.24).
    of_bodies = {"required": required, "readOnly": read_only}
    return newest, extend(Draft4Validator, {**plain, **of_bodies}), of_parameters


@cache
def _formats() -> Any:
    """Return a checker of formats: https://spec.openapis.org/registry/format/."""
    from jsonschema import FormatChecker

    checker = FormatChecker(_PLAIN_FORMATS)

    checker.checks("date-time")(_is_date_time)
    checker.checks("byte", ValueError)(_is_base64)
    checker.checks("int32")(partial(_has_bits, 32))
    checker.checks("int64")(partial(_has_bits, 64))
    return checker


def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or _DATE_TIME.fullmatch(value) is not None


def _is_base64(value: object) -> bool:
    """Raises ValueError for text that is not base64."""
    return not isinstance(value, str) or b64decode(value, validate=True) is not None


def _has_bits(bits: int, value: object) -> bool:
    return not isinstance(value, int) or -(2 ** (bits - 1)) <= value < 2 ** (bits - 1)
