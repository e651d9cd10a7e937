"""Write requests as HTTP/1.1 has them on the wire (RFC 9112)."""

import httpx

from comparison.models import Pairs
from comparison.targets.bodies import Chunks
from comparison.targets.http import request_target, version_of


def encoded_head(request: httpx.Request, extra: Pairs = ()) -> bytes:
    """Return the request line and the header fields, with `extra` ones."""
    head = [
        b"%s %s HTTP/%s\r\n"
        % (
            request.method.encode("ascii"),
            request_target(request),
            version_of(request).encode("ascii"),
        )
    ]
    for name, value in request.headers.raw:
        head.append(b"%s: %s\r\n" % (name, value))
    for added, text in extra:
        head.append(f"{added}: {text}\r\n".encode("ascii"))
    return b"".join([*head, b"\r\n"])


def encoded_body(request: httpx.Request) -> bytes:
    """Return the body, in chunks with trailers if it is sent so."""
    stream = request.stream
    if not isinstance(stream, Chunks):
        return b"".join(stream)  # type: ignore[arg-type]
    if "transfer-encoding" not in request.headers:
        return b"".join(stream.chunks)
    parts = [b"%x\r\n%s\r\n" % (len(c), c) for c in stream.chunks if c]
    trailers = [f"{name}: {value}\r\n" for name, value in stream.trailers]
    return b"".join([*parts, b"0\r\n", "".join(trailers).encode(), b"\r\n"])


def shorter_than_announced(request: httpx.Request, body: bytes) -> bool:
    """Return whether the body of a request ends before its Content-Length."""
    length = request.headers.get("content-length", "")
    return length.isdecimal() and len(body) < int(length)
