"""The patches by cause, and what several of them need."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import quart
import quart.asgi
from werkzeug.datastructures import Headers

Patch = Callable[[pytest.MonkeyPatch], None]
PATCHES: dict[str, Patch] = {}
"""The patch that removes a cause, by the id of the cause."""


def removes(cause: str) -> Callable[[Patch], Patch]:
    """Register a function as the patch that removes a cause."""

    def register(patch: Patch) -> Patch:
        assert cause not in PATCHES
        PATCHES[cause] = patch
        return patch

    return register


def parts(result: Any) -> tuple[Any, Any, Any]:
    """Return the body, the status and the headers of what a view returned."""
    if not isinstance(result, tuple):
        return result, None, None
    if len(result) == 3:
        return result
    body, second = result
    is_headers = isinstance(second, (Headers, dict, list, tuple))
    return (body, None, second) if is_headers else (body, second, None)


def around_make_response(change: Callable[..., Awaitable[Any]]) -> Patch:
    """Make a patch of `Quart.make_response` from a function that gets it first."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        make = quart.Quart.make_response

        async def made(app: Any, result: Any) -> Any:
            return await change(make, app, result)

        monkeypatch.setattr("quart.Quart.make_response", made)

    return patch


def before_sending(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], None]
) -> None:
    """Change each response of Quart before it is sent."""
    send_response = quart.asgi.ASGIHTTPConnection._send_response

    async def send(connection: Any, server_send: Any, response: Any) -> None:
        change(response)
        await send_response(connection, server_send, response)

    monkeypatch.setattr("quart.asgi.ASGIHTTPConnection._send_response", send)
