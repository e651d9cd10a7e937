"""Check whether a body is the one that a case expects."""

import json
from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from comparison.core.errors import UsageError
from comparison.core.json_schema import problem
from comparison.core.regexp import search
from comparison.models import Expect, Matching, Response
from comparison.models.request import content_of

from .json_paths import replaced, tokens, values_at
from .patterns import fits

Failing = tuple[str, str, str]


def unmet_body(expect: Expect, response: Response) -> Iterator[Failing]:
    """Yield what is expected of a body and not met, with what the body has."""
    body = response.body
    if isinstance(expect.text, str):
        if body != expect.text:
            yield "body", expect.text, body
    elif isinstance(expect.contains, str) and expect.contains not in body:
        yield "body", f"contains {expect.contains}", body
    if expect.matches and not search(expect.matches, body):
        yield "body", f"matches {expect.matches}", body
    if expect.json is UNSET and expect.json_schema is UNSET and not expect.match:
        return
    actual = _parsed(body)
    if expect.json_schema is not UNSET:
        wrong = "is not JSON" if actual is UNSET else problem(_schema(expect), actual)
        if wrong is not None:
            yield "body", "valid by json_schema", wrong
    yield from _places(expect, actual, body)
    if expect.json is not UNSET:
        expected = json.loads(json.dumps(expect.json)) if expect.match else expect.json
        for pointer in expect.match:
            # `_places` has checked these.
            expected = replaced(expected, tokens(pointer), _none)
            actual = replaced(actual, tokens(pointer), _none)
        if actual != expected or _kinds(actual) != _kinds(expected):
            yield "body", json.dumps(expect.json, ensure_ascii=False), body


def _places(expect: Expect, actual: Any, body: str) -> Iterator[Failing]:
    for pointer, kind in expect.match.items():
        shown = kind.matches if isinstance(kind, Matching) else kind
        expected = f"{pointer or 'the body'} like {shown}"
        values = [] if actual is UNSET else list(values_at(actual, tokens(pointer)))
        if not values:
            yield "body", expected, body
        of_kind = fits(kind)
        for value in values:
            text = value if isinstance(value, str) else json.dumps(value)
            if isinstance(value, bool | dict | list | None) or not of_kind(text):
                yield "body", expected, text
                break


def _schema(expect: Expect) -> dict[str, Any]:
    if isinstance(expect.json_schema, dict):
        return expect.json_schema
    assert isinstance(expect.json_schema, str)
    found = json.loads(content_of(expect.json_schema))
    if not isinstance(found, dict):
        raise UsageError(f"{expect.json_schema}: is not a JSON Schema")
    return found


def _none(value: Any) -> None:
    return None


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return UNSET


def _kinds(value: Any) -> Any:
    # In Python True == 1 == 1.0; in JSON these are different texts.
    if isinstance(value, dict):
        return {key: _kinds(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_kinds(item) for item in value]
    return bool if isinstance(value, bool) else float
