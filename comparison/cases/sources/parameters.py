"""Fill in the request of an OpenAPI operation: path, query, headers, cookies."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from msgspec import UNSET

from comparison.cases.placeholders import Placeholders, escaped

from .markup import Keys
from .openapi import (
    ABSENT,
    HUMP,
    VARIABLE,
    Endpoint,
    MediaType,
    OpenApi,
    Operation,
    Parameter,
    SecurityScheme,
)
from .repairs import Repairs
from .samples import Sampler
from .schemas import kind_of
from .styles import in_header, in_path, in_query, in_querystring, plain
from .variants import WORD, Variants

# OpenAPI describes parameters of these names elsewhere.
_ELSEWHERE = ("accept", "content-type", "authorization")


Other = tuple[str, str, Any]
"""The name and the place of a parameter, and its other value."""


class Parameters:
    """Fills in a request except its body; credentials are placeholders."""

    def __init__(
        self,
        document: OpenApi,
        sampler: Sampler,
        repairs: Repairs,
        places: Placeholders,
    ) -> None:
        self._document = document
        self._sampler = sampler
        self._repairs = repairs
        self._places = places

    def target_and_headers(
        self, endpoint: Endpoint, other: Other | None = None
    ) -> tuple[str, tuple[tuple[str, str], ...], list[str]]:
        """Return the target and the headers of an operation, with `path` filled in.

        The made-up headers come with them. The sampler has all other made-up values. One
        parameter may have another value than its own.
        """
        filled: dict[str, str] = {}
        query: list[str] = []
        headers: list[tuple[str, str]] = []
        cookies: list[str] = []
        chosen: list[str] = []
        for given, there in self._parameters(endpoint):
            if given.where == "header" and given.name.lower() in _ELSEWHERE:
                text = "not used: the body or the security scheme says it"
                self._document.note(text, there)
                continue
            before = len(self._sampler.made_up)
            value = self._value(given, there)
            if other is not None and (given.name, given.where) == other[:2]:
                value = other[2]
            if value is ABSENT:
                continue
            if given.where in ("header", "cookie"):
                chosen += self._sampler.made_up[before:]
                del self._sampler.made_up[before:]
            exploded = bool(given.explode)
            match given.where:
                case "path":
                    style = given.style
                    filled[given.name] = in_path(given.name, value, style, exploded)
                case "query":
                    query.append(
                        in_query(given.name, value, given.style, given.explode)
                    )
                case "querystring":
                    query.append(in_querystring(value))
                case "header":
                    shown = in_header(value, exploded)
                    headers.append((escaped(given.name), escaped(shown)))
                case "cookie":
                    shown = in_query(given.name, value, None, explode=False)
                    cookies.append(shown)
        if other is not None and other[0] == WORD:
            query.append(in_query(WORD, other[2], None, None))
        self._credentials(endpoint.operation, query, headers, cookies)
        if cookies:
            headers.append(("Cookie", "; ".join(cookies)))

        def fill(found: re.Match[str]) -> str:
            if found[1] not in filled:
                self._sampler.made_up.append(f"{found[1]} (not described)")
            return filled.get(found[1]) or quote(found[1], safe="")

        path = endpoint.path.partition("#")[0]  # a fragment is not sent
        pieces = VARIABLE.split(path)
        fixed = [
            quote(p.encode("utf-8", "replace"), safe="/%:@!$&'()*+,;=~?")
            for p in pieces[::2]
        ]
        filled_in = [fill(found) for found in VARIABLE.finditer(path)]
        target = "".join(map("".join, zip(fixed, [*filled_in, ""], strict=True)))
        query_string = "&".join(filter(None, query))
        return (
            target + (f"?{query_string}" if query_string else ""),
            tuple(headers),
            chosen,
        )

    def variants(self, endpoint: Endpoint) -> Iterator[tuple[str, Other]]:
        """Yield parameters with another value each, with a label."""
        vary = Variants(self._document, self._sampler)
        for given, there in self._parameters(endpoint):
            name, where = given.name, given.where
            if where == "header" and name.lower() in _ELSEWHERE:
                continue
            value = self._value(given, there)
            schema, place = self._schema_of(given, there)[1:]
            own = self._sampler.sample(schema, place, name)
            if own is ABSENT:
                continue
            own = self._repairs.allowed(own, schema, place)
            if value is ABSENT:
                yield f"with {name}", (name, where, own)
            elif where != "path":
                yield f"without {name}", (name, where, ABSENT)
            if where == "query" and not isinstance(own, dict | list):
                yield f"{name} twice", (name, where, [own, own])
            for label, changed in vary.of(own, schema, place, name):
                if _writable(changed, where) and plain(changed) != plain(own):
                    yield label, (name, where, changed)
        yield "with another parameter", (WORD, "query", WORD)

    def _parameters(self, endpoint: Endpoint) -> Iterator[tuple[Parameter, Keys]]:
        """Yield each parameter once; an operation's own parameters override the path's."""
        found: dict[tuple[str, str], tuple[Parameter, Keys]] = {}
        for several, place in (
            (endpoint.item.parameters, endpoint.item_keys),
            (endpoint.operation.parameters, endpoint.keys),
        ):
            for number, each in enumerate(several):
                here: Keys = (*place, "parameters", number)
                value, here = self._document.resolved(each, here)
                given = self._document.read(value, Parameter, here)
                if given is not None:
                    found[given.name, given.where] = (given, here)
        yield from found.values()

    def _value(self, given: Parameter, keys: Keys) -> Any:
        """Return the value of a parameter; ABSENT for an optional one without example."""
        made_up = len(self._sampler.made_up)
        described, schema, schema_keys = self._schema_of(given, keys)
        value = self._document.example(described, keys)
        if value is ABSENT:
            value = self._sampler.sample(schema, schema_keys, given.name)
        if value is not ABSENT:
            value = self._repairs.allowed(
                self._typed(value, schema), schema, schema_keys
            )
        needed = given.required or given.where == "path"
        if not needed and len(self._sampler.made_up) > made_up:
            del self._sampler.made_up[made_up:]
            return ABSENT
        if value is ABSENT and needed:
            self._sampler.made_up.append(given.name)
            return given.name
        if not given.content or value is ABSENT or given.where == "querystring":
            return value
        return json.dumps(value)

    def _schema_of(
        self, given: Parameter, keys: Keys
    ) -> tuple[Parameter | MediaType, Any, Keys]:
        """Return what describes the values of a parameter, their schema and its place."""
        described: Parameter | MediaType = given
        for media, content in list(given.content.items())[:1]:
            keys = (*keys, "content", media)
            described = self._document.read(content, MediaType, keys) or given
        schema = {} if described.schema is UNSET else described.schema
        return described, schema, (*keys, "schema")

    def _typed(self, value: Any, schema: Any) -> Any:
        """Return an example in the type of its schema: a number for its digits."""
        own, _ = self._document.resolved(schema, ())
        if not isinstance(own, dict) or not isinstance(value, str):
            return value
        kind = kind_of(own)
        if kind == "array":
            return [value]
        if kind in ("integer", "number", "boolean"):
            with suppress(ValueError):
                return json.loads(value)
        return value

    def _credentials(
        self,
        operation: Operation,
        query: list[str],
        headers: list[tuple[str, str]],
        cookies: list[str],
    ) -> None:
        """Add environment variables for the first security requirement."""
        root = self._document.root
        ways = root.security if operation.security is None else operation.security
        if not ways or {} in ways:
            return
        for name in ways[0]:
            keys = ("components", "securitySchemes", name)
            given = self._document.part(keys)
            scheme = given and self._document.read(given, SecurityScheme, keys)
            if not scheme:
                self._document.problem("is required, and not described", keys)
                continue
            if scheme.type == "mutualTLS":
                text = "not drafted: a certificate of the client, which no case sends"
                self._document.note(text, keys)
                continue
            variable = self._places.secret(HUMP.sub("_", name), name, one=True)
            match scheme.type, scheme.where:
                case "apiKey", "query":
                    query.append(f"{quote(scheme.name, safe='')}={variable}")
                case "apiKey", "header":
                    headers.append((escaped(scheme.name), variable))
                case "apiKey", "cookie":
                    cookies.append(f"{escaped(scheme.name)}={variable}")
                case (("http" | "oauth2" | "openIdConnect"), _):
                    kind = (scheme.scheme or "bearer").title()
                    headers.append(("Authorization", f"{escaped(kind)} {variable}"))


def _writable(value: Any, where: str) -> bool:
    """Return whether a value can stand in this place of a request."""
    if where == "path":
        return value not in ("", [], {}, ABSENT)
    text = plain(value)
    return where == "query" or (
        text.isascii() and text.isprintable() and text == text.strip()
    )
