"""Encode bodies in parts: multipart/form-data (RFC 7578), the same for every target."""

import re

import httpx
from msgspec import UNSET

from comparison.models import Part, Request

BOUNDARY = "comparison-part"
UNTYPED = "application/octet-stream"

_File = tuple[str, tuple[str | None, bytes, str | None]]

_GIVEN = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)


def multipart(request: Request) -> tuple[bytes, str]:
    """Encode the parts of a request; return the body and its Content-Type.

    The boundary comes from the request's own Content-Type. Otherwise it is always the same,
    unless a part contains it.
    """
    assert request.multipart is not UNSET
    contents = [part.content for part in request.multipart]
    boundary = _given(request) or _unused(contents)
    content_type = f"multipart/form-data; boundary={boundary}"
    files = [
        _field(part, content)
        for part, content in zip(request.multipart, contents, strict=True)
    ]
    if not files:
        return f"--{boundary}--\r\n".encode(), content_type
    made = httpx.Request(
        "POST", "http://localhost", headers={"Content-Type": content_type}, files=files
    )
    return made.read(), content_type


def _field(part: Part, content: bytes) -> _File:
    name = part.filename or None
    if name is None and isinstance(part.file, str):
        name = re.split(r"[/\\]", part.file)[-1]
    kind = part.type or (UNTYPED if name is not None else None)
    # Without a type, httpx would guess one from the system's tables.
    return part.name, (name, content, kind)


def _given(request: Request) -> str:
    headers = request.headers
    pairs = headers.items() if isinstance(headers, dict) else headers
    for name, value in pairs:
        if name.lower() == "content-type" and (found := _GIVEN.search(value)):
            return found[1]
    return ""


def _unused(contents: list[bytes]) -> str:
    boundary, number = BOUNDARY, 1
    while any(boundary.encode() in content for content in contents):
        number += 1
        boundary = f"{BOUNDARY}-{number}"
    return boundary
