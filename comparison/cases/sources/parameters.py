"""Fill in the request of an OpenAPI operation: path, query, headers, cookies.

A parameter has one of the styles of OpenAPI 3.1.1, section 4.8.12.2.
"""

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
    MediaType,
    OpenApi,
    Operation,
    Parameter,
    PathItem,
    SecurityScheme,
)
from .samples import Sampler
from .schemas import kind_of
from .values import Values

# OpenAPI describes parameters of these names elsewhere.
_ELSEWHERE = ("accept", "content-type", "authorization")

_BETWEEN = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}


class Parameters:
    """Fills in a request except its body; credentials are placeholders."""

    def __init__(
        self, document: OpenApi, sampler: Sampler, values: Values, places: Placeholders
    ) -> None:
        self._document = document
        self._sampler = sampler
        self._values = values
        self._places = places

    def target_and_headers(
        self, path: str, item: PathItem, operation: Operation, keys: Keys
    ) -> tuple[str, tuple[tuple[str, str], ...], list[str]]:
        """Return the target and the headers of an operation, with `path` filled in.

        The made-up headers come with them. The sampler has all other made-up values.
        """
        filled: dict[str, str] = {}
        query: list[str] = []
        headers: list[tuple[str, str]] = []
        cookies: list[str] = []
        chosen: list[str] = []
        for given, there in self._parameters(item, operation, keys):
            if given.where == "header" and given.name.lower() in _ELSEWHERE:
                continue
            before = len(self._sampler.made_up)
            value = self._value(given, there)
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
        self._credentials(operation, query, headers, cookies)
        if cookies:
            headers.append(("Cookie", "; ".join(cookies)))

        def fill(found: re.Match[str]) -> str:
            if found[1] not in filled:
                self._sampler.made_up.append(f"{found[1]} (not described)")
            return filled.get(found[1]) or quote(found[1], safe="")

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

    def _parameters(
        self, item: PathItem, operation: Operation, keys: Keys
    ) -> Iterator[tuple[Parameter, Keys]]:
        """Yield each parameter once; an operation's own parameters override the path's."""
        found: dict[tuple[str, str], tuple[Parameter, Keys]] = {}
        for several, place in (
            (item.parameters, keys[:-1]),
            (operation.parameters, keys),
        ):
            for number, each in enumerate(several):
                here = (*place, "parameters", number)
                given = self._document.read(each, Parameter, here)
                if given is not None:
                    found[given.name, given.where] = (given, here)
        yield from found.values()

    def _value(self, given: Parameter, keys: Keys) -> Any:
        """Return the value of a parameter; ABSENT for an optional one without example."""
        described: Parameter | MediaType = given
        schema_keys = (*keys, "schema")
        for media, content in list(given.content.items())[:1]:
            schema_keys = (*keys, "content", media)
            described = self._document.read(content, MediaType, schema_keys) or given
        made_up = len(self._sampler.made_up)
        schema = {} if described.schema is UNSET else described.schema
        value = self._document.example(described, keys)
        if value is ABSENT:
            value = self._sampler.sample(schema, schema_keys, given.name)
        if value is not ABSENT:
            value = self._values.allowed(
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

    def _typed(self, value: Any, schema: Any) -> Any:
        """Return the value that a text of an example stands for in a parameter."""
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


def in_path(name: str, value: Any, style: str | None, explode: bool) -> str:
    """Return a path parameter, percent-encoded.

    >>> in_path("ids", [3, 4], None, False)
    '3,4'
    >>> in_path("ids", [3, 4], "matrix", True)
    ';ids=3;ids=4'
    """
    match style:
        case "label":
            return "." + ("." if explode else ",").join(_parts(value, explode))
        case "matrix" if explode and isinstance(value, list):
            return "".join(f";{_quoted(name)}={_word(item)}" for item in value)
        case "matrix" if explode and isinstance(value, dict):
            return "".join(f";{part}" for part in _parts(value, explode))
        case "matrix":
            return f";{_quoted(name)}={','.join(_parts(value, explode))}"
    return ",".join(_parts(value, explode))


def in_query(name: str, value: Any, style: str | None, explode: bool | None) -> str:
    """Return a query parameter, percent-encoded; empty if it has no values.

    >>> in_query("tag", ["a", "b c"], None, None)
    'tag=a&tag=b%20c'
    >>> in_query("at", {"x": 1, "y": 2}, "deepObject", None)
    'at%5Bx%5D=1&at%5By%5D=2'
    """
    exploded = style in (None, "form") if explode is None else explode
    if isinstance(value, dict):
        if style == "deepObject":
            pairs = ((f"{name}[{key}]", item) for key, item in value.items())
            return "&".join(f"{_quoted(key)}={_word(item)}" for key, item in pairs)
        if exploded:
            return "&".join(_parts(value, exploded=True))
    if isinstance(value, list) and exploded:
        return "&".join(f"{_quoted(name)}={_word(item)}" for item in value)
    between = _BETWEEN.get(style or "", ",")
    return f"{_quoted(name)}={between.join(_parts(value, exploded=False))}"


def in_querystring(value: Any) -> str:
    """Return a value that is the whole query: a form if it has names, else JSON.

    >>> in_querystring({"a": 1, "b": ["x", "y z"]})
    'a=1&b=x&b=y%20z'
    """
    if isinstance(value, dict):
        return "&".join(
            in_query(name, item, None, None) for name, item in value.items()
        )
    return _word(value)


def in_header(value: Any, explode: bool) -> str:
    """Return a header parameter, not encoded.

    >>> in_header(["a", 1, True], False)
    'a,1,true'
    """
    if isinstance(value, dict):
        pairs = ((key, plain(item)) for key, item in value.items())
        return ",".join(f"{k}={v}" if explode else f"{k},{v}" for k, v in pairs)
    return ",".join(map(plain, value)) if isinstance(value, list) else plain(value)


def plain(value: Any) -> str:
    """Return a value as a word: text unchanged, other values as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _parts(value: Any, exploded: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if exploded:
                yield f"{_quoted(key)}={_word(item)}"
            else:
                yield from (_quoted(key), _word(item))
    elif isinstance(value, list):
        yield from map(_word, value)
    else:
        yield _word(value)


def _word(value: Any) -> str:
    return _quoted(plain(value))


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="")
