"""Make a value that a JSON Schema allows: given by its authors, else made up."""

from collections.abc import Iterator
from typing import Any

from .markup import Keys
from .openapi import ABSENT, OpenApi
from .scalars import matches, matching, number, text, whole
from .schemas import (
    distinct,
    given_value,
    kind_of,
    kinds_of,
    last_name,
    listed,
    merged,
    set_kind,
)

MOST_VALUES = 300  # in one sample
FEW_VALUES = 100  # left: below, objects get only what they must have
DEEPEST = 12
MOST_ITEMS = 10


class Sampler:
    """Samples of the schemas of one document; `made_up` has the values we made up."""

    def __init__(self, document: OpenApi) -> None:
        self._document = document
        self._left = MOST_VALUES
        self._only_required = False
        self.made_up: list[str] = []

    def sample(
        self, schema: Any, keys: Keys, name: str = "", *, only_required: bool = False
    ) -> Any:
        """Return a value for a schema, or ABSENT. `name` is the name to report.

        In order: `example`, `examples`, `default`, `const`, the first of `enum`, then
        one of the type and format within its bounds.
        """
        self._left = MOST_VALUES
        self._only_required = only_required
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
        own = schema
        if isinstance(schema.get("allOf"), list):
            schema = merged(self._document, schema, keys)
        for choice in ("oneOf", "anyOf"):
            found = self._chosen(schema, choice, keys, name, above)
            if found is not ABSENT:
                return self._discriminated(schema, keys, found)
        if "discriminator" in own and (children := kinds_of(own)):
            for child in children:
                found = self._of({"$ref": child}, keys, name, above)
                if found is not ABSENT:
                    return found
        return self._discriminated(schema, keys, self._typed(schema, keys, name, above))

    def _chosen(
        self, schema: Any, choice: str, keys: Keys, name: str, above: frozenset[int]
    ) -> Any:
        choices = schema.get(choice)
        if not isinstance(choices, list):
            return ABSENT
        named = kinds_of(schema)
        for number_, each in enumerate(choices):
            if each == {"type": "null"}:
                continue
            found = self._of(each, (*keys, choice, number_), name, above)
            if isinstance(found, dict) and isinstance(each, dict) and "$ref" in each:
                set_kind(
                    schema, found, named.get(each["$ref"]) or last_name(each["$ref"])
                )
            if isinstance(found, dict) and isinstance(schema.get("properties"), dict):
                return {**self._object(schema, keys, above), **found}
            if found is not ABSENT:
                return found
        return ABSENT

    def _discriminated(self, schema: dict[str, Any], keys: Keys, value: Any) -> Any:
        """Set the field of the discriminator, if a parent of the schema has one."""
        chosen = "oneOf" in schema or "anyOf" in schema
        if isinstance(value, dict) and not chosen and keys[-2:-1] == ("schemas",):
            name = str(keys[-1])
            for reference, kind in kinds_of(schema).items():
                if last_name(reference) == name:
                    name = kind
            set_kind(schema, value, name)
        return value

    def _typed(
        self, schema: dict[str, Any], keys: Keys, name: str, above: frozenset[int]
    ) -> Any:
        found = given_value(schema)  # of a part of `allOf`
        if found is not ABSENT:
            return found
        kind = kind_of(schema)
        if kind == "object":
            return self._object(schema, keys, above)
        if kind == "array":
            return self._array(schema, keys, name, above)
        if kind == "null":
            return None
        shown = schema.get("format") or kind
        self.made_up.append(f"{name} ({shown})" if name else f"the {shown}")
        match kind:
            case "integer":
                return number(schema, integer=True)
            case "number":
                return number(schema, integer=False)
            case "boolean":
                return True
        return text(schema, name)

    def _array(
        self, schema: dict[str, Any], keys: Keys, name: str, above: frozenset[int]
    ) -> Any:
        least = min(whole(schema.get("minItems"), 0), MOST_ITEMS)
        first = schema.get("prefixItems")
        items: list[Any] = []
        for at, each in enumerate(first if isinstance(first, list) else ()):
            item = self._of(each, (*keys, "prefixItems", at), name, above)
            if item is ABSENT:
                return items if len(items) >= least else ABSENT
            items.append(item)
        rest = schema.get("items", {})
        if rest is False or (items and len(items) >= least):
            return items
        item = self._of(rest, (*keys, "items"), name, above)
        if item is ABSENT:
            return items if len(items) >= least else ABSENT
        missing = max(1, least) - len(items)
        if schema.get("uniqueItems") is not True:
            return items + [item] * missing
        own, _ = self._document.resolved(rest, (*keys, "items"))
        return items + list(distinct(item, own, missing))

    def _object(self, schema: dict[str, Any], keys: Keys, above: frozenset[int]) -> Any:
        # Some tools put a reference there, which the format does not allow.
        given, _ = self._document.resolved(schema.get("properties"), keys)
        properties = given if isinstance(given, dict) else {}
        needed = [
            name for name in listed(schema.get("required")) if isinstance(name, str)
        ]
        few = self._only_required or self._left < FEW_VALUES
        most = whole(schema.get("maxProperties"), len(properties) + len(needed))
        made: dict[str, Any] = {}
        for name, each in properties.items():
            if name not in needed and (few or len(made) >= most):
                continue
            here = (*keys, "properties", name)
            found, _ = self._document.resolved(each, here)
            if isinstance(found, dict) and found.get("readOnly") is True:
                continue
            value = self._of(each, here, name, above)
            if value is not ABSENT:
                made[name] = value
            elif name in needed and found is not False and self._left > 0:
                return ABSENT
        while len(made) > most and (left := [n for n in made if n not in needed]):
            del made[left[-1]]
        for name in needed:
            if name not in properties:
                made[name] = self.other(schema, keys, name, above)
        for name in self._more_names(schema, made):
            made[name] = self.other(schema, keys, name, above)
        return made

    def other(
        self,
        schema: dict[str, Any],
        keys: Keys,
        name: str,
        above: frozenset[int] = frozenset(),
    ) -> Any:
        """Return a value of a property that `properties` does not describe."""
        patterns = schema.get("patternProperties")
        for pattern, each in patterns.items() if isinstance(patterns, dict) else ():
            if matches(pattern, name):
                return self._of(
                    each, (*keys, "patternProperties", pattern), name, above
                )
        rest = schema.get("additionalProperties", {})
        here = (*keys, "additionalProperties")
        found = self._of(rest or {}, here, name, above)
        return name if found is ABSENT else found

    def _more_names(
        self, schema: dict[str, Any], made: dict[str, Any]
    ) -> Iterator[str]:
        """Yield names for properties that an object needs to have enough of them."""
        least = min(whole(schema.get("minProperties"), 0), MOST_ITEMS)
        names = schema.get("propertyNames")
        pattern = names.get("pattern") if isinstance(names, dict) else None
        if isinstance(names, dict) and (values := listed(names.get("enum"))):
            yield from values[: least - len(made)]
            return
        for at in range(least - len(made)):
            word = text(names, "key") if isinstance(names, dict) else "key"
            patterns = schema.get("patternProperties")
            if (
                isinstance(patterns, dict)
                and schema.get("additionalProperties") is False
            ):
                word = matching(next(iter(patterns)), 1) or word
            yield word if at == 0 or pattern else f"{word}{at + 1}"
