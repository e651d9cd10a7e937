"""Draft cases from recorded traffic."""

import base64
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import msgspec

from comparison.cases.placeholders import Placeholders, escaped
from comparison.core import toml_writer as toml
from comparison.core.errors import UsageError, nearest

from .draft import Draft, identifier, is_json, sendable
from .har import Entry, EntryRequest, EntryResponse, Named, PostData, read_entries
from .static_files import is_static
from .variables import filled, names_in

LONGEST_TEXT = 2000  # characters of a body that the case expects unchanged
LONGEST_ID = 60
ERROR = 400  # the first status of an error (RFC 9110 section 15.5)
FORM = "application/x-www-form-urlencoded"

# Headers that a browser or a connection adds by itself, and those of its cache.
_NOT_ASKED = (
    "host", "connection", "proxy-connection", "keep-alive", "te", "content-length",
    "transfer-encoding", "accept-encoding", "user-agent", "referer", "priority", "dnt",
    "upgrade-insecure-requests", "cache-control", "pragma", "if-none-match",
    "if-modified-since",
)  # fmt: skip


class Traffic:
    """The cases of one HAR file, or of another file that `entries` reads.

    Iterate over it for drafts. We draft only the requests to `hosts` (as `localhost:5000`),
    by default to the host of the first request. With `expect`, the case expects the
    recorded response. As a `sequence` they are one case: all requests in order, with the
    cookies that the responses set. Afterwards `left_out` counts the entries without a
    case. `variables` names the environment variables for secrets. Raises UsageError if no
    request went to one of the `hosts`.
    """

    def __init__(
        self,
        path: Path,
        hosts: Collection[str] = (),
        *,
        expect: bool = False,
        sequence: bool = False,
        entries: Callable[[Path], Iterator[Entry]] = read_entries,
        left_out: Counter[str] | None = None,
    ) -> None:
        self.path = path
        self.entries = entries
        self.hosts = {host.lower() for host in hosts}
        self.expect = expect
        self.sequence = sequence
        self.left_out: Counter[str] = Counter() if left_out is None else left_out
        self.places = Placeholders()
        self._variables: dict[str, None] = {}
        self._seen: set[bytes] = set()
        self._met: set[str] = set()

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables to set before the cases run."""
        return tuple(dict.fromkeys([*self.places.names, *self._variables]))

    def __iter__(self) -> Iterator[Draft]:
        if not self.sequence:
            yield from self._drafts()
        elif drafts := list(self._drafts()):
            name = self.path.stem
            yield msgspec.structs.replace(
                drafts[-1],
                id=identifier(name)[:LONGEST_ID].rstrip("-"),
                title=self.places.text(name),
                setup=tuple(drafts[:-1]),
                expect=drafts[-1].expect if self.expect else (),
            )

    def _drafts(self) -> Iterator[Draft]:
        for entry in self.entries(self.path):
            try:
                url = urlsplit(entry.request.url)
            except ValueError:
                self.left_out["with an address that is none"] += 1
                continue
            if reason := self._reason(entry, url):
                self.left_out[reason] += 1
                continue
            draft = self._draft(entry, url)
            if not sendable(draft):
                self.left_out["that no case can send"] += 1
            elif self.sequence or self._is_new(draft):
                self._variables.update(
                    dict.fromkeys(names_in(msgspec.json.encode(draft).decode()))
                )
                yield filled(draft)
            else:
                self.left_out["repeated"] += 1
        for host in sorted(self.hosts - self._met):
            hint = nearest(host, self._met)
            raise UsageError(f"{self.path}: no request to {host!r}{hint}")

    def _reason(self, entry: Entry, url: SplitResult) -> str:
        """Explain why an entry becomes no case, or return ""."""
        if url.scheme.lower() not in ("http", "https") or entry.response.status == 101:
            return "not HTTP"
        host = url.netloc.rpartition("@")[2].lower()
        self.hosts = self.hosts or {host}
        self._met.add(host)
        if host not in self.hosts:
            return f"to {host}"
        return "for static files" if is_static(entry, url.path) else ""

    def _is_new(self, draft: Draft) -> bool:
        request = repr((draft.method, draft.path, draft.headers, draft.body))
        digest = blake2b(request.encode("utf-8", "replace"), digest_size=16).digest()
        if digest in self._seen:
            return False
        self._seen.add(digest)
        return True

    def _draft(self, entry: Entry, url: SplitResult) -> Draft:
        request = entry.request
        headers, conditional = self._headers(request)
        query = f"?{url.query}" if url.query else ""
        body = self._body(request.post_data)
        path = self.places.target((url.path or "/") + query)
        if body is not None and body[0] in ("json", "form", "multipart"):
            headers = tuple(
                (name, value)
                for name, value in headers
                if name.lower() != "content-type"
                or (body[0] != "multipart" and value not in ("application/json", FORM))
            )
        expect: tuple[tuple[str, Any], ...] = ()
        if self.expect and not (conditional and entry.response.status == 304):
            expect = tuple(self._expected(entry.response))
        elif self.sequence and entry.response.status >= ERROR:
            # A request that fails in the recording must not end the sequence.
            expect = (("status", entry.response.status),)
        plain = path.partition("?")[0]
        method: str = escaped(request.method)
        return Draft(
            id=identifier(request.method, plain)[:LONGEST_ID].rstrip("-"),
            title=self.places.text(entry.comment) or f"{method} {plain}",
            method=method,
            path=path,
            headers=headers,
            body=body,
            expect=expect,
        )

    def _headers(
        self, request: EntryRequest
    ) -> tuple[tuple[tuple[str, str], ...], bool]:
        """Return the headers to send, and whether one of them was about the cache."""
        names = {header.name.lower() for header in request.headers}
        kept = [
            (escaped(header.name), self._value(header))
            for header in request.headers
            if self._is_sent(header.name.lower(), header.value)
        ]
        return tuple(kept), not names.isdisjoint(("if-none-match", "if-modified-since"))

    def _value(self, header: Named) -> str:
        if names_in(header.value):  # A variable, so it is no secret itself.
            return str(escaped(header.value))
        return self.places.header(header.name, header.value)

    def _is_sent(self, name: str, value: str) -> bool:
        if name == "cookie" and self.sequence:
            return False
        if name == "origin":
            return value.partition("://")[2].lower() not in self.hosts
        if name == "accept" and value == "*/*":  # equal to no header, RFC 9110 12.5.1
            return False
        return name not in _NOT_ASKED and not name.startswith((":", "sec-"))

    def _body(self, data: PostData | None) -> tuple[str, Any] | None:
        if data is None:
            return None
        mime = (data.mime_type or "").partition(";")[0].strip().lower()
        text = data.text
        if data.path is not None:
            return "file", escaped(data.path)
        if not text and data.params and mime == "multipart/form-data":
            return "multipart", list(map(self._part, data.params))
        if not text and data.params and mime == FORM:
            text = urlencode([(each.name, each.value) for each in data.params])
        if not text:
            return None
        if data.encoding == "base64":
            shown = self.places.learn(_decoded(text, "latin-1") or "")
            return None if shown else ("base64", text)
        if mime == FORM:
            return self._form(text)
        if is_json(mime):
            return self._json(text)
        if mime == "multipart/form-data":
            return "text", self.places.multipart(text)
        return "text", self.places.text(text)

    def _part(self, part: Named) -> dict[str, Any]:
        content: dict[str, Any] = {"text": self.places.field(part.name, part.value)}
        if part.path is not None:
            content = {"file": escaped(part.path)}
        more = {"filename": part.file_name, "type": part.content_type}
        given = {name: escaped(value) for name, value in more.items() if value}
        return {"name": escaped(part.name), **content, **given}

    def _form(self, text: str) -> tuple[str, Any]:
        pairs = self.places.form(text)
        names = {name for name, _ in pairs}
        if not pairs or "&&" in text:
            return "text", self.places.query(text)
        return "form", dict(pairs) if len(names) == len(pairs) else pairs

    def _json(self, text: str) -> tuple[str, Any]:
        value = _parsed(text)
        if value is _NOT_JSON:
            return "text", self.places.text(text)
        value = self.places.json(text, value)
        if toml.writable(value):
            return "json", value
        return "text", json.dumps(value, ensure_ascii=False)

    def _expected(self, response: EntryResponse) -> Iterator[tuple[str, Any]]:
        if response.status < 200:
            return
        yield "status", response.status
        headers = dict(self._expected_headers(response))
        if headers:
            yield "headers", headers
        mime = (response.content.mime_type or "").partition(";")[0].strip().lower()
        text = _text_of(response)
        if not text or len(text) > LONGEST_TEXT or self.places.learn(text):
            return
        if is_json(mime):
            value = _parsed(text)
            if value is not _NOT_JSON and toml.writable(value):
                yield "json", escaped(value)
                return
        if mime in ("application/json", "text/plain"):
            yield "text", escaped(text)

    def _expected_headers(
        self, response: EntryResponse
    ) -> Iterator[tuple[str, str | bool]]:
        for header in response.headers:
            match header.name.lower():
                case "content-type":
                    yield "content-type", self.places.text(header.value)
                case "location":
                    there = header.value.startswith("/")
                    there = there and not header.value.startswith("//")
                    known = self.places.target(header.value) if there else True
                    yield "location", known
                case "set-cookie":
                    yield "set-cookie", True


_NOT_JSON = object()


def _parsed(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return _NOT_JSON


def _decoded(text: str, encoding: str = "utf-8") -> str | None:
    try:
        return base64.b64decode(text, validate=True).decode(encoding)
    except ValueError:
        return None


def _text_of(response: EntryResponse) -> str | None:
    content = response.content
    encoded = content.encoding == "base64" and content.text is not None
    return _decoded(content.text or "") if encoded else content.text
