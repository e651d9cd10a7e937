"""Find out what is wrong with a value for a JSON Schema of an OpenAPI document."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from .markup import place
from .openapi import OpenApi
from .scalars import matches

MOST_ERRORS = 40


def errors_in(document: OpenApi, value: Any, schema: Any) -> list[Any]:
    """Return the errors of jsonschema, those about the whole value first."""
    kind = _validators()[document.root.openapi.startswith("3.0")]
    validator = kind(
        schema, registry=document.references.registry,
        format_checker=kind.FORMAT_CHECKER,
    )  # fmt: skip
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
def _validators() -> tuple[Any, Any]:
    """Return the validators of OpenAPI 3.1 and later, and of 3.0."""
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import Draft4Validator, Draft202012Validator, extend

    def pattern(validator: Any, given: str, value: Any, schema: Any) -> Iterator[Any]:
        if isinstance(value, str) and not matches(given, value):
            yield ValidationError(f"{value!r} does not match {given!r}")

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

    newest = extend(Draft202012Validator, {"pattern": pattern})
    older = {"pattern": pattern, "type": kind, "required": required}
    return newest, extend(Draft4Validator, older)
