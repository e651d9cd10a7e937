"""The parts of HTTP that are the same for every kind of target.

This module makes an `httpx.Request` from a case's `Request`, and describes responses. Only
this package uses httpx.
"""

import base64
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx
from msgspec import UNSET, UnsetType

from comparison.models import Pairs, Piece, Request, Response, SentRequest
from comparison.models.client import Client
from comparison.models.request_target import raw_target

from .arrivals import Arrivals
from .bodies import Chunks, encode_body, header_pairs

ORIGIN = "http://localhost"

_ABSOLUTE_FORM = re.compile(r"^https?://[^/]*", re.IGNORECASE)
# RFC 3986: characters that a target may contain unescaped. Spaces and controls may not.
_TARGET_SAFE = "".join(map(chr, range(0x21, 0x7F)))


@lru_cache(maxsize=1024)
def encode_target(path: str) -> bytes:
    """Encode the request target: as written, but with UTF-8 percent-encoded.

    >>> encode_target("/caf\N{LATIN SMALL LETTER E WITH ACUTE}?q=%41")
    b'/caf%C3%A9?q=%41'
    """
    return quote(path, safe=_TARGET_SAFE).encode("ascii")


def target_of(request: Request, prefix: str = "") -> bytes:
    """Return the target of a request, below the prefix if it is a path."""
    given = request.raw_path or request.path
    target = prefix + given if given.startswith("/") else given
    return raw_target(target) if request.raw_path else encode_target(target)


@lru_cache(maxsize=16)
def _url(origin: str) -> httpx.URL:
    return httpx.URL(origin)


def build_request(request: Request, origin: str = ORIGIN) -> httpx.Request:
    """Make the request that we send, with as few headers as possible beside the case's.

    We add Host (in HTTP/1.1) and, for a body, Content-Length or Transfer-Encoding, unless
    the case has them. The `target` extension holds the target as written, because a parsed
    URL would normalise it. The `mount` extension is the path where the app is mounted. The
    `http_version` extension is the version, if it is not 1.1. The `client` extension is
    what the client does beside sending the request.
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
    extensions: dict[str, Any] = {"target": target_of(request)}
    if (client := request.client) is not None:
        extensions["client"] = client
        if client.wait_for_continue and "expect" not in names:
            headers.append((b"Expect", b"100-continue"))
    if request.mount:
        extensions["mount"] = request.mount
    if request.http_version != "1.1":
        extensions["http_version"] = request.http_version
    made = httpx.Request(
        request.method, url, headers=headers, stream=stream, extensions=extensions
    )
    # Methods are case-sensitive (RFC 9110 section 9.1); httpx writes capitals.
    made.method = request.method
    return made


def _field_value(value: str) -> bytes:
    # RFC 9110 section 5.5: a field value is a sequence of octets.
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8")


def sent(request: httpx.Request) -> SentRequest:
    """Describe the request that we sent.

    The result is cached, because most requests go unchanged to every target.
    """
    described: SentRequest | None = request.extensions.get("sent")
    if described is None:
        described = request.extensions["sent"] = _sent(request)
    return described


def _sent(request: httpx.Request) -> SentRequest:
    stream = request.stream
    trailers: Pairs = ()
    if isinstance(stream, Chunks):
        content, trailers = b"".join(stream.chunks), stream.trailers
    else:
        content = b"".join(stream)  # type: ignore[arg-type]
    headers = decode_headers(request.headers.raw)
    target = request_target(request).decode("ascii", "backslashreplace")
    text: str | None = None
    encoded: str | None = None
    if content:
        try:
            text = content.decode()
        except UnicodeDecodeError:
            encoded = base64.b64encode(content).decode()
    return SentRequest(
        request.method, target, headers, text, encoded, mount_of(request),
        version_of(request), trailers, client_of(request),
    )  # fmt: skip


def client_of(request: httpx.Request) -> Client | None:
    """Return what the client does beside sending the request; None if nothing."""
    client: Client | None = request.extensions.get("client")
    return client


def request_target(request: httpx.Request) -> bytes:
    """Return the target as the request line has it."""
    target = request.extensions.get("target")
    return request.url.raw_path if target is None else target


def mount_of(request: httpx.Request) -> str:
    """Return the mount of a request as the case writes it; "" if it has none."""
    mount: str = request.extensions.get("mount", "")
    return mount


def version_of(request: httpx.Request) -> str:
    """Return the version of HTTP of a request: 1.0 or 1.1."""
    version: str = request.extensions.get("http_version", "1.1")
    return version


@lru_cache(maxsize=1024)
def origin_form(target: bytes) -> tuple[str, str]:
    """Return path and query of a target, still percent-encoded (RFC 9112 section 3.2)."""
    # A raw target may have any octets, which Latin-1 preserves (PEP 3333).
    path, _, query = target.decode("latin-1").partition("?")
    return (_ABSOLUTE_FORM.sub("", path) or "/"), query


def decode_headers(headers: Iterable[tuple[bytes, bytes]]) -> Pairs:
    """Decode header fields: octets as Latin-1."""
    return tuple([(k.decode("latin-1"), v.decode("latin-1")) for k, v in headers])


def declared_part(length: str, body: bytes) -> bytes:
    """Cut a body at its Content-Length: no server reads further."""
    # Python converts at most 4300 digits.
    known = length.isdecimal() and len(length) < 20
    return body[: int(length)] if known else body


def is_event_stream(headers: Pairs) -> bool:
    """Return whether a response has server-sent events."""
    for name, value in headers:
        if name.lower() == "content-type":
            return value.partition(";")[0].strip().lower() == "text/event-stream"
    return False


def allows_body(method: str, status: int) -> bool:
    """Return True if a response may have a body (RFC 9110 section 6.4.1)."""
    if method == "HEAD" or status in (204, 304):
        return False
    return not 100 <= status < 200


def framing(method: str, status: int, headers: Pairs, sent_bytes: int) -> str:
    """Describe how an app in process delimited the body of its response.

    The result is `content-length`, `no length`, `no body`, or an error. An error is a
    length that differs from the number of bytes sent, or a body where none is allowed.
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
    request: httpx.Request,
    status: int,
    reason: str | None,
    headers: Pairs,
    arrivals: Arrivals,
    *,
    unfinished: bool = False,
) -> Response:
    """Make the response that a client would get from the output of an app.

    It is `unfinished` if the client has hung up.
    """
    content, method = arrivals.body, request.method
    how = framing(method, status, headers, len(content))
    if unfinished:
        how = arrivals.framing
    if not allows_body(method, status):
        content = b""
    text, encoded = decode_body(content)
    return Response(
        status, reason, headers, text, how, "HTTP/1.1", encoded,
        pieces=pieces_of(request, headers, arrivals),
    )  # fmt: skip


def pieces_of(
    request: httpx.Request, headers: Pairs, arrivals: Arrivals
) -> tuple[Piece, ...] | UnsetType:
    """Return the pieces of a body, if a case compares when they arrive."""
    events = is_event_stream(headers)
    if not events and "timed" not in request.extensions:
        return UNSET
    return arrivals.pieces(events=events)


def decode_body(content: bytes) -> tuple[str, str | UnsetType]:
    """Return a body as text, or "" and the base64 of a body that is not UTF-8."""
    try:
        return content.decode(), UNSET
    except UnicodeDecodeError:
        return "", base64.b64encode(content).decode()
