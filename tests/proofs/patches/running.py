"""Patches of what runs where: threads, contexts, sessions, signals, connections."""

import asyncio
import inspect
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any

import flask
import pytest
import quart
import quart.asgi
import quart.views
from werkzeug.local import LocalProxy

from ..programs import steps
from .registry import removes

# Functions that run elsewhere


@removes("quart-runs-plain-functions-in-context-copies")
def copy_contexts_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_sync(function: Callable[..., Any]) -> Callable[..., Any]:
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            context = copy_context()
            call = partial(context.run, partial(function, *args, **kwargs))
            result = await asyncio.get_running_loop().run_in_executor(None, call)
            for variable, value in context.items():
                variable.set(value)
            return result

        return wrapper

    monkeypatch.setattr("quart.app.run_sync", run_sync)


@removes("threads-keep-their-context")
def run_each_request_in_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    wsgi_app = flask.Flask.wsgi_app
    monkeypatch.setattr(
        "flask.Flask.wsgi_app", lambda *args: copy_context().run(wsgi_app, *args)
    )


@removes("flask-ends-the-loop-with-the-view")
def wait_for_all_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    def async_to_sync(_: Any, function: Callable[..., Any]) -> Callable[..., Any]:
        async def wait_for_all(*args: Any, **kwargs: Any) -> Any:
            result = await function(*args, **kwargs)
            others = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*others)
            return result

        return lambda *args, **kwargs: asyncio.run(wait_for_all(*args, **kwargs))

    monkeypatch.setattr("flask.Flask.async_to_sync", async_to_sync)


# Views as classes, decorators


@removes("quart-asserts-no-method")
def assert_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    dispatch_request = quart.views.MethodView.dispatch_request

    async def dispatch(view: Any, **kwargs: Any) -> Any:
        assert hasattr(view, quart.request.method.lower())
        return await dispatch_request(view, **kwargs)

    monkeypatch.setattr("quart.views.MethodView.dispatch_request", dispatch)


@removes("quart-recognises-coroutine-functions-only")
def await_what_plain_functions_return(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_sync(function: Callable[..., Any]) -> Callable[..., Any]:
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result

        return wrapper

    monkeypatch.setattr("quart.app.run_sync", run_sync)


# Contexts and sessions


@removes("quart-words-context-errors-itself")
def word_errors_as_flask(monkeypatch: pytest.MonkeyPatch) -> None:
    def worded(name: str) -> Any:
        ours, theirs = getattr(quart, name), getattr(flask, name)

        def current() -> Any:
            return (ours or theirs)._get_current_object()

        return LocalProxy(current)

    for name in ("request", "current_app", "session"):
        monkeypatch.setattr(f"quart.{name}", worded(name))
    after = quart.after_this_request

    def after_this_request(function: Any) -> Any:
        active = quart.has_request_context()
        return (after if active else flask.after_this_request)(function)

    monkeypatch.setattr("quart.after_this_request", after_this_request)


@removes("quart-does-not-notice-session-access")
def notice_access(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = quart.session

    def accessed() -> Any:
        session = ours._get_current_object()
        session.accessed = True
        return session

    for module in ("quart", "quart.helpers"):
        monkeypatch.setattr(f"{module}.session", LocalProxy(accessed))


@removes("quart-has-no-ensure-sync")
def give_it_ensure_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_async = quart.Quart.ensure_async
    monkeypatch.setattr("quart.Quart.ensure_sync", ensure_async, raising=False)


# Sessions and signals


@removes("quart-notices-its-own-session-access")
def notice_no_own_access(monkeypatch: pytest.MonkeyPatch) -> None:
    process = quart.Quart.process_response

    async def process_response(app: Any, response: Any, context: Any) -> Any:
        accessed = context._session.accessed
        save = app.session_interface.save_session

        async def save_session(app: Any, session: Any, response: Any) -> None:
            session.accessed = accessed
            await save(app, session, response)

        app.session_interface.save_session = save_session
        return await process(app, response, context)

    monkeypatch.setattr("quart.Quart.process_response", process_response)


@removes("quart-pops-messages-that-are-not-there")
def look_before_popping(monkeypatch: pytest.MonkeyPatch) -> None:
    get_messages = quart.get_flashed_messages

    def get() -> Any:
        return get_messages() if "_flashes" in quart.session else []

    monkeypatch.setattr("quart.get_flashed_messages", get)


@removes("session-json-needs-the-flask-app")
def dump_with_the_app_of_quart(monkeypatch: pytest.MonkeyPatch) -> None:
    def dumps(value: Any, **kwargs: Any) -> str:
        apps = (quart.current_app, flask.current_app)
        return next(app for app in apps if app).json.dumps(value, **kwargs)

    monkeypatch.setattr("flask.json.tag.dumps", dumps)


@removes("quart-misnames-the-wrapper-of-context-signals")
def name_the_wrapper(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("appcontext_pushed", "appcontext_popped"):
        signal = getattr(quart.ctx, name)

        async def send_async(sender: Any, *, _async_wrapper: Any, send: Any) -> Any:
            return await send(sender, _sync_wrapper=_async_wrapper)

        renamed = partial(send_async, send=signal.send_async)
        monkeypatch.setattr(signal, "send_async", renamed)


# Connections


@removes("quart-cancels-views")
def ignore_disconnects(monkeypatch: pytest.MonkeyPatch) -> None:
    handle_messages = quart.asgi.ASGIHTTPConnection.handle_messages

    async def handle(connection: Any, request: Any, receive: Any, *args: Any) -> None:
        async def receive_late() -> Any:
            message = await receive()
            if message["type"] == "http.disconnect" and request.path == "/report":
                await steps(2000)  # more than the view takes
            return message

        await handle_messages(connection, request, receive_late, *args)

    monkeypatch.setattr("quart.asgi.ASGIHTTPConnection.handle_messages", handle)
