"""Read the requests of Postman collections."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .har import (
    Content,
    Entry,
    EntryRequest,
    EntryResponse,
    Named,
    PostData,
    content_type,
)
from .left_out import LeftOut
from .postman_format import Body, Item, ItemRequest, Pair, Saved, Url, read_collection
from .recorded_json import encoded
from .variables import as_value, as_variable

FORM = "application/x-www-form-urlencoded"
DEEPEST = 50  # folders, and variables in variables
LANGUAGES = {
    "json": "application/json", "xml": "application/xml", "html": "text/html",
    "text": "text/plain", "javascript": "application/javascript",
}  # fmt: skip
MADE = {"$guid": "unique", "$randomUUID": "unique", "$randomInt": "counter"}
"""Dynamic variables that a case has too."""

_PARTS = "{}$"  # of variables
_VARIABLE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


class PostmanCollection:
    """The requests of a collection; `left_out` counts what they lose."""

    def __init__(self, left_out: LeftOut) -> None:
        self.left_out = left_out
        self.variables: dict[str, str] = {}

    def entries(self, path: Path) -> Iterator[Entry]:
        """Yield an entry for each request, in order. Raises DocumentError."""
        collection = read_collection(path)
        self.variables = {
            each.key: _text(each.value)
            for each in collection.variable
            if each.key and not each.disabled and each.value not in (None, "")
        }
        yield from self._items(collection.item, collection.auth, 0)

    def _items(
        self, items: tuple[Item, ...], auth: dict[str, Any] | None, depth: int
    ) -> Iterator[Entry]:
        for item in items:
            own = auth if item.auth is None else item.auth
            if item.event:
                self.left_out.request("with scripts, which are not carried over")
            if item.item is not None:
                yield from self._items(item.item, own, depth + 1)
            elif item.request is not None:
                yield self._entry(item, own)

    def _entry(self, item: Item, auth: dict[str, Any] | None) -> Entry:
        request = item.request
        if not isinstance(request, ItemRequest):
            request = ItemRequest(url=request)
        auth = auth if request.auth is None else request.auth
        headers = list(self._headers(request.header))
        query: list[str] = []
        for where, name, value in self._authorization(auth or {}):
            if where == "query":
                query.append(f"{name}={value}")
            else:
                headers.append(Named(name, value))
        body = self._body(request.body, headers)
        response = self._response(item.response[0]) if item.response else None
        url = self._url(request.url, query)
        made = EntryRequest(
            self._filled(request.method) or "GET", url, tuple(headers), body
        )
        return Entry(made, response, self._filled(item.name))

    def _url(self, url: Url | str | None, more: list[str]) -> str:
        raw = (url.raw or _joined(url)) if isinstance(url, Url) else url or ""
        # Parameters that are off are in `query`, and not in `raw`.
        text = self._filled(raw).partition("#")[0]
        if isinstance(url, Url):
            for variable in url.variable:
                name = variable.key or ""
                value = self._filled(_text(variable.value)) or name
                text = re.sub(rf"/:{re.escape(name)}(?=[/?]|$)", f"/{value}", text)
        if text.startswith("/"):
            text = f"http://localhost{text}"
        elif "://" not in text:
            host, slash, path = text.partition("/")
            # A variable is a whole address, as `{{baseUrl}}`; the host does not matter.
            host = "variable.invalid" if not host.isascii() else host
            text = f"http://{host}{slash}{path}"
        for each in more:
            text += ("&" if "?" in text else "?") + each
        return text

    def _headers(self, header: tuple[Pair, ...] | str | None) -> Iterator[Named]:
        if isinstance(header, str):
            lines = (line.partition(":") for line in header.splitlines())
            header = tuple(Pair(name, value.strip()) for name, _, value in lines)
        for each in header or ():
            if each.key and not each.disabled:
                yield Named(self._filled(each.key), self._filled(_text(each.value)))

    def _authorization(self, auth: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        kind = auth.get("type")
        values = self._values(auth.get(str(kind)))
        match kind:
            case None | "noauth":
                return
            case "basic":
                pair = f"{values.get('username', '')}:{values.get('password', '')}"
                encoded = base64.b64encode(pair.encode()).decode()
                yield "header", "Authorization", f"Basic {encoded}"
            case "bearer":
                yield "header", "Authorization", f"Bearer {values.get('token', '')}"
            case "apikey":
                where = values.get("in", "header")
                yield where, values.get("key", ""), values.get("value", "")
            case _:
                self.left_out.request(f"authorization of type {kind}")

    def _values(self, given: Any) -> dict[str, str]:
        """Return the fields of an authorization: pairs, or an object in version 2.0."""
        if isinstance(given, dict):
            pairs = given.items()
        else:
            tables = [each for each in given or () if isinstance(each, dict)]
            pairs = {str(t.get("key")): t.get("value") for t in tables}.items()
        return {name: self._filled(_text(value)) for name, value in pairs}

    def _body(self, body: Body | None, headers: list[Named]) -> PostData | None:
        if body is None or body.disabled:
            return None
        match body.mode:
            case "raw" if body.raw:
                language = body.options.get("raw", {}).get("language", "text")
                mime = content_type(headers, LANGUAGES.get(language, "text/plain"))
                return PostData(mime, self._filled(body.raw))
            case "graphql" if body.graphql:
                sent = {
                    "query": body.graphql.get("query", ""),
                    "variables": _json(body.graphql.get("variables")) or {},
                }
                mime = content_type(headers, "application/json")
                return PostData(mime, self._filled(encoded(sent)))
            case "urlencoded":
                return PostData(
                    content_type(headers, FORM), params=self._params(body.urlencoded)
                )
            case "formdata":
                return PostData(
                    "multipart/form-data", params=self._params(body.formdata)
                )
            case "file" if body.file.get("src"):
                mime = content_type(headers, "application/octet-stream")
                return PostData(mime, path=str(body.file["src"]))
        return None

    def _params(self, pairs: tuple[Pair, ...]) -> tuple[Named, ...]:
        given = (each for each in pairs if each.key and not each.disabled)
        return tuple(param for each in given for param in self._param(each))

    def _param(self, pair: Pair) -> Iterator[Named]:
        name = self._filled(pair.key or "")
        if pair.type != "file":
            value = self._filled(_text(pair.value))
            yield Named(name, value, content_type=pair.content_type)
            return
        paths = pair.src if isinstance(pair.src, list) and pair.src else [pair.src]
        for path in paths:
            shown = str(path or name)
            yield Named(
                name,
                "",
                file_name=Path(shown).name,
                content_type=pair.content_type,
                path=shown,
            )

    def _response(self, saved: Saved) -> EntryResponse:
        headers = tuple(
            Named(each.key, _text(each.value))
            for each in (() if isinstance(saved.header, str) else saved.header or ())
            if each.key
        )
        mime = next((h.text for h in headers if h.name.lower() == "content-type"), None)
        return EntryResponse(
            saved.code or 0, saved.status or "", "", headers, Content(mime, saved.body)
        )

    def _filled(self, text: str, depth: int = 0) -> str:
        """Insert variables: those of the collection, of the run, and of the environment."""

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name in self.variables and depth < DEEPEST:
                return self._filled(self.variables[name], depth + 1)
            return as_value(MADE[name]) if name in MADE else as_variable(name.upper())

        return _VARIABLE.sub(value, text)


def _joined(url: Url) -> str:
    """Return the URL whose parts a collection has."""
    host = url.host if isinstance(url.host, str) else ".".join(url.host)
    path = [url.path] if isinstance(url.path, str) else url.path
    text = "/".join([host, *(_text(part).lstrip("/") for part in path)])
    query = [
        quote(each.key or "", safe=_PARTS) + f"={quote(_text(each.value), safe=_PARTS)}"
        for each in url.query
        if not each.disabled
    ]
    return f"{text}?{'&'.join(query)}" if query else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _json(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None
