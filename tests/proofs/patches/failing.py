"""Patches of exceptions, error handlers, hooks and teardown functions."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import flask
import pytest
import quart
import quart.asgi
import quart.routing
from werkzeug.exceptions import (
    HTTPException,
)

from .registry import around_make_response, removes

# Failures


@removes("quart-answers-with-tracebacks")
def raise_out_of_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    async def raise_it(_: Any, error: Exception) -> None:
        raise error

    monkeypatch.setattr("quart.asgi._handle_exception", raise_it)


@removes("quart-decodes-queries")
def decode_queries_as_latin_1(monkeypatch: pytest.MonkeyPatch) -> None:
    bind_to_request = quart.routing.QuartMap.bind_to_request

    def bind(url_map: Any, request: Any, *args: Any) -> Any:
        request.query_string = request.query_string.decode("latin-1").encode("utf-8")
        return bind_to_request(url_map, request, *args)

    monkeypatch.setattr("quart.routing.QuartMap.bind_to_request", bind)


@removes("quart-handles-requests-in-a-task-group")
def raise_the_only_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = quart.asgi.ASGIHTTPConnection
    call = connection.__call__

    async def unwrapped(*args: Any) -> None:
        try:
            await call(*args)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    monkeypatch.setattr(connection, "__call__", unwrapped)


@removes("quart-groups-teardown-errors")
def raise_the_teardown_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_only(collected: Any, _: str) -> None:
        if collected.errors:
            raise collected.errors[0]

    raise_the_only_exception(monkeypatch)
    monkeypatch.setattr("quart.helpers._CollectErrors.raise_any", raise_only)


# Errors and hooks


@removes("quart-gives-exceptions-no-environment")
def give_exceptions_an_environ(monkeypatch: pytest.MonkeyPatch) -> None:
    get_response = HTTPException.get_response

    def respond(error: Any, environ: Any = None, scope: Any = None) -> Any:
        if environ is None and quart.has_request_context():
            environ = {"PATH_INFO": quart.request.path}
        return get_response(error, environ, scope)

    monkeypatch.setattr("werkzeug.exceptions.HTTPException.get_response", respond)


@removes("quart-words-refused-returns-itself")
def refuse_returns_in_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def reworded(make_response: Any) -> Any:
        @contextmanager
        def words() -> Iterator[None]:
            try:
                yield
            except TypeError as error:
                raise TypeError("refused") from error

        if inspect.iscoroutinefunction(make_response):

            async def awaited(*args: Any) -> Any:
                with words():
                    return await make_response(*args)

            return awaited

        def called(*args: Any) -> Any:
            with words():
                return make_response(*args)

        return called

    for app in (flask.Flask, quart.Quart):
        monkeypatch.setattr(app, "make_response", reworded(app.make_response))


@removes("frameworks-use-responses-differently")
def use_responses_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    full_dispatch_request = flask.Flask.full_dispatch_request

    def dispatch(app: Any) -> Any:
        response = full_dispatch_request(app)
        response.status_code  # noqa: B018
        return response

    def wsgi_app(app: Any, environ: Any, start_response: Any) -> Any:
        with app.request_context(environ):
            return dispatch(app)(environ, start_response)

    monkeypatch.setattr("flask.Flask.wsgi_app", wsgi_app)


@removes("quart-keeps-foreign-responses")
@around_make_response
async def convert_every_response(make: Any, app: Any, result: Any) -> Any:
    response = await make(app, result)
    if isinstance(response, app.response_class):
        return response
    headers = response.headers
    data = b"".join(response.iter_encoded())
    return app.response_class(data, response.status_code, headers)


@removes("quart-handles-exceptions-before-teardown")
def pass_exceptions_to_teardown(monkeypatch: pytest.MonkeyPatch) -> None:
    handle_exception = quart.Quart.handle_exception
    happened: dict[int, Exception] = {}

    async def handle(app: Any, *args: Any) -> Any:
        happened[id(app)] = args[-1]
        return await handle_exception(app, *args)

    monkeypatch.setattr("quart.Quart.handle_exception", handle)
    for name in ("do_teardown_request", "do_teardown_appcontext"):
        teardown = getattr(quart.Quart, name)

        async def tear_down(app: Any, *args: Any, teardown: Any = teardown) -> None:
            # Quart 0.22 has the exception first, and 0.23 last.
            error = happened.get(id(app))
            await teardown(app, *(error if each is None else each for each in args))

        monkeypatch.setattr(quart.Quart, name, tear_down)


@removes("quart-tears-apps-down-forwards")
def tear_apps_down_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    teardown = quart.Quart.do_teardown_appcontext

    async def backwards(app: Any, *args: Any) -> None:
        app.teardown_appcontext_funcs.reverse()
        await teardown(app, *args)
        app.teardown_appcontext_funcs.reverse()

    monkeypatch.setattr("quart.Quart.do_teardown_appcontext", backwards)


@removes("quart-collects-teardown-errors")
def stop_at_the_first_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Collector(AbstractContextManager[None]):
        def raise_any(self, *_: Any) -> None: ...
        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr("quart.app._CollectErrors", Collector)


@removes("quart-starts-in-an-app-context")
def start_without_a_context(monkeypatch: pytest.MonkeyPatch) -> None:
    async def startup(_: Any) -> None: ...

    monkeypatch.setattr("quart.Quart.startup", startup)


@removes("quart-runs-plain-hooks-in-threads")
def run_plain_functions_in_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_sync(function: Callable[..., Any]) -> Callable[..., Any]:
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return wrapper

    monkeypatch.setattr("quart.app.run_sync", run_sync)
