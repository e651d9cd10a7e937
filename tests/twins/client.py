"""One client for both frameworks, so that a test is written once and runs twice."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import flask
import quart

App = flask.Flask | quart.Quart


@cache
def whole(twin: ModuleType) -> App:
    """Return an app with all topics, made once, for tests that only look at it."""
    app: App = twin.create_app()
    return app


@dataclass(frozen=True)
class Answer:
    """The response that a client got; header names are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    def header(self, name: str) -> list[str]:
        """All values of a header, in order."""
        return [value for key, value in self.headers if key == name.lower()]


class Client:
    """The framework's own test client behind one awaitable method."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def send(self, path: str, method: str = "GET", **options: Any) -> Answer:
        """Send one request; `options` are those of the test clients (json, ...)."""
        response: Any
        if isinstance(self.app, quart.Quart):
            response = await self.app.test_client().open(path, method=method, **options)
            body = await response.get_data(as_text=False)
        else:
            # A Flask app with async views can't be called where an event loop runs.
            response = await asyncio.to_thread(self._open, path, method, options)
            body = response.get_data()
        headers = tuple((name.lower(), value) for name, value in response.headers)
        return Answer(response.status_code, headers, body)

    def _open(self, path: str, method: str, options: Mapping[str, Any]) -> Any:
        return self.app.test_client().open(path, method=method, **options)


ClientOfView = Callable[[Callable[..., Any]], Client]
