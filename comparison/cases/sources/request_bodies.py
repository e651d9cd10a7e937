"""Write the body of an OpenAPI operation's request in its media type."""

import json
from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from comparison.cases.placeholders import escaped
from comparison.core import toml_writer as toml

from .draft import is_json
from .markup import Keys
from .openapi import ABSENT, OpenApi
from .openapi_format import MediaType, Operation, RequestBody
from .repairs import Repairs
from .samples import Sampler
from .styles import plain
from .variants import Variants
from .xml_bodies import xml_text

MULTIPART = "multipart/form-data"
FORM = "application/x-www-form-urlencoded"
IMPLIED = ("application/json", FORM, MULTIPART)
"""Media types that a request gets from the kind of its body."""

_LINES = ("application/jsonl", "application/x-ndjson", "application/x-jsonlines")
_BETWEEN = {"spaceDelimited": " ", "pipeDelimited": "|"}

Body = tuple[str, Any] | None


class RequestBodies:
    """The bodies of the operations of one document."""

    def __init__(self, document: OpenApi, sampler: Sampler, repairs: Repairs) -> None:
        self._document = document
        self._sampler = sampler
        self._repairs = repairs

    def of(self, operation: Operation, keys: Keys) -> Iterator[tuple[str, str, Body]]:
        """Yield name, media type and body of each example.

        Without examples, yields one sample.
        """
        found = self._described(operation, keys)
        if found is None:
            yield "", "", None
            return
        media, given, keys = found
        for name, value in self._valid(given, keys):
            absent = value is ABSENT
            body = None if absent else self._written(media, value, given, keys)
            yield name, media, body

    def variants(
        self, operation: Operation, keys: Keys
    ) -> Iterator[tuple[str, str, Body]]:
        """Yield label, media type and body of each variant of the first valid body."""
        found = self._described(operation, keys)
        if found is None:
            return
        media, given, keys = found
        schema, place = _schema_of(given, keys)
        _, value = next(self._valid(given, keys))
        if value is ABSENT:
            return
        yield "without a body", "", None
        if is_json(media.partition(";")[0].strip().lower()):
            yield "body that is not JSON", media, ("text", "{")
            yield "body of another media type", "text/plain", ("text", "text")
        vary = Variants(self._document, self._sampler)
        for label, changed in vary.of(value, schema, place):
            yield label, media, self._written(media, changed, given, keys)

    def _valid(self, given: MediaType, keys: Keys) -> Iterator[tuple[str, Any]]:
        """Yield each example with its name, or one sample; ABSENT without any."""
        schema, place = _schema_of(given, keys)
        several = list(self._document.examples(given, keys))
        for name, value, example in several:
            allowed = self._repairs.allowed(value, schema, place, example)
            yield name if len(several) > 1 else "", allowed
        if not several:
            value = self._sampler.sample(schema, place)
            if value is not ABSENT:
                value = self._repairs.allowed(value, schema, place)
            yield "", value

    def _described(
        self, operation: Operation, keys: Keys
    ) -> tuple[str, MediaType, Keys] | None:
        """Return the media type that suits a case best, with its place; None without."""
        if operation.request_body is UNSET:
            return None
        keys = (*keys, "requestBody")
        value, keys = self._document.resolved(operation.request_body, keys)
        body = self._document.read(value, RequestBody, keys)
        if body is None or not body.content:
            return None
        media = min(body.content, key=_rank)
        keys = (*keys, "content", media)
        given = self._document.read(body.content[media], MediaType, keys)
        return media, given or MediaType(), keys

    def _written(self, media: str, value: Any, given: MediaType, keys: Keys) -> Body:
        """Return a value as a body of a media type."""
        kind = media.partition(";")[0].strip().lower()
        if kind == "*/*" or is_json(kind):
            value = escaped(value)
            if toml.writable(value):
                return "json", value
            return "text", json.dumps(value, ensure_ascii=False)
        if kind == FORM and isinstance(value, dict):
            return "form", _pairs(list(_fields(value, given.encoding)))
        if kind == FORM:
            self._document.note("not drafted as a form: its value has no names", keys)
        if kind == MULTIPART and isinstance(value, dict) and value:
            return "multipart", list(self._parts(value, given, keys))
        if kind in _LINES or given.item_schema is not UNSET:
            items = value if isinstance(value, list) else [value]
            lines = (json.dumps(item, ensure_ascii=False) for item in items)
            return "text", escaped("".join(f"{line}\n" for line in lines))
        xml = kind in ("application/xml", "text/xml") or kind.endswith("+xml")
        if xml and not isinstance(value, str):
            return "text", escaped(xml_text(self._document, value, given.schema, keys))
        return "text", escaped(plain(value))

    def _parts(
        self, value: dict[str, Any], given: MediaType, keys: Keys
    ) -> Iterator[dict[str, Any]]:
        """Yield the parts; each item of a list is a part (OpenAPI 3.1.1, 4.8.15.1)."""
        schema, keys = self._document.resolved(given.schema, (*keys, "schema"))
        properties = schema.get("properties") if isinstance(schema, dict) else None
        for name, each in value.items():
            own = properties.get(name, {}) if isinstance(properties, dict) else {}
            here = (*keys, "properties", name)
            own, here = self._document.resolved(own, here)
            items = [each]
            if isinstance(each, list):
                items = each
                inner = own.get("items", {}) if isinstance(own, dict) else {}
                own, _ = self._document.resolved(inner, (*here, "items"))
            for item in items:
                yield _part(name, item, own, given.encoding.get(name))


