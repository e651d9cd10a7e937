"""Read JSON Schemas: their types, the values they give, and what applies together."""

from collections.abc import Iterator
from typing import Any

from .markup import Keys
from .openapi import ABSENT, OpenApi

_GIVEN = ("example", "examples", "default", "const", "enum")


def given_value(schema: dict[str, Any]) -> Any:
    """Return a value that the schema itself gives; ABSENT without one."""
    for name in _GIVEN:
        if name in schema:
            given = schema[name]
            if name not in ("examples", "enum"):
                return given
            if isinstance(given, list) and given:
                return given[0]
    return ABSENT


def without_given(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without the values that it need not have."""
    free = ("example", "examples", "default")
    return {name: value for name, value in schema.items() if name not in free}


def distinct(item: Any, schema: Any, count: int) -> Iterator[Any]:
    """Yield values like an item, all different, as many as there are.

    >>> list(distinct("a", {}, 3)), list(distinct(1, {"enum": [1, 2]}, 3))
    (['a', 'a2', 'a3'], [1, 2])
    """
    if isinstance(schema, dict) and (values := listed(schema.get("enum"))):
        yield from values[:count]
        return
    yield item
    for at in range(2, count + 1):
        if isinstance(item, bool):
            if at == 2:
                yield not item
        elif isinstance(item, int | float):
            step = schema.get("multipleOf", 1) if isinstance(schema, dict) else 1
            high = schema.get("maximum") if isinstance(schema, dict) else None
            more = item + (at - 1) * step
            yield more if high is None or more <= high else item - (at - 1) * step
        elif isinstance(item, str):
            yield _other_text(item, schema, at)
        elif isinstance(item, dict) and item:
            inner = schema.get("properties", {}) if isinstance(schema, dict) else {}
            key = next((k for k, v in item.items() if type(v) in (str, int)), None)
            if key is None:
                return
            several = list(distinct(item[key], inner.get(key, {}), at))
            if len(several) == at:
                yield {**item, key: several[-1]}
        else:
            return


def _other_text(item: str, schema: Any, at: int) -> str:
    if isinstance(schema, dict) and (
        "pattern" in schema or "format" in schema or "maxLength" in schema
    ):
        # With another digit or letter, the length stays, and most patterns match.
        for place in range(len(item) - 1, -1, -1):
            old = item[place]
            if old.isalnum() and old.isascii():
                letters = (
                    "0123456789" if old.isdigit() else "abcdefghijklmnopqrstuvwxyz"
                )
                new = letters[(letters.find(old.lower()) + at - 1) % len(letters)]
                return (
                    item[:place]
                    + (new.upper() if old.isupper() else new)
                    + item[place + 1 :]
                )
    return f"{item}{at}"


def kind_of(schema: dict[str, Any]) -> str:
    """Return the type of a schema's values, guessed from its other fields."""
    kind = schema.get("type")
    if isinstance(kind, list):  # 3.1
        kind = next((each for each in kind if each != "null"), "null")
    if isinstance(kind, str):
        return kind
    for name, fields in _IMPLIED.items():
        if not schema.keys().isdisjoint(fields):
            return name
    return "string"


_IMPLIED = {
    "object": (
        "properties", "additionalProperties", "required", "minProperties",
        "patternProperties", "propertyNames", "dependentRequired",
    ),
    "array": ("items", "prefixItems", "minItems", "uniqueItems", "contains"),
    "number": ("minimum", "maximum", "multipleOf"),
}  # fmt: skip


def merged(document: OpenApi, schema: dict[str, Any], keys: Keys) -> dict[str, Any]:
    """Return the schema merged with all schemas of its `allOf`, and those of theirs."""
    return _merged(document, schema, keys, set())


def _merged(
    document: OpenApi, schema: dict[str, Any], keys: Keys, seen: set[int]
) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for number, part in enumerate(listed(schema.get("allOf"))):
        found, there = document.resolved(part, (*keys, "allOf", number))
        # Merged again, a schema would change nothing; and it may contain itself.
        if isinstance(found, dict) and id(found) not in seen:
            seen.add(id(found))
            joined = both_of(joined, _merged(document, found, there, seen))
    return both_of(joined, {k: v for k, v in schema.items() if k != "allOf"})


def both_of(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return one schema for the values that both allow, as far as we can say it."""
    both = {**one, **other}
    mine, others = one.get("properties"), other.get("properties")
    if isinstance(mine, dict) and isinstance(others, dict):
        both["properties"] = {
            name: {**mine.get(name, {}), **others.get(name, {})}
            if isinstance(mine.get(name, {}), dict)
            and isinstance(others.get(name, {}), dict)
            else others.get(name, mine.get(name))
            for name in {**mine, **others}
        }
    needed = dict.fromkeys(
        [*listed(one.get("required")), *listed(other.get("required"))]
    )
    if needed:
        both["required"] = list(needed)
    return both


def kinds_of(schema: dict[str, Any]) -> dict[str, str]:
    """Return the mapping of a discriminator, turned round: the name of each schema."""
    discriminator = schema.get("discriminator")
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    if not isinstance(mapping, dict):
        return {}
    return {each: name for name, each in mapping.items() if isinstance(each, str)}


def set_kind(schema: dict[str, Any], value: dict[str, Any], name: str) -> None:
    """Set the field of a discriminator, if the schema has one."""
    discriminator = schema.get("discriminator")
    field = (
        discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    )
    if isinstance(field, str):
        value[field] = name


def last_name(reference: object) -> str:
    """Return the name at the end of a reference."""
    return str(reference).rpartition("/")[2]


def listed(value: Any) -> list[Any]:
    """Return a list, or an empty one for anything else."""
    return value if isinstance(value, list) else []
