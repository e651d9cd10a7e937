"""Patches of streams and templates."""

import inspect
from typing import Any

import flask
import pytest
import quart
import quart.asgi
import quart.wrappers.response

from .registry import removes

# Streams


@removes("asgi-starts-before-the-first-piece")
def start_with_the_first_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    send_response = quart.asgi.ASGIHTTPConnection._send_response

    async def send(connection: Any, server_send: Any, response: Any) -> None:
        waiting: list[Any] = []

        async def send_later(message: Any) -> None:
            if message["type"] == "http.response.start":
                waiting.append(message)
                return
            while waiting:
                await server_send(waiting.pop())
            await server_send(message)

        try:
            await send_response(connection, send_later, response)
        except RuntimeError as error:
            if "request context" not in str(error):
                raise
            raise RuntimeError(OUTSIDE) from None

    monkeypatch.setattr("quart.asgi.ASGIHTTPConnection._send_response", send)


try:
    flask.request.path  # noqa: B018
except RuntimeError as outside:
    OUTSIDE = str(outside)


@removes("quart-stream-with-context-decorates-only")
def accept_generators(monkeypatch: pytest.MonkeyPatch) -> None:
    decorate = quart.stream_with_context

    def stream_with_context(stream: Any) -> Any:
        if inspect.isasyncgen(stream):
            return decorate(lambda: stream)()
        return decorate(stream)

    monkeypatch.setattr("quart.stream_with_context", stream_with_context)


@removes("quart-stream-with-context-awaits")
def iterate_over_plain_generators(monkeypatch: pytest.MonkeyPatch) -> None:
    decorate = quart.stream_with_context

    def stream_with_context(function: Any) -> Any:
        async def rows() -> Any:
            for row in function():
                yield row

        return decorate(rows)

    monkeypatch.setattr("quart.stream_with_context", stream_with_context)


@removes("quart-copies-the-context-without-g")
def copy_g(monkeypatch: pytest.MonkeyPatch) -> None:
    decorate = quart.stream_with_context

    def stream_with_context(function: Any) -> Any:
        values = vars(quart.g._get_current_object())

        async def rows() -> Any:
            vars(quart.g._get_current_object()).update(values)
            async for row in function():
                yield row

        return decorate(rows)

    monkeypatch.setattr("quart.stream_with_context", stream_with_context)


@removes("quart-closes-no-iterables")
def close_iterables(monkeypatch: pytest.MonkeyPatch) -> None:
    body = quart.wrappers.response.IterableBody
    init, leave = body.__init__, body.__aexit__

    def make(self: Any, iterable: Any) -> None:
        init(self, iterable)
        self.iterable = iterable

    async def close(self: Any, *args: Any) -> None:
        await leave(self, *args)
        getattr(self.iterable, "close", lambda: None)()

    monkeypatch.setattr(body, "__init__", make)
    monkeypatch.setattr(body, "__aexit__", close)


@removes("quart-runs-pieces-in-copied-contexts")
def run_pieces_in_one_context(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_sync_iterable(iterable: Any) -> Any:
        async def pieces() -> Any:
            for piece in iterable:
                yield piece

        return pieces()

    monkeypatch.setattr("quart.wrappers.response.run_sync_iterable", run_sync_iterable)


# Templates


@removes("jinja-maps-asynchronously")
def render_synchronously(monkeypatch: pytest.MonkeyPatch) -> None:
    async def render_template_string(source: str, **context: Any) -> str:
        environment = quart.current_app.jinja_env
        environment.is_async = False
        return str(environment.from_string(source).render(context))

    monkeypatch.setattr("quart.render_template_string", render_template_string)


@removes("jinja-has-no-module-in-async-mode")
def make_modules_synchronously(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_template_attribute(name: str, attribute: str) -> Any:
        environment = quart.current_app.jinja_env
        environment.is_async = False
        return getattr(environment.get_template(name).module, attribute)

    monkeypatch.setattr("quart.get_template_attribute", get_template_attribute)
