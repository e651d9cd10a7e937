"""Apps that leave their connections in a bad state, or let the server do so."""

import asyncio
from collections.abc import Iterator
from typing import Any

BODY = b"ok"
MORE = b", and more"


def headers(path: str) -> list[tuple[str, str]]:
    """Return the fields of a response, which has two bytes as it says."""
    close = [("Connection", "close")] if path == "/announced" else []
    return [("Content-Type", "text/plain"), ("Content-Length", "2"), *close]


def wsgi(environ: dict[str, Any], start_response: Any) -> Any:
    """Respond as the path says."""
    path = environ["PATH_INFO"]
    start_response("200 OK", headers(path))
    if path == "/longer":
        return [BODY + MORE]
    return pieces(path)


def pieces(path: str) -> Iterator[bytes]:
    """Yield the body, and then what the path says."""
    yield BODY
    if path == "/more-later":
        yield MORE
    if path == "/raises":
        raise LookupError("after the response")


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Respond as the path says."""
    if scope["type"] != "http":
        raise ValueError("only HTTP")
    path = scope["path"]
    fields = [(name.encode(), value.encode()) for name, value in headers(path)]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    body = BODY + MORE if path == "/longer" else BODY
    unfinished = path == "/more-later"
    await send({"type": "http.response.body", "body": body, "more_body": unfinished})
    if unfinished:
        await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": MORE})
    if path == "/raises":
        raise LookupError("after the response")
