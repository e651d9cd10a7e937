"""What is true of HTTP whichever way a target is reached.

How a case's `Request` becomes an `httpx.Request`, and how a response is described.
Everything that knows httpx lives in this package.
"""

import base64
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from msgspec import UNSET

from comparison.models import Pairs, Request, Response, SentRequest
from comparison.models.case import content_of

from .multipart import multipart

ORIGIN = "http://localhost"

_ABSOLUTE_FORM = re.compile(r"^https?://[^/]*", re.IGNORECASE)
# RFC 3986: what may stand in a target as it is; a space or a control may not.
_TARGET_SAFE = "".join(map(chr, range(0x21, 0x7F)))


class Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A request body sent piece by piece, without a Content-Length."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = tuple(chunks)

    def __iter__(self) -> Iterator[bytes]:
        yield from self.chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk


@lru_cache(maxsize=1024)
def encode_target(path: str) -> bytes:
    """The request target as bytes: as written, with UTF-8 percent-encoded.

    >>> encode_target("/caf\N{LATIN SMALL LETTER E WITH ACUTE}?q=%41")
    b'/caf%C3%A9?q=%41'
    """
    return quote(path, safe=_TARGET_SAFE).encode("ascii")


@lru_cache(maxsize=16)
def _url(origin: str) -> httpx.URL:
    return httpx.URL(origin)


def header_pairs(headers: Any) -> Pairs:
    """The headers of a case as ordered pairs, however they were written."""
    return tuple(headers.items()) if isinstance(headers, dict) else tuple(headers)


def encode_body(request: Request) -> tuple[bytes | Chunks | None, str | None]:
    """The body of a request and the Content-Type that its form implies.

    Raises UsageError for a file that is not there.
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
        return Chunks(chunk.encode() for chunk in request.chunks), None
    return None, None


def build_request(request: Request, origin: str = ORIGIN) -> httpx.Request:
    """The request as httpx sends it, with nothing added that the case did not say.

    Host (by HTTP/1.1) and, for a body, Content-Length or Transfer-Encoding are added
    where the case does not give them itself. The target travels in the `target`
    extension, verbatim, because a parsed URL would normalise it. `mount` has where the
    app is mounted, and `http_version` the version where it is not 1.1.
    """
    body, content_type = encode_body(request)
    given = header_pairs(request.headers)
    names = {name.lower() for name, _ in given}
    url = _url(origin)
    headers = [(n.encode("ascii"), _field_value(v)) for n, v in given]
    if "host" not in names and request.http_version != "1.0":
        headers.insert(0, (b"Host", url.netloc))
    if content_type is not None and "content-type" not in names:
        headers.append((b"Content-Type", content_type.encode()))
    if isinstance(body, Chunks):
        if not names & {"transfer-encoding", "content-length"}:
            headers.append((b"Transfer-Encoding", b"chunked"))
    elif body is not None and "content-length" not in names:
        headers.append((b"Content-Length", str(len(body)).encode()))
    stream = body if isinstance(body, Chunks) else httpx.ByteStream(body or b"")
    extensions: dict[str, Any] = {"target": encode_target(request.path)}
    if request.mount:
        extensions["mount"] = request.mount
    if request.http_version != "1.1":
        extensions["http_version"] = request.http_version
    return httpx.Request(
        request.method, url, headers=headers, stream=stream, extensions=extensions
    )


def _field_value(value: str) -> bytes:
    # RFC 9110 section 5.5: a field value is a sequence of octets.
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8")


def sent(request: httpx.Request) -> SentRequest:
    """The request as it went out. Told once: most go to every target as they are."""
    told: SentRequest | None = request.extensions.get("sent")
    if told is None:
        told = request.extensions["sent"] = _sent(request)
    return told


def _sent(request: httpx.Request) -> SentRequest:
    stream = request.stream
    if isinstance(stream, Chunks):
        content = b"".join(stream.chunks)
    else:
        content = b"".join(stream)  # type: ignore[arg-type]
    headers = decode_headers(request.headers.raw)
    target = request_target(request).decode("ascii")
    text: str | None = None
    encoded: str | None = None
    if content:
        try:
            text = content.decode()
        except UnicodeDecodeError:
            encoded = base64.b64encode(content).decode()
    return SentRequest(
        request.method, target, headers, text, encoded, mount_of(request),
        version_of(request),
    )  # fmt: skip


def request_target(request: httpx.Request) -> bytes:
    """The target as it goes on the request line."""
    target = request.extensions.get("target")
    return request.url.raw_path if target is None else target


def mount_of(request: httpx.Request) -> str:
    """Where the app is mounted for this request, as the case writes it; "" for nowhere."""
    mount: str = request.extensions.get("mount", "")
    return mount


def version_of(request: httpx.Request) -> str:
    """The version of HTTP that a request is sent by: 1.0 or 1.1."""
    version: str = request.extensions.get("http_version", "1.1")
    return version


@lru_cache(maxsize=1024)
def origin_form(target: bytes) -> tuple[str, str]:
    """Path and query of a target, still percent-encoded (RFC 9112 section 3.2)."""
    path, _, query = target.decode("ascii").partition("?")
    return (_ABSOLUTE_FORM.sub("", path) or "/"), query


def decode_headers(headers: Iterable[tuple[bytes, bytes]]) -> Pairs:
    """Header fields as text: octets as Latin-1."""
    return tuple([(k.decode("latin-1"), v.decode("latin-1")) for k, v in headers])


def declared_part(length: str, body: bytes) -> bytes:
    """The body as far as its Content-Length reaches: no server reads further."""
    # Python converts no more than 4300 digits.
    known = length.isdecimal() and len(length) < 20
    return body[: int(length)] if known else body


def allows_body(method: str, status: int) -> bool:
    """Whether a response may have a body (RFC 9110 section 6.4.1)."""
    if method == "HEAD" or status in (204, 304):
        return False
    return not 100 <= status < 200


def framing(method: str, status: int, headers: Pairs, sent_bytes: int) -> str:
    """How the body of a response was delimited by the app that handed it over.

    `content-length`, `no length`, `no body`, or what is wrong with it: a length that is
    not the number of bytes sent, or a body where none is allowed.
    """
    if not allows_body(method, status):
        if not sent_bytes:
            return "no body"
        return f"{sent_bytes} bytes sent where none is allowed"
    declared = [value for name, value in headers if name.lower() == "content-length"]
    if not declared:
        return "no length"
    if declared == [str(sent_bytes)]:
        return "content-length"
    return f"content-length {', '.join(declared)}, {sent_bytes} bytes sent"


def make_response(
    method: str, status: int, reason: str | None, headers: Pairs, chunks: list[bytes]
) -> Response:
    """The response that a client is given for what an app handed over."""
    content = b"".join(chunks)
    how = framing(method, status, headers, len(content))
    if not allows_body(method, status):
        content = b""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        encoded = base64.b64encode(content).decode()
        return Response(status, reason, headers, "", how, "HTTP/1.1", encoded)
    return Response(status, reason, headers, text, how, "HTTP/1.1")
