"""Check JSON values by JSON Schemas that people write, with jsonschema.

A schema cannot refer to another document, so nothing is fetched. Its regular expressions
are searched for with a limit of time.
"""

from collections.abc import Iterator
from typing import Any

from .regexp import check as check_regexp
from .regexp import search

MISSING = (
    "json_schema needs jsonschema: install it with"
    " python -m pip install 'flask-quart-comparison[schema]'"
)


def check(schema: dict[str, Any]) -> None:
    """Raise ValueError if a value is not a JSON Schema, or if jsonschema is missing."""
    try:
        from jsonschema import SchemaError
        from jsonschema.validators import validator_for
        from referencing import Registry
        from referencing.exceptions import Unresolvable
        from referencing.jsonschema import DRAFT202012
    except ImportError:
        raise ValueError(MISSING) from None
    try:
        validator_for(schema, default=_draft()).check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"json_schema is no schema: {_line(error)}") from None
    for pattern in _texts(schema, "pattern"):
        check_regexp(pattern)
    resolver = Registry().resolver_with_root(DRAFT202012.create_resource(schema))
    for reference in _texts(schema, "$ref"):
        try:
            resolver.lookup(reference)
        except Unresolvable:
            raise ValueError(
                f"json_schema: {reference!r} is not in the schema; put it in $defs"
            ) from None


def problem(schema: dict[str, Any], value: Any) -> str | None:
    """Return the first place in which a value breaks a schema, and why; else None.

    >>> problem({"properties": {"id": {"type": "integer"}}}, {"id": "7"})
    "$.id: '7' is not of type 'integer'"
    """
    from jsonschema import validators
    from jsonschema.exceptions import best_match
    from referencing import Registry

    found = validators.validator_for(schema, default=_draft())
    limited = validators.extend(found, {"pattern": _pattern})
    error = best_match(limited(schema, registry=Registry()).iter_errors(value))
    return None if error is None else _line(error)


def _draft() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator


def _pattern(
    validator: Any, pattern: str, instance: Any, schema: Any
) -> Iterator[Exception]:
    from jsonschema import ValidationError

    if isinstance(instance, str) and not search(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _texts(schema: Any, keyword: str) -> Iterator[str]:
    """Yield the texts of a keyword, anywhere in a schema."""
    if isinstance(schema, dict):
        if isinstance(text := schema.get(keyword), str):
            yield text
        for inner in schema.values():
            yield from _texts(inner, keyword)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _texts(inner, keyword)


def _line(error: Any) -> str:
    return f"{error.json_path}: {error.message}"
