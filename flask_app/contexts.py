"""Contexts: where g, current_app and request can be used, and where they can't."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import (
    Blueprint,
    Flask,
    after_this_request,
    current_app,
    g,
    has_app_context,
    has_request_context,
    jsonify,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

blueprint = Blueprint("contexts", __name__)


def elsewhere(function: Callable[[], Any]) -> Any:
    """Call a function in a new thread, which has no context."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def attempt(function: Callable[[], Any]) -> str:
    """Return what a function returns, or the error that it raises."""
    try:
        return str(function())
    except RuntimeError as error:
        return f"RuntimeError: {str(error).splitlines()[0]}"


@blueprint.before_request
def load_user() -> None:
    """Store a value on g for the view."""
    g.user = request.args.get("user", "nobody")


@blueprint.get("/contexts/g")
def user() -> Any:
    """Read a value that a hook stored on g."""
    return g.user


@blueprint.get("/contexts/g-methods")
def g_methods() -> ResponseReturnValue:
    """Treat g like a dictionary."""
    g.setdefault("count", 1)
    return jsonify(
        names=sorted(g),
        has="user" in g,
        missing=g.get("missing", "absent"),
        popped=g.pop("user"),
        still="user" in g,
    )


@blueprint.get("/contexts/g-attribute")
def g_attribute() -> Any:
    """Read an attribute that g does not have."""
    return g.missing


@blueprint.get("/contexts/g-next")
def g_next() -> ResponseReturnValue:
    """Store a value on g that the next request does not see."""
    seen = g.get("seen", False)
    g.seen = True
    return jsonify(seen)


@blueprint.get("/contexts/inside")
def inside() -> ResponseReturnValue:
    """Look for the contexts in a view."""
    return jsonify(
        app=has_app_context(), request=has_request_context(), truth=bool(request)
    )


@blueprint.get("/contexts/thread")
def thread() -> ResponseReturnValue:
    """Look for the contexts in a thread."""
    return jsonify(
        app=elsewhere(has_app_context),
        request=elsewhere(has_request_context),
        truth=elsewhere(lambda: bool(request)),
    )


@blueprint.get("/contexts/thread-request")
def thread_request() -> ResponseReturnValue:
    """Use the request in a thread."""
    return attempt(lambda: elsewhere(lambda: request.path))


@blueprint.get("/contexts/thread-app")
def thread_app() -> ResponseReturnValue:
    """Use the app in a thread."""
    return attempt(lambda: elsewhere(lambda: current_app.testing))


@blueprint.get("/contexts/thread-session")
def thread_session() -> ResponseReturnValue:
    """Use the session in a thread."""
    return attempt(lambda: elsewhere(lambda: session.get("name")))


@blueprint.get("/contexts/thread-hook")
def thread_hook() -> ResponseReturnValue:
    """Register a function to run after the request, in a thread."""
    return attempt(
        lambda: elsewhere(lambda: after_this_request(lambda response: response))
    )


@blueprint.get("/contexts/thread-given")
def thread_given() -> Any:
    """Pass a value to a thread, which then needs no context."""
    path = request.path
    return elsewhere(lambda: path)


@blueprint.get("/contexts/app-inside")
def app_inside() -> ResponseReturnValue:
    """Push another app context in a view: it has a new g."""
    with current_app.app_context():
        inner = g.get("user", "a new g")
    return jsonify(inner=inner, outer=g.user)


@blueprint.get("/contexts/app-inside-request")
def app_inside_request() -> ResponseReturnValue:
    """Push another app context in a view, and look for the request."""
    with current_app.app_context():
        return jsonify(request=has_request_context())


@blueprint.get("/contexts/app-inside-path")
def app_inside_path() -> ResponseReturnValue:
    """Push another app context in a view, and use the request."""
    with current_app.app_context():
        return attempt(lambda: request.path)


@blueprint.get("/contexts/app-inside-url")
def app_inside_url() -> ResponseReturnValue:
    """Push another app context in a view, and build a URL."""
    with current_app.app_context():
        return attempt(lambda: url_for("contexts.user"))


@blueprint.get("/contexts/fake")
def fake() -> ResponseReturnValue:
    """Push the context of a made-up request in a view, and return from it."""
    with current_app.test_request_context("/contexts/g?user=Ada"):
        faked = f"{request.endpoint} {request.args['user']}"
    return jsonify(faked=faked, own=request.endpoint)


@blueprint.get("/contexts/fake-g")
def fake_g() -> Any:
    """Push the context of a made-up request in a view, and look at g."""
    with current_app.test_request_context("/contexts/g"):
        return g.get("user", "a new g")


@blueprint.get("/contexts/generator")
def generator() -> Any:
    """Look for the contexts while streaming: the request is over."""

    def generate() -> Any:
        yield f"app: {has_app_context()}, request: {has_request_context()}"

    return generate()


@blueprint.get("/contexts/generator-app")
def generator_app() -> Any:
    """Use the app while streaming."""

    def generate() -> Any:
        yield "testing: "
        yield str(current_app.testing)

    return generate()


@blueprint.get("/contexts/generator-given")
def generator_given() -> Any:
    """Pass a value to a generator, which then needs no context."""

    def generate(name: str) -> Any:
        yield "Hello "
        yield name

    return generate(request.args["name"])


@blueprint.get("/contexts/generator-pushed")
def generator_pushed() -> Any:
    """Push an app context while streaming."""
    app = current_app.extensions["contexts.app"]

    def generate() -> Any:
        with app.app_context():
            yield f"g: {len(list(g))} values"

    return generate()


def init_app(app: Flask) -> None:
    """Store the app for the views: the proxy ends with the request."""
    app.extensions["contexts.app"] = app