def _schema_of(given: MediaType, keys: Keys) -> tuple[Any, Keys]:
    """Return the schema of a body, or of its items (3.2), and its place."""
    if given.schema is UNSET and given.item_schema is not UNSET:
        return given.item_schema, (*keys, "itemSchema")
    return {} if given.schema is UNSET else given.schema, (*keys, "schema")


def _part(name: str, item: Any, schema: Any, encoding: Any) -> dict[str, Any]:
    part = {"name": escaped(name), "text": escaped(plain(item))}
    kinds = encoding.get("contentType") if isinstance(encoding, dict) else None
    kind = kinds.partition(",")[0].strip() if isinstance(kinds, str) else ""
    table = schema if isinstance(schema, dict) else {}
    content = table.get("contentMediaType")
    if table.get("format") in ("binary", "byte") or isinstance(content, str):
        part["filename"] = f"{escaped(name)}.txt"
        kind = kind or (content if isinstance(content, str) else "")
    elif isinstance(item, dict | list) and not kind:
        kind = "application/json"
    return part | ({"type": kind} if kind and "*" not in kind else {})


def _fields(
    value: dict[str, Any], encoding: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield the fields of a form; each item of a list is a field, unless it says not."""
    for name, item in value.items():
        rules = encoding.get(name)
        rules = rules if isinstance(rules, dict) else {}
        style = rules.get("style", "form")
        if isinstance(item, list) and rules.get("explode", style == "form"):
            for each in item:
                yield escaped(name), escaped(plain(each))
        elif isinstance(item, list):
            between = _BETWEEN.get(style, ",")
            yield escaped(name), escaped(between.join(map(plain, item)))
        elif isinstance(item, dict) and style == "deepObject":
            for key, each in item.items():
                yield escaped(f"{name}[{key}]"), escaped(plain(each))
        elif item is not None:
            yield escaped(name), escaped(plain(item))


def _pairs(fields: list[tuple[str, str]]) -> dict[str, str] | list[tuple[str, str]]:
    table = dict(fields)
    return table if len(table) == len(fields) else fields


def _rank(media: str) -> int:
    """Return a rank: JSON, then forms, then text, then types that suit a case least."""
    kind = media.partition(";")[0].strip().lower()
    if kind == "*/*" or is_json(kind):
        return 0
    if kind == FORM:
        return 1
    if kind == MULTIPART:
        return 2
    return 3 if kind.startswith("text/") else 4
