"""Encode the bodies of requests; they are the same for every target."""

import base64
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
from msgspec import UNSET

from comparison.models import Pairs, Part, Request
from comparison.models.request import content_of

# Bodies in parts: multipart/form-data (RFC 7578), the same for every target.
BOUNDARY = "comparison-part"
UNTYPED = "application/octet-stream"

_File = tuple[str, tuple[str | None, bytes, str | None]]

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)


class Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A request body that we send piece by piece, without a Content-Length.

    `trailers` are header fields after the last piece (RFC 9112 section 7.1.2).
    """

    def __init__(self, chunks: Iterable[bytes], trailers: Pairs = ()) -> None:
        self.chunks = tuple(chunks)
        self.trailers = trailers

    def __iter__(self) -> Iterator[bytes]:
        yield from self.chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk


def header_pairs(headers: Any) -> Pairs:
    """Return the headers of a case as ordered pairs, from a dict or from pairs."""
    return tuple(headers.items()) if isinstance(headers, dict) else tuple(headers)


def encode_body(request: Request) -> tuple[bytes | Chunks | None, str | None]:
    """Encode the body of a request; return it with the Content-Type that it implies.

    Raises UsageError if a file cannot be read.
    """
    if request.json is not UNSET:
        text = json.dumps(request.json, ensure_ascii=False, separators=(",", ":"))
        return text.encode(), "application/json"
    if isinstance(request.text, str):
        return request.text.encode(), None
    if request.form is not UNSET:
        form = header_pairs(request.form)
        return urlencode(form).encode(), "application/x-www-form-urlencoded"
    if request.multipart is not UNSET:
        return multipart(request)
    if isinstance(request.base64, str):
        return base64.b64decode(request.base64), None
    if isinstance(request.file, str):
        return content_of(request.file), None
    if isinstance(request.chunks, tuple):
        trailers = header_pairs(request.trailers)
        return Chunks((chunk.encode() for chunk in request.chunks), trailers), None
    return None, None


def multipart(request: Request) -> tuple[bytes, str]:
    """Encode the parts of a request; return the body and its Content-Type.

    The boundary comes from the request's own Content-Type. Otherwise it is always the same,
    unless a part contains it.
    """
    assert request.multipart is not UNSET
    contents = [part.content for part in request.multipart]
    boundary = _given_boundary(request) or _unused_boundary(contents)
    content_type = f"multipart/form-data; boundary={boundary}"
    files = [
        _file_of(part, content)
        for part, content in zip(request.multipart, contents, strict=True)
    ]
    if not files:
        return f"--{boundary}--\r\n".encode(), content_type
    made = httpx.Request(
        "POST", "http://localhost", headers={"Content-Type": content_type}, files=files
    )
    return made.read(), content_type


def _file_of(part: Part, content: bytes) -> _File:
    name = part.filename or None
    if name is None and isinstance(part.file, str):
        name = re.split(r"[/\\]", part.file)[-1]
    kind = part.type or (UNTYPED if name is not None else None)
    # Without a type, httpx would guess one from the system's tables.
    return part.name, (name, content, kind)


def _given_boundary(request: Request) -> str:
    for name, value in header_pairs(request.headers):
        if name.lower() == "content-type" and (found := _BOUNDARY.search(value)):
            return found[1]
    return ""


def _unused_boundary(contents: list[bytes]) -> str:
    boundary, number = BOUNDARY, 1
    while any(boundary.encode() in content for content in contents):
        number += 1
        boundary = f"{BOUNDARY}-{number}"
    return boundary
