"""Change a value until its JSON Schema allows it.

jsonschema finds what is wrong. We change only the places that it names.
"""

import copy
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from .changes import Path, at, changed_places, others, with_value, without
from .markup import Keys, place
from .openapi import ABSENT, OpenApi
from .samples import Sampler
from .scalars import matches
from .schema_errors import described, errors_in
from .schemas import distinct, listed, merged, without_given

MOST_ROUNDS = 12
MOST_VALUES = 100  # of an enum
MOST_PLACES = 3  # of a change that one note names
DEEPEST = 3  # choices within choices


class Repairs:
    """Repairs values for the schemas of one document: of its bodies or parameters."""

    def __init__(self, document: OpenApi, sampler: Sampler, *, in_body: bool) -> None:
        self._document = document
        self._sampler = sampler
        self._in_body = in_body
        self._depth = 0

    def allowed(
        self,
        value: Any,
        schema: Any,
        keys: Keys,
        example: Keys | None = None,
        *,
        optional: bool = False,
    ) -> Any:
        """Return the value as its schema allows it, with as few changes as possible.

        `keys` is the place of the schema, `example` that of an example with the value. We
        note a change of an example. If the schema allows nothing that we find, we return
        the example unchanged, but ABSENT for an `optional` value.
        """
        errors = self._errors(value, schema) if isinstance(schema, dict) else []
        if not errors:
            return value
        wrong = described(errors[0])
        found, problem = self.repaired(value, schema, keys)
        how = f"changed{_at_few(changed_places(value, found))}"
        if problem:
            # A value without what its authors give may be better.
            other = self._sampler.sample(schema, keys, only_required=True)
            if other is not ABSENT:
                other, left = self.repaired(other, schema, keys)
                if not left:
                    found, problem, how = other, "", "replaced"
        if problem and optional:
            found, how = ABSENT, "left out"
        elif problem and example is not None:
            found, how = value, "used anyway"
        if example is not None:
            text = f"an example that its schema does not allow, {how}: {wrong}"
            self._document.note(text, example)
        elif problem:
            left_out = "left out: " if optional else ""
            text = f"{left_out}no value that its schema allows was found: {problem}"
            self._document.note(text, keys)
        return found

    def repaired(self, value: Any, schema: Any, keys: Keys) -> tuple[Any, str]:
        """Return a value that the schema allows, and what is still wrong with it."""
        if not isinstance(schema, dict):
            return value, ""
        seen: set[str] = set()
        errors = self._errors(value, schema)
        best = (len(errors), value)
        for _ in range(MOST_ROUNDS):
            if not errors:
                return value, ""
            shown = json.dumps(value, default=str)
            if shown in seen:
                break
            seen.add(shown)
            value = copy.deepcopy(value)
            for error in errors:
                value = self._changed(value, error, keys)
            errors = self._errors(value, schema)
            best = min(best, (len(errors), value), key=lambda each: each[0])
        errors = self._errors(best[1], schema)
        return best[1], described(errors[0]) if errors else ""

    def _allows(self, schema: Any, value: Any) -> bool:
        return not self._errors(value, schema)

    def _errors(self, value: Any, schema: Any) -> list[Any]:
        return errors_in(self._document, value, schema, in_body=self._in_body)

    def _changed(self, value: Any, error: Any, keys: Keys) -> Any:
        path = tuple(error.absolute_path)
        present = at(value, path)
        if present is ABSENT:
            return value
        if isinstance(present, dict) and isinstance(error.instance, str):
            return self._renamed(value, path, error)
        if error.validator in (None, "readOnly"):  # None is the schema `false`
            return without(value, path)
        changed = self._change(present, error, (*keys, "…"))
        return value if changed is ABSENT else with_value(value, path, changed)

    def _change(self, present: Any, error: Any, keys: Keys) -> Any:
        """Return another value for the place of an error; ABSENT if we know none."""
        schema, given = error.schema, error.validator_value
        match error.validator, present:
            case ("required", dict()):
                return {**present, **self._named(schema, present, given, keys)}
            case ("dependentRequired", dict()):
                names = [
                    n for k, several in given.items() if k in present for n in several
                ]
                return {**present, **self._named(schema, present, names, keys)}
            case ("minProperties", dict()):
                return {
                    **self._sample(schema, keys),
                    **present,
                    **_numbered(present, given),
                }
            case ("maxProperties", dict()):
                needed = schema.get("required", ())
                kept = sorted(present, key=lambda name: name not in needed)[:given]
                return {name: each for name, each in present.items() if name in kept}
            case (("additionalProperties" | "unevaluatedProperties"), dict()):
                extra = _extra(present, error)
                return {name: v for name, v in present.items() if name not in extra}
            case ("minItems", list()):
                return self._longer(present, schema, given, keys)
            case ("maxItems", list()):
                return present[:given]
            case ("uniqueItems", list()):
                return self._unique(present, schema, keys)
            case ("contains", list()):
                return [*present, self._sample(given, keys)]
            case (("items" | "unevaluatedItems"), list()):
                return present[: len(schema.get("prefixItems", ()))]
            case (("oneOf" | "anyOf"), _):
                return self._choice(present, error, keys)
            case ("not", _):
                return next(
                    (v for v in others(present) if self._allows(schema, v)), ABSENT
                )
        return self._sample(schema, keys, _name(error))

    def _sample(self, schema: Any, keys: Keys, name: str = "") -> Any:
        if isinstance(schema, dict):
            schema = without_given(schema)
        return self._sampler.sample(schema, keys, name)

    def _named(
        self, schema: dict[str, Any], present: dict[str, Any], names: Any, keys: Keys
    ) -> dict[str, Any]:
        properties = schema.get("properties")
        added = {}
        for name in names if isinstance(names, list) else ():
            if name in present:
                continue
            if isinstance(properties, dict) and name in properties:
                found = self._sampler.sample(properties[name], keys, name)
                added[name] = name if found is ABSENT else found
            else:
                self._sampler.made_up.append(name)
                added[name] = self._sampler.other(schema, keys, name)
        return added

    def _renamed(self, value: Any, path: Path, error: Any) -> Any:
        """Rename a property whose name is wrong."""
        table = at(value, path)
        name = self._sample({"type": "string", **error.schema}, ())
        renamed = {name if k == error.instance else k: v for k, v in table.items()}
        return with_value(value, path, renamed)

    def _longer(self, present: list[Any], schema: Any, least: int, keys: Keys) -> Any:
        item = self._sample(schema.get("items", {}), keys)
        if item is ABSENT:
            return ABSENT
        return present + [item] * (least - len(present))

    def _unique(self, present: list[Any], schema: Any, keys: Keys) -> Any:
        own, _ = self._document.resolved(schema.get("items", {}), keys)
        once: list[Any] = []
        for item in present:
            several = distinct(item, own, len(present) + 1)
            once += [next((v for v in several if v not in once), item)]
        return [item for at, item in enumerate(once) if item not in once[:at]]

    def _choice(self, present: Any, error: Any, keys: Keys) -> Any:
        """Return the first sample of a choice that makes the whole schema hold."""
        if self._depth >= DEEPEST:
            return ABSENT
        self._depth += 1
        try:
            nearest = ABSENT
            for candidate, branch in self._candidates(present, error, keys):
                if self._allows(error.schema, candidate):
                    return candidate
                fixed, problem = self.repaired(candidate, branch, keys)
                if self._allows(error.schema, fixed):
                    return fixed
                if not problem and nearest is ABSENT:
                    nearest = fixed
            more = () if isinstance(present, dict | list) else others(present)
            return next((v for v in more if self._allows(error.schema, v)), nearest)
        finally:
            self._depth -= 1

    def _against_others(
        self, present: dict[str, Any], error: Any, keys: Keys
    ) -> Iterator[Any]:
        """Yield objects that have properties of the other choices with wrong values.

        Schemas without `required` or `additionalProperties` allow each other's objects,
        and `oneOf` allows an object only if one of them does. A discriminator names
        the schema.
        """
        several = error.validator == "oneOf" and not error.context
        if not several or "discriminator" in error.schema:
            return
        branches = [self._document.resolved(b, keys)[0] for b in error.validator_value]
        tables = [
            merged(self._document, branch, keys).get("properties", {})
            for branch in branches
            if isinstance(branch, dict)
        ]
        for own in tables:
            foreign = {name: each for t in tables for name, each in t.items()}
            wrong = {
                name: next((v for v in (0, name) if not self._allows(each, v)), None)
                for name, each in foreign.items()
                if name not in own
            }
            yield {**wrong, **{n: v for n, v in present.items() if n in own}}

    def _candidates(
        self, present: Any, error: Any, keys: Keys
    ) -> Iterator[tuple[Any, Any]]:
        for branch in error.validator_value:
            own, _ = self._document.resolved(branch, keys)
            values = own.get("enum") if isinstance(own, dict) else None
            yield from ((value, branch) for value in listed(values)[:MOST_VALUES])
            for only_required in (False, True):
                found = self._sampler.sample(branch, keys, only_required=only_required)
                if found is ABSENT:
                    continue
                if isinstance(found, dict) and isinstance(present, dict):
                    yield {**present, **found}, branch
                yield found, branch
            if isinstance(present, dict):
                yield dict(present), branch
        if isinstance(present, dict):
            for more in self._against_others(present, error, keys):
                yield more, error.schema
            needed = error.schema.get("required", ())
            yield {k: v for k, v in present.items() if k in needed}, error.schema


def _at_few(places: Iterable[Path]) -> str:
    found = [place(each) for each in places if each]
    more = [f"and {len(found) - MOST_PLACES} more"] if len(found) > MOST_PLACES else []
    return f" at {', '.join([*found[:MOST_PLACES], *more])}" if found else ""


def _name(error: Any) -> str:
    last = error.absolute_path[-1] if error.absolute_path else ""
    return last if isinstance(last, str) else ""


def _extra(present: dict[str, Any], error: Any) -> set[str]:
    """Return the properties that an error says are too many."""
    if error.validator == "additionalProperties":
        patterns = error.schema.get("patternProperties", {})
        return {
            name
            for name in present
            if name not in error.schema.get("properties", {})
            and not any(matches(pattern, name) for pattern in patterns)
        }
    return set(re.findall(r"'([^']*)'", error.message)) & present.keys()


def _numbered(present: dict[str, Any], least: int) -> dict[str, Any]:
    missing = least - len(present)
    return {f"key{at + 1}": f"key{at + 1}" for at in range(min(missing, 10))}
