"""A request as a case file writes it, with its body and captures."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from comparison.core import css, json_path, surrogates
from comparison.core.errors import UsageError
from comparison.core.regexp import check

from .client import Client
from .expect import Expect
from .request_line import request_line
from .request_target import check_mount, check_target

Pairs = tuple[tuple[str, str], ...]

REFERENCE = re.compile(r"\$(\$\{capture:)|\$\{capture:([^{}]*)\}")
"""Matches a reference to a captured value. `$${capture:` escapes `${capture:`."""
NAME = re.compile(r"[A-Za-z_][\w-]*")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE", "QUERY")
"""Methods that should not change anything (RFC 9110 section 9.2.1)."""


PLACES = ("json", "css", "header", "cookie")
"""The fields of a capture that name a place; a capture has at most one."""


class Capture(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """The place of a value in a response.

    `json` is a JSONPath (RFC 9535): the value is its first node. `css` is a CSS selector:
    the value is the text of the first element in an HTML page, or its `attribute`. `header`
    and `cookie` are names: the value is the first one with that name. Without any of them,
    the value is the body. `regex` searches that value for a part: its first group, or the
    whole match if it has no group.
    """

    json: str = ""
    css: str = ""
    attribute: str = ""
    header: str = ""
    cookie: str = ""
    regex: str = ""

    def __post_init__(self) -> None:
        given = [name for name in PLACES if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"a value is in one place, not in {' and '.join(given)}")
        if self.attribute and not self.css:
            raise ValueError("attribute is that of an element: give css too")
        if not given and not self.regex:
            raise ValueError("a capture has json, css, header, cookie or regex")
        if self.json:
            json_path.check(self.json)
        if self.css:
            css.check(self.css)
        if self.regex:
            _check_regex(self.regex)

    def __str__(self) -> str:
        parts = [
            f"{name} {value}"
            for name in (*PLACES[:2], "attribute", *PLACES[2:], "regex")
            if (value := getattr(self, name))
        ]
        return ", ".join(parts)


class Part(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """One part of a multipart/form-data body (RFC 7578).

    The content is one of `text`, `base64` and `file` (a path, relative to the case file).
    `filename` defaults to the file's name. A part with a filename has the type
    application/octet-stream, unless you give a `type`.
    """

    name: str
    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET
    file: str | UnsetType = UNSET
    filename: str = ""
    type: str = ""

    def __post_init__(self) -> None:
        contents = ("text", "base64", "file")
        given = [name for name in contents if getattr(self, name) is not UNSET]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise ValueError(f"a part has one of text, base64 and file, not {found}")
        if isinstance(self.base64, str):
            decoded(self.base64)
        if not self.type.isascii() or not self.type.isprintable():
            raise ValueError(f"type must be ASCII, not {self.type!r}")

    @property
    def content(self) -> bytes:
        """The part's bytes. Raises UsageError if the file cannot be read."""
        if isinstance(self.text, str):
            return self.text.encode()
        if isinstance(self.base64, str):
            return decoded(self.base64)
        assert isinstance(self.file, str)
        return content_of(self.file)


