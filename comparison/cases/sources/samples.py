"""Make a value that a JSON Schema allows: given by its authors, else made up."""

import math
from typing import Any

from .markup import Keys
from .openapi import ABSENT, OpenApi

MOST_VALUES = 300  # in one sample
DEEPEST = 12
MOST_ITEMS = 10

FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "someone@example.com",
    "idn-email": "someone@example.com",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "iri": "https://example.com/",
    "uri-reference": "/example",
    "iri-reference": "/example",
    "json-pointer": "/example",
    "byte": "c2FtcGxl",
}


class Sampler:
    """Samples of the schemas of one document; `made_up` has the values we made up."""

    def __init__(self, document: OpenApi) -> None:
        self._document = document
        self._left = MOST_VALUES
        self.made_up: list[str] = []

    def sample(self, schema: Any, keys: Keys, name: str = "") -> Any:
        """Return a value for a schema, or ABSENT. `name` is the name to report.

        In order: `example`, `examples`, `default`, `const`, the first of `enum`, then
        one of the type and format within its bounds.
        """
        self._left = MOST_VALUES
        return self._of(schema, keys, name, frozenset())

    def _of(self, given: Any, keys: Keys, name: str, above: frozenset[int]) -> Any:
        self._left -= 1
        schema, keys = self._document.resolved(given, keys)
        if schema is True:
            schema = {}
        if not isinstance(schema, dict):
            if schema is not None and schema is not False:
                self._document.problem("a schema is an object", keys)
            return ABSENT
        found = given_value(schema)
        if found is not ABSENT:
            return found
        if id(schema) in above or self._left < 0 or len(above) > DEEPEST:
            return ABSENT
        above |= {id(schema)}
        if isinstance(schema.get("allOf"), list):
            schema = self._joined(schema, keys)
        for choice in ("oneOf", "anyOf"):
            found = self._chosen(schema, choice, keys, name, above)
            if found is not ABSENT:
                return found
        return self._typed(schema, keys, name, above)

    def _chosen(
        self, schema: Any, choice: str, keys: Keys, name: str, above: frozenset[int]
    ) -> Any:
        choices = schema.get(choice)
        if not isinstance(choices, list):
            return ABSENT
        for number, each in enumerate(choices):
            if each == {"type": "null"}:
                continue
            found = self._of(each, (*keys, choice, number), name, above)
            if isinstance(found, dict) and isinstance(schema.get("properties"), dict):
                return {**self._object(schema, keys, above), **found}
            if found is not ABSENT:
                return found
        return ABSENT

    def _joined(self, schema: dict[str, Any], keys: Keys, depth: int = 0) -> Any:
        """Return the schema merged with all schemas that apply with it."""
        joined: dict[str, Any] = {}
        parts = schema.get("allOf")
        for number, part in enumerate(parts if isinstance(parts, list) else ()):
            self._left -= 1
            if self._left < 0 or depth > DEEPEST:
                break
            found, there = self._document.resolved(part, (*keys, "allOf", number))
            if isinstance(found, dict):
                joined = _both(joined, self._joined(found, there, depth + 1))
        return _both(joined, {k: v for k, v in schema.items() if k != "allOf"})

    def _typed(
        self, schema: dict[str, Any], keys: Keys, name: str, above: frozenset[int]
    ) -> Any:
        kind = _kind(schema)
        if kind == "object":
            return self._object(schema, keys, above)
        if kind == "array":
            least = _whole(schema.get("minItems"), 1)
            item = self._of(schema.get("items", {}), (*keys, "items"), name, above)
            return [] if item is ABSENT else [item] * min(max(1, least), MOST_ITEMS)
        if kind == "null":
            return None
        shown = schema.get("format") or kind
        self.made_up.append(f"{name} ({shown})" if name else f"the {shown}")
        match kind:
            case "integer":
                return _number(schema, whole=True)
            case "number":
                return _number(schema, whole=False)
            case "boolean":
                return True
        return _text(schema, name)

    def _object(
        self, schema: dict[str, Any], keys: Keys, above: frozenset[int]
    ) -> dict[str, Any]:
        properties = schema.get("properties")
        made: dict[str, Any] = {}
        for name, each in properties.items() if isinstance(properties, dict) else ():
            here = (*keys, "properties", name)
            found, _ = self._document.resolved(each, here)
            if isinstance(found, dict) and found.get("readOnly") is True:
                continue
            value = self._of(each, here, name, above)
            if value is not ABSENT:
                made[name] = value
        return made


def given_value(schema: dict[str, Any]) -> Any:
    """Return a value that the schema itself gives; ABSENT without one."""
    for name in ("example", "examples", "default", "const", "enum"):
        if name in schema:
            given = schema[name]
            if name not in ("examples", "enum"):
                return given
            if isinstance(given, list) and given:
                return given[0]
    return ABSENT


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    mine, others = one.get("properties"), other.get("properties")
    both = {**one, **other}
    if isinstance(mine, dict) and isinstance(others, dict):
        both["properties"] = {**mine, **others}
    return both


def _kind(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):  # 3.1
        kind = next((each for each in kind if each != "null"), "null")
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _whole(value: Any, otherwise: int) -> int:
    return value if type(value) is int else otherwise


def _real(value: Any) -> float | int | None:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return value if plain and abs(value) < 2**53 else None  # excludes NaN too


def _number(schema: dict[str, Any], *, whole: bool) -> float | int:
    """Return 1, or the nearest number to it that the bounds allow."""
    low, high = _real(schema.get("minimum")), _real(schema.get("maximum"))
    over, under = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    step = _real(schema.get("multipleOf")) or 1
    if over is True and low is not None:  # 3.0
        low += step
    elif (bound := _real(over)) is not None:  # 3.1
        low = bound + step
    if under is True and high is not None:
        high -= step
    elif (bound := _real(under)) is not None:
        high = bound - step
    number: float | int = 1 if whole else 1.5
    if low is not None and number < low:
        number = low
    if high is not None and number > high:
        number = high
    if "multipleOf" in schema:
        number = math.ceil(number / step) * step
    return math.ceil(number) if whole else number


def _text(schema: dict[str, Any], name: str) -> str:
    known = schema.get("format")
    if isinstance(known, str) and known in FORMATS:
        return FORMATS[known]
    word = name or "text"
    least = min(max(0, _whole(schema.get("minLength"), 0)), 1000)
    most = max(least, _whole(schema.get("maxLength"), max(least, len(word))), 0)
    return (word * (least // len(word) + 1))[: max(least, min(most, len(word)))]
