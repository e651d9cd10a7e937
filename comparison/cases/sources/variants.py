"""Vary a valid value at one place: boundaries, enum values, missing and wrong values."""

from collections.abc import Iterator
from typing import Any

from .markup import Keys
from .openapi import ABSENT, OpenApi
from .samples import Sampler
from .scalars import bounds, matches, real, text, whole
from .schemas import kind_of, listed, merged

Variant = tuple[str, Any]
"""What is other than in the valid value, and the whole value; ABSENT is no value."""

DEEPEST = 4
MOST_CHOICES = 10  # values of one enum, or schemas of one choice
LONGEST = 2000  # characters or items of a boundary that we try
LARGE = 2**63  # one more than a signed integer of 64 bits has
WORD = "variant"

_WRONG: dict[str, tuple[Any, ...]] = {
    "integer": ("text", 1.5, True),
    "number": ("text", True),
    "boolean": ("text", 2),
    "string": (42, ["text"]),
    "array": ("text", {}),
    "object": ("text", []),
}
_TEXTS = {
    "empty": "",
    "blank": " ",
    "not ASCII": "\u00e4\u20ac\U0001f600",
    "with markup": "<b>'\"&%s{{1}}\\",
}


class Variants:
    """The variants of values of one document."""

    def __init__(self, document: OpenApi, sampler: Sampler) -> None:
        self._document = document
        self._sampler = sampler

    def of(
        self, value: Any, schema: Any, keys: Keys, name: str = "", depth: int = 0
    ) -> Iterator[Variant]:
        """Yield the variants of a value at this place and below it."""
        own, keys = self._document.resolved(schema, keys)
        if not isinstance(own, dict) or depth > DEEPEST:
            return
        own = merged(self._document, own, keys)
        place = name or "body"
        yield from self._choices(value, own, keys, place)
        yield from _listed(value, own, place)
        kind = kind_of(own)
        match value:
            case dict():
                yield from self._objects(value, own, keys, name, depth)
            case list():
                yield from self._lists(value, own, keys, name, depth)
            case bool():
                yield f"{place} {'false' if value else 'true'}", not value
            case int() | float():
                yield from _numbers(own, place, integer=kind == "integer")
            case str() if "enum" not in own:
                yield from _texts(value, own, place)
        yield f"{place} null", None
        for wrong in _WRONG.get(kind, ()):
            yield f"{place} of type {_NAMES[type(wrong)]}", wrong

    def _choices(
        self, value: Any, schema: dict[str, Any], keys: Keys, place: str
    ) -> Iterator[Variant]:
        for field in ("oneOf", "anyOf"):
            for number, each in enumerate(listed(schema.get(field))[:MOST_CHOICES]):
                found = self._sampler.sample(each, (*keys, field, number))
                if found is not ABSENT and found != value:
                    yield f"{place} choice {number + 1}", found

    def _objects(
        self,
        value: dict[str, Any],
        schema: dict[str, Any],
        keys: Keys,
        name: str,
        depth: int,
    ) -> Iterator[Variant]:
        needed = listed(schema.get("required"))
        dotted = f"{name} " if name else ""
        for field in value:
            rest = {key: item for key, item in value.items() if key != field}
            yield f"{dotted}without {field}", rest
        only = {key: item for key, item in value.items() if key in needed}
        if len(value) - len(only) > 1:
            yield f"{dotted}without optional fields", only
        if value:
            yield f"{dotted}without fields", {}
        yield f"{dotted}with another field", {**value, WORD: WORD}
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        for field, item in value.items():
            inner, here = properties.get(field, {}), (*keys, "properties", field)
            for label, changed in self.of(
                item, inner, here, f"{dotted}{field}", depth + 1
            ):
                yield label, {**value, field: changed}

    def _lists(
        self,
        value: list[Any],
        schema: dict[str, Any],
        keys: Keys,
        name: str,
        depth: int,
    ) -> Iterator[Variant]:
        place = name or "body"
        least, most = (
            whole(schema.get("minItems"), 0),
            whole(schema.get("maxItems"), -1),
        )
        if value:
            yield f"{place} empty", []
            if least > 1:
                yield f"{place} below minItems", value[: least - 1]
            for label, size in (("at", most), ("above", most + 1)):
                if 0 <= most <= LONGEST:
                    longer = (value * (size // len(value) + 1))[:size]
                    yield f"{place} {label} maxItems", longer
            yield f"{place} with an item twice", [*value, value[-1]]
            inner, here = schema.get("items", {}), (*keys, "items")
            for label, changed in self.of(
                value[0], inner, here, f"{place} item", depth + 1
            ):
                yield label, [changed, *value[1:]]


_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean",
          list: "array", dict: "object"}  # fmt: skip


def _listed(value: Any, schema: dict[str, Any], place: str) -> Iterator[Variant]:
    values = listed(schema.get("enum"))
    for each in values[:MOST_CHOICES]:
        if each != value:
            yield f"{place} {each}", each
    if values or "const" in schema:
        yield f"{place} not listed", WORD if isinstance(value, str) else 987_654


def _numbers(schema: dict[str, Any], place: str, *, integer: bool) -> Iterator[Variant]:
    low, high = bounds(schema, integer=integer)
    step = real(schema.get("multipleOf")) or 1
    for label, bound, beyond in (("minimum", low, -step), ("maximum", high, step)):
        if bound is not None:
            yield f"{place} at {label}", bound
            yield f"{place} beyond {label}", bound + beyond
    for number in (0, -1, LARGE):
        yield f"{place} {number}", number
    if "multipleOf" in schema:
        yield f"{place} no multiple", (low or 0) + step / 2


def _texts(value: str, schema: dict[str, Any], place: str) -> Iterator[Variant]:
    least, most = whole(schema.get("minLength"), 0), whole(schema.get("maxLength"), -1)
    sizes = (("at minLength", least), ("below minLength", least - 1),
             ("at maxLength", most), ("above maxLength", most + 1))  # fmt: skip
    for label, size in sizes:
        field = label.partition(" ")[2]
        if field in schema and 0 <= size <= LONGEST:
            exact = {**schema, "minLength": size, "maxLength": size}
            made = text({n: v for n, v in exact.items() if n != "format"}, value or "a")
            yield f"{place} {label}", made if len(made) == size else "a" * size
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not matches(pattern, f"!{value}"):
        yield f"{place} against its pattern", f"!{value}"
    if schema.get("format"):
        yield f"{place} against its format", "text"
    for label, other in _TEXTS.items():
        yield f"{place} {label}", other
