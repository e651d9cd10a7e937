"""The patches by cause, and what several of them need."""

from collections.abc import Callable
from typing import Any

import pytest
import quart
import quart.asgi
import quart.ctx
import quart.datastructures
import quart.formparser
import quart.helpers
import quart.routing
import quart.views
import quart.wrappers.base
import quart.wrappers.request
import quart.wrappers.response
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


def before_sending(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], None]
) -> None:
    send_response = quart.asgi.ASGIHTTPConnection._send_response

    async def send(connection: Any, server_send: Any, response: Any) -> None:
        change(response)
        await send_response(connection, server_send, response)

    monkeypatch.setattr("quart.asgi.ASGIHTTPConnection._send_response", send)
