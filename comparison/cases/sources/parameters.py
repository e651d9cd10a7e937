"""Fill in the request of an OpenAPI operation: path, query, headers, cookies."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from msgspec import UNSET

from comparison.cases.placeholders import Placeholders, escaped

from .credentials import AUTHORIZATION, Credentials
from .markup import Keys
from .openapi import ABSENT, VARIABLE, Endpoint, OpenApi
from .openapi_format import MediaType, Parameter
from .repairs import Repairs
from .samples import Sampler
from .schemas import kind_of, without_given
from .styles import in_header, in_path, in_query, in_querystring, plain
from .variants import WORD, Variants

# OpenAPI describes parameters of these names elsewhere.
_ELSEWHERE = ("accept", "content-type", AUTHORIZATION)

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
        self._credentials = Credentials(document, places)

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
        for given, there in self._sent(endpoint):
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
        self._credentials.add(endpoint.operation, query, headers, cookies)
        every = self._parameters(endpoint)
        if any(each.required and each.header == AUTHORIZATION for each, _ in every):
            self._credentials.add_authorization(headers)
        if cookies:
            headers.append(("Cookie", "; ".join(cookies)))
        target = self._filled_path(endpoint.path, filled)
        if query_string := "&".join(filter(None, query)):
            target += ("&" if "?" in target else "?") + query_string
        return target, tuple(headers), chosen

    def _filled_path(self, path: str, filled: dict[str, str]) -> str:
        def fill(found: re.Match[str]) -> str:
            if found[1] not in filled:
                self._sampler.made_up.append(f"{found[1]} (not described)")
            return filled.get(found[1]) or quote(found[1], safe="")

        path = path.partition("#")[0]  # a fragment is not sent
        pieces = VARIABLE.split(path)
        fixed = [
            quote(p.encode("utf-8", "replace"), safe="/%:@!$&'()*+,;=~?")
            for p in pieces[::2]
        ]
        filled_in = [fill(found) for found in VARIABLE.finditer(path)]
        return "".join(map("".join, zip(fixed, [*filled_in, ""], strict=True)))

    def variants(self, endpoint: Endpoint) -> Iterator[tuple[str, Other]]:
        """Yield parameters with another value each, with a label."""
        vary = Variants(self._document, self._sampler)
        for given, there in self._parameters(endpoint):
            name, where = given.name, given.where
            if given.header in _ELSEWHERE:
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

    def _sent(self, endpoint: Endpoint) -> Iterator[tuple[Parameter, Keys]]:
        """Yield the parameters that a request can have; note the others."""
        for given, there in self._parameters(endpoint):
            if given.header in _ELSEWHERE:
                if given.header != AUTHORIZATION or not given.required:
                    text = "not used: the body or the security scheme says it"
                    self._document.note(text, there)
            elif given.where == "path" and f"{{{given.name}}}" not in endpoint.path:
                text = f"not used: the path has no {{{given.name}}}"
                self._document.note(text, there)
            else:
                yield given, there

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
        needed = given.required or given.where == "path"
        examples = self._document.examples(described, schema_keys[:-1])
        _, value, example = next(examples, ("", ABSENT, None))
        if example is None:
            value = self._sampler.sample(schema, schema_keys, given.name)
        else:
            value = self._typed(value, schema)
        if value is not ABSENT:
            value = self._repairs.allowed(
                value, schema, schema_keys, example, optional=not needed
            )
        if _empty(value, given):
            value = self._filled(given, schema, schema_keys) if needed else ABSENT
        if not needed and example is None and len(self._sampler.made_up) > made_up:
            del self._sampler.made_up[made_up:]
            return ABSENT
        if value is ABSENT and needed:
            self._sampler.made_up.append(given.name)
            return given.name
        if not given.content or value is ABSENT or given.where == "querystring":
            return value
        return json.dumps(value)

    def _filled(self, given: Parameter, schema: Any, keys: Keys) -> Any:
        """Return a value for a parameter whose own value a request cannot have."""
        own, keys = self._document.resolved(schema, keys)
        if isinstance(own, dict):
            value = self._sampler.sample(without_given(own), keys, given.name)
            if not _empty(value, given):
                return value
            if value == {}:
                return {"key": given.name}
        return given.name

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
        """Return an example in the type of its schema: a number for its digits, or text.

        Outside of a JSON body, a request has only text.
        """
        own, _ = self._document.resolved(schema, ())
        if not isinstance(own, dict):
            return value
        kind = kind_of(own)
        if kind == "string" and isinstance(value, int | float):
            return plain(value)
        if not isinstance(value, str):
            return value
        if kind == "array":
            return [value]
        if kind in ("integer", "number", "boolean"):
            with suppress(ValueError):
                return json.loads(value)
        return value


def _empty(value: Any, given: Parameter) -> bool:
    """Return whether a request cannot have a value in the place of its parameter."""
    if value is None:
        return not given.content
    if given.where == "path" or (given.where == "query" and given.empty is not True):
        return value in ("", [], {})
    return False


def _writable(value: Any, where: str) -> bool:
    """Return whether a value can stand in this place of a request."""
    if where == "path":
        return value not in ("", [], {}, ABSENT)
    text = plain(value)
    return where == "query" or (
        text.isascii() and text.isprintable() and text == text.strip()
    )
