"""Mutants that do not answer, or answer an error in another way."""

import asyncio
from typing import Any

from quart import Quart, jsonify

from .mutant import in_view, mutant

LENGTH = "header:content-length"
TYPE = "header:content-type"


@mutant("custom", "failure")
def exception_out_of_the_app(app: Quart) -> None:
    """The app raises where it should answer."""

    async def raising(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("no app here")

    app.asgi_app = raising  # type: ignore[method-assign, assignment]


@mutant("custom", "failure")
def exception_after_the_start(app: Quart) -> None:
    """Half a response, and then an exception."""
    inner: Any = app.asgi_app

    async def aborting(scope: Any, receive: Any, send: Any) -> None:
        async def send_start(message: Any) -> None:
            if message["type"] == "http.response.body":
                raise RuntimeError("out of paper")
            await send(message)

        await inner(scope, receive, send_start)

    app.asgi_app = aborting  # type: ignore[method-assign, assignment]


@mutant("custom", "failure", timeout=1.5)
def response_never_finished(app: Quart) -> None:
    """The app returns while more of the body is announced."""
    inner: Any = app.asgi_app

    async def unfinished(scope: Any, receive: Any, send: Any) -> None:
        async def send_more(message: Any) -> None:
            more = message["type"] == "http.response.body"
            await send(message | {"more_body": True} if more else message)

        await inner(scope, receive, send_more)

    app.asgi_app = unfinished  # type: ignore[method-assign, assignment]


@mutant("custom", "failure")
def response_never_started(app: Quart) -> None:
    """The app says nothing at all."""

    async def silent(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise NotImplementedError

    app.asgi_app = silent  # type: ignore[method-assign, assignment]


@mutant("custom", "failure", timeout=1.5)
def view_that_hangs(app: Quart) -> None:
    """The view waits for something that never happens."""

    async def view() -> Any:
        await asyncio.Event().wait()

    in_view(app, "custom.custom_status", view)


@mutant("custom", "status", "body", LENGTH, TYPE)
def view_that_raises(app: Quart) -> None:
    """An exception where there was an answer."""

    async def view() -> Any:
        raise RuntimeError("not today")

    in_view(app, "custom.custom_status", view)


@mutant("error-handler-exception", "status", "body", LENGTH, TYPE, "header:x-tickets")
def handler_forgotten(app: Quart) -> None:
    """The exception class has no handler any more."""
    app.error_handler_spec["errors"][None].clear()


@mutant("error-handler-code", "body", LENGTH, TYPE)
def handler_of_a_code_forgotten(app: Quart) -> None:
    """The framework's page instead of the app's JSON."""
    app.error_handler_spec["errors"][410].clear()


@mutant("error-handler-exception", "body", LENGTH)
def handler_with_too_many_details(app: Quart) -> None:
    """The handler names the class of the exception."""

    async def handler(error: Exception) -> Any:
        return jsonify(error=repr(error)), 409, {"X-Tickets": "0"}

    handlers = app.error_handler_spec["errors"][None]
    for kind in list(handlers):
        handlers[kind] = handler


@mutant("job-missing", "body", LENGTH, TYPE)
def problems_as_html_pages(app: Quart) -> None:
    """An API that answers its errors in HTML."""
    app.error_handler_spec["jobs"][None].clear()


@mutant("method-either", "status", "body", LENGTH)
def slash_not_accepted(app: Quart) -> None:
    """A rule that didn't care about the slash begins to."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "methods.either":
            rule.strict_slashes = True
            rule.refresh()


@mutant("method-options", "status", "body", LENGTH, "header:allow")
def automatic_options_off(app: Quart) -> None:
    """The framework does not answer OPTIONS."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "methods.read":
            rule.methods = {"GET", "HEAD"}
            rule.refresh()
