"""WSGI apps whose bodies fail: while they are read, when they are closed, or by type."""

import time
from collections.abc import Iterator
from typing import Any

import flask

flask_app = flask.Flask("bodies")


@flask_app.get("/raises")
def raises() -> Any:
    def rows() -> Iterator[str]:
        yield "id\n"
        raise ValueError("row 2 is broken")

    return flask.Response(rows())


@flask_app.get("/closes")
def closes() -> Any:
    response = flask.Response("whole")
    response.call_on_close(_fail)
    return response


calm_app = flask.Flask("calm")


@calm_app.get("/closes")
def closes_well() -> Any:
    return "whole"


def _fail() -> None:
    raise LookupError("cannot commit")


@flask_app.get("/hangs")
def hangs() -> Any:
    def rows() -> Iterator[str]:
        yield "id\n"
        time.sleep(4)

    return flask.Response(rows())


@flask_app.get("/context")
def context() -> Any:
    flask.g.name = "tea"

    def rows() -> Iterator[str]:
        flask.current_app.logger.error("streaming %s", flask.g.name)
        yield flask.g.name

    return flask.Response(flask.stream_with_context(rows()))


@flask_app.get("/file")
def file() -> Any:
    return flask.send_file(__file__)


@flask_app.get("/whole")
def whole() -> Any:
    return "whole"


class Middleware:
    """Middleware that answers some paths in unusual ways."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer the request, or call the app."""
        path = environ["PATH_INFO"]
        if path == "/late":
            return late(start_response)
        if path == "/text":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return ["text"]
        if path == "/nothing":
            return []
        return self.inner(environ, start_response)


def late(start_response: Any) -> Iterator[bytes]:
    """Start the response only when the server reads the body."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"late"


flask_app.wsgi_app = Middleware(flask_app.wsgi_app)  # type: ignore[method-assign]
