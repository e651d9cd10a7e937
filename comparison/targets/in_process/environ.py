"""The environ of a request, as a WSGI app gets it (PEP 3333 and RFC 3875)."""

import io
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx

from comparison.targets.http import (
    client_of,
    declared_part,
    mount_of,
    origin_form,
    request_target,
    version_of,
)

CLIENT = ("127.0.0.1", 50000)


class _Input(io.RawIOBase):
    """A request body that reads its stream when the app reads."""

    def __init__(self, stream: Iterable[bytes]) -> None:
        self.chunks = iter(stream)
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest:
            chunk = next(self.chunks, None)
            if chunk is None:
                return 0
            self.rest = chunk
        size = min(len(buffer), len(self.rest))
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size


def environ(request: httpx.Request) -> dict[str, Any]:
    """Make the environ of a request by PEP 3333 and RFC 3875."""
    target = request_target(request)
    path, query = origin_form(target)
    url = request.url
    secure = url.scheme == "https"
    result: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": target.decode("latin-1"),
        "SERVER_NAME": url.host,
        "SERVER_PORT": str(url.port or (443 if secure else 80)),
        "SERVER_PROTOCOL": f"HTTP/{version_of(request)}",
        "REMOTE_ADDR": CLIENT[0],
        "REMOTE_PORT": str(CLIENT[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in request.headers.raw:
        name = raw_name.decode("ascii").upper()
        if "_" in name:
            # The app would confuse it with the name with hyphens, so servers drop it.
            continue
        value = raw_value.decode("latin-1")
        key = name.replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        if key in result:
            value = f"{result[key]}{'; ' if name == 'COOKIE' else ', '}{value}"
        result[key] = value
    result["wsgi.input"] = _input(request, result)
    if mount := mount_of(request):
        mount_environ(result, mount)
    return result


def mount_environ(environ: dict[str, Any], mount: str) -> None:
    """Move the mount from the beginning of PATH_INFO to the end of SCRIPT_NAME.

    A dispatcher does the same for an app below a path (PEP 3333).
    """
    root = unquote_to_bytes(mount).decode("latin-1")
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + root
    environ["PATH_INFO"] = environ.get("PATH_INFO", "").removeprefix(root)


def _input(request: httpx.Request, environ: dict[str, Any]) -> Any:
    stream: Any = request.stream
    length = environ.get("CONTENT_LENGTH")
    if length is None:
        if "HTTP_TRANSFER_ENCODING" not in environ:
            return io.BytesIO()
        environ["wsgi.input_terminated"] = True
        return io.BufferedReader(_Input(_stalling(request, stream)))
    body = declared_part(length, b"".join(stream))
    client = client_of(request)
    if client is not None and client.stall is not None:
        return io.BufferedReader(_Input(_stalling(request, (body,))))
    return io.BytesIO(body)


def _stalling(request: httpx.Request, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of a body; wait where the client stalls."""
    client = client_of(request)
    if client is None or client.stall is None:
        yield from parts
        return
    content = b"".join(parts)
    yield content[: client.stall.bytes]
    time.sleep(client.stall.seconds)
    yield content[client.stall.bytes :]