class Request(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """One request, as a case file writes it.

    `path` is the request target. We send ASCII as written, and percent-encode other
    characters as UTF-8 (RFC 3986 section 2.5).

    At most one of `json`, `text`, `form`, `multipart`, `base64`, `file` and `chunks` gives
    the body. `file` is the path of a file with the body, relative to the case file. We send
    `chunks` without a Content-Length. `headers` have an order and may repeat.

    `raw_path` is the request target instead of `path`, octet for octet (see `raw_target`).
    The `path` of a CONNECT request may be in authority-form. `trailers` are header fields
    after `chunks`. `client` says what the client does beside sending the request.

    `mount` is the first part of the path, where the app is mounted: `/shop` of
    `/shop/orders`. A WSGI app gets it as SCRIPT_NAME (PEP 3333), an ASGI app as root_path.
    An HTTP/1.0 request gets no Host, and has no chunks (RFC 9112 section 6.1).

    `capture` names values of the response. Later requests and expectations refer to them as
    `${capture:NAME}`. `expect` is the expectation of a setup request. Without one, its
    status must be below 400.

    With `follow`, we send the request that the response before redirects to. Its path,
    method and body come from there.
    """

    method: str = "GET"
    path: str = "/"
    headers: Pairs | dict[str, str] = ()
    json: Any = UNSET
    text: str | UnsetType = UNSET
    form: dict[str, str] | Pairs | UnsetType = UNSET
    multipart: tuple[Part, ...] | UnsetType = UNSET
    base64: str | UnsetType = UNSET
    file: str | UnsetType = UNSET
    chunks: tuple[str, ...] | UnsetType = UNSET
    capture: dict[str, Capture] = {}
    expect: Expect | None = None
    follow: bool = False
    mount: str = ""
    http_version: Literal["1.0", "1.1"] = "1.1"
    raw_path: str = ""
    trailers: Pairs | dict[str, str] = ()
    client: Client | None = None

    BODIES = ("json", "text", "form", "multipart", "base64", "file", "chunks")

    @property
    def request_line(self) -> str:
        """The request in one line (see `request_line`)."""
        if self.follow:
            return "the redirect"
        target = self.raw_path or self.path
        return request_line(
            self.method, target, self.mount, self.http_version, self.client
        )

    @property
    def needs_connection(self) -> str:
        """The field that has no meaning in process; "" if there is none."""
        if self.client is not None and self.client.needs_connection:
            return f"client.{self.client.needs_connection}"
        return "trailers" if self.trailers else ""

    def __post_init__(self) -> None:
        surrogates.check(self)
        given = [name for name in self.BODIES if getattr(self, name) is not UNSET]
        if len(given) > 1:
            raise ValueError(f"a request has one body, not {' and '.join(given)}")
        check_target(self.method, self.path, self.raw_path)
        if not self.method or not self.method.isascii() or " " in self.method:
            raise ValueError(f"method must be an HTTP token, not {self.method!r}")
        for name in dict(self.headers):
            if not name or not name.isascii():
                raise ValueError(f"a header's name must be ASCII, not {name!r}")
        if self.json is not UNSET:
            try:
                json.dumps(self.json, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise ValueError(f"json cannot be encoded: {error}") from None
        if isinstance(self.base64, str):
            decoded(self.base64)
        if self.chunks is not UNSET and self.http_version == "1.0":
            raise ValueError("chunks are sent by HTTP/1.1, not 1.0")
        if self.mount:
            check_mount(self.mount, self.raw_path or self.path)
        if self.follow and (given or self.mount or self.path != "/" or self.raw_path):
            named = [*given, *(["mount"] if self.mount else [])] or ["path"]
            raise ValueError(
                f"follow sends the request that the response before redirects to:"
                f" leave out {named[0]}"
            )
        if self.trailers and self.chunks is UNSET:
            raise ValueError("trailers follow a body in chunks: give chunks")
        if self.client is not None:
            _check_client(self.client, bool(given))
        for name in self.capture:
            if not NAME.fullmatch(name):
                raise ValueError(f"capture: a name is one word, not {name!r}")


def references(value: Any) -> Iterator[str]:
    """Yield the names of the captures that the texts in a value refer to.

    >>> list(references({"path": "/${capture:id}", "text": "$${capture:no}"}))
    ['id']
    """
    if isinstance(value, str):
        yield from (found[2] for found in REFERENCE.finditer(value) if not found[1])
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from references(key)
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def decoded(text: str) -> bytes:
    """Decode base64. Raises ValueError that says what is wrong."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError(f"base64 cannot be decoded: {error}") from None


def content_of(path: str) -> bytes:
    """Read the file of a body. Raises UsageError that names it."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None


def _check_regex(pattern: str) -> None:
    try:
        check(pattern)
    except ValueError as error:
        raise ValueError(f"regex is {error}") from None


def _check_client(client: Client, body: bool) -> None:
    for name in ("wait_for_continue", "stall"):
        if getattr(client, name) and not body:
            raise ValueError(f"client.{name} needs a body to send")
    if client.concurrent and client.reuse_connection:
        raise ValueError("client: a concurrent request is alone on its connection")
