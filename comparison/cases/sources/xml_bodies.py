"""Write a value as XML, as the `xml` fields of its schema say (OpenAPI 3.1.1, 4.8.26)."""

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from .markup import Keys
from .openapi import OpenApi
from .schemas import merged
from .styles import plain

ROOT = "root"
"""The name of an element that has no other."""


def xml_text(document: OpenApi, value: Any, schema: Any, keys: Keys) -> str:
    """Return a value as an XML document without a declaration."""
    own, there = document.resolved(schema, (*keys, "schema"))
    named = there[-1] if there[-2:-1] == ("schemas",) else ROOT
    return "".join(_Writer(document).element(str(named), value, own, there))


class _Writer:
    def __init__(self, document: OpenApi) -> None:
        self._document = document

    def element(self, name: str, value: Any, schema: Any, keys: Keys) -> Iterator[str]:
        schema, keys = self._document.resolved(schema, keys)
        table = merged(self._document, schema, keys) if isinstance(schema, dict) else {}
        xml = _xml(table)
        name = xml.get("name", name)
        prefix, space = xml.get("prefix"), xml.get("namespace")
        full = f"{prefix}:{name}" if prefix else name
        declared = (
            f" xmlns{f':{prefix}' if prefix else ''}={quoteattr(space)}"
            if space
            else ""
        )
        if isinstance(value, list):
            # The items repeat the name, in an element of that name if it is `wrapped`.
            items = table.get("items", {})
            own, _ = self._document.resolved(items, (*keys, "items"))
            inner = _xml(own).get("name", name)
            several = (
                part
                for item in value
                for part in self.element(inner, item, items, (*keys, "items"))
            )
            if xml.get("wrapped") is True:
                yield f"<{full}{declared}>"
                yield from several
                yield f"</{full}>"
            else:
                yield from several
            return
        if not isinstance(value, dict):
            text = "" if value is None else escape(plain(value))
            yield f"<{full}{declared}>{text}</{full}>"
            return
        properties = table.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        attributes, inside = "", ""
        for key, item in value.items():
            here = (*keys, "properties", key)
            own, _ = self._document.resolved(properties.get(key, {}), here)
            rules = _xml(own)
            if rules.get("attribute") is True or rules.get("nodeType") == "attribute":
                attributes += f" {rules.get('name', key)}={quoteattr(plain(item))}"
            elif rules.get("nodeType") == "text":
                inside += escape(plain(item))
            else:
                inside += "".join(self.element(key, item, own, here))
        yield f"<{full}{declared}{attributes}>{inside}</{full}>"


def _xml(schema: Any) -> dict[str, Any]:
    found = schema.get("xml") if isinstance(schema, dict) else None
    return found if isinstance(found, dict) else {}
