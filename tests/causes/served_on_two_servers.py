"""Apps that a server decides about: each runs on two servers, and differs there."""

import asyncio
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import flask
import quart

flask_app = flask.Flask("alike")
quart_app = quart.Quart("alike")
database = sqlite3.connect(":memory:")
local = threading.local()
local.user = "system"


@flask_app.get("/sqlite")
def sqlite() -> Any:
    return {"one": database.execute("select 1").fetchone()[0]}  # sqlite


@flask_app.get("/signal")
def with_signal() -> Any:
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)  # signal
    return "set"


@flask_app.get("/loop")
def loop() -> Any:
    return repr(asyncio.get_event_loop().is_running())  # loop


@flask_app.get("/local")
def of_thread() -> Any:
    return {"user": local.user}  # local


@flask_app.get("/environ")
def environ() -> Any:
    return {"target": flask.request.environ["RAW_URI"]}  # environ


@flask_app.get("/aborted")
def aborted() -> Any:
    # Gunicorn does this with a worker that takes too long.
    if _on_gunicorn():
        os.kill(os.getpid(), signal.SIGABRT)  # aborted
    return "done"


@flask_app.get("/quits")
def quits() -> Any:
    if _on_gunicorn():
        sys.exit(1)  # quits
    return "done"


def _on_gunicorn() -> bool:
    return "gunicorn" in flask.request.environ["SERVER_SOFTWARE"]


@flask_app.get("/passed")
def passed() -> Any:
    body = iter(["one", "two"])
    return flask.Response(body, direct_passthrough=True)  # passed


@flask_app.get("/other-error")
def other_error() -> Any:
    if threading.current_thread() is not threading.main_thread():
        raise ValueError("this thread has no customer")
    return "main"


@flask_app.get("/other-key")
def other_key() -> Any:
    name = flask.request.environ["SERVER_SOFTWARE"].partition("/")[0]
    return {"gunicorn": "g"}[name]


@flask_app.get("/asked")
def optional_keys() -> Any:
    target = flask.request.environ.get("RAW_URI", "none")  # asked
    return {"target": target}


@flask_app.get("/other-asked")
def other_optional_keys() -> Any:
    return {"type": flask.request.environ.get("CONTENT_TYPE"), "to": _on_gunicorn()}


@flask_app.post("/lines")
def lines() -> Any:
    stream = flask.request.environ["wsgi.input"]
    return {"first": len(stream.next())}  # lines


@flask_app.get("/itself-in-time")
def itself_in_time() -> Any:
    address = f"http://127.0.0.1:{flask.request.environ['SERVER_PORT']}/other-error"
    with urlopen(address, timeout=7) as inner:  # itself-in-time
        return {"length": len(inner.read())}


@flask_app.get("/other-call")
def other_call() -> Any:
    software = flask.request.environ["SERVER_SOFTWARE"]
    call = None if "ranian" in software else str
    return f"called {call()}"  # type: ignore[misc]


@flask_app.get("/port")
def port() -> Any:
    number = flask.request.environ["SERVER_PORT"]
    return {"known": ":" + number != ":"}  # port


def _address() -> str:
    return "127.0.0.1:" + flask.request.environ["SERVER_PORT"]  # address


@flask_app.get("/address")
def address() -> Any:
    return {"length": len(_address()) > 0}


@flask_app.get("/other-number")
def other_number() -> Any:
    name = flask.request.environ.get("SERVER_SOFTWARE", "")
    return {"known": ":" + ("g" if "gunicorn" in name else 5)}  # type: ignore[operator]


@flask_app.post("/length")
def length() -> Any:
    return {"length": len(flask.request.get_data())}


@flask_app.post("/small")
def small() -> Any:
    flask.request.max_content_length = 10
    return {"length": len(flask.request.get_data())}


@flask_app.get("/itself")
def itself() -> Any:
    port = flask.request.environ["SERVER_PORT"]
    with urlopen(f"http://127.0.0.1:{port}/other-error", timeout=2) as inner:  # itself
        return {"length": len(inner.read())}


@flask_app.get("/other-timeout")
def other_timeout() -> Any:
    if _on_gunicorn():
        raise TimeoutError("the printer at 127.0.0.1 timed out")
    return "printed"


@flask_app.post("/counted")
def counted() -> Any:
    size = flask.request.content_length  # counted
    return {"length": size}


@flask_app.post("/other-length")
def other_length() -> Any:
    return {"length": flask.request.environ.get("CONTENT_LENGTH"), "to": _on_gunicorn()}


@flask_app.route("/socket", websocket=True)
def socket() -> Any:
    _shake_hands("WSGI environ without a socket")
    return ""


@flask_app.route("/other-socket", websocket=True)
def other_socket() -> Any:
    _shake_hands("no customer")
    return ""


def _shake_hands(problem: str) -> None:
    connection = flask.request.environ.get("gunicorn.socket")
    if connection is None:
        raise LookupError(problem)  # socket
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")


class WSGIMiddleware:
    """Middleware that answers some paths in unusual ways."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer the request, or call the app."""
        path = environ["PATH_INFO"]
        if path == "/file":
            Path("/nowhere/missing").read_text()  # file
        if path == "/late":
            return late(start_response)
        if path == "/number":
            start_response("200 OK", [("X-Number", 5)])  # number
            return [b"number"]
        if path == "/write":
            write = start_response("200 OK", [("Content-Type", "text/plain")])
            write(b"written")  # write
            return []
        if path == "/gone":
            start_response("204 No Content", [("Content-Length", "4")])
            return [b"gone"]
        if path == "/text":
            start_response("503 Service Unavailable", [])
            return ["maintenance"]
        return self.inner(environ, start_response)


def late(start_response: Any) -> Iterator[bytes]:
    """Start the response only when the server reads the body."""
    start_response("410 Gone", [("Content-Type", "text/plain")])  # late
    yield b"gone"


flask_app.wsgi_app = WSGIMiddleware(flask_app.wsgi_app)  # type: ignore[method-assign] # text


@quart_app.before_serving
async def connect() -> None:  # pool
    quart_app.pool = {"one": 1}  # type: ignore[attr-defined]


@quart_app.get("/pool")
async def pool() -> Any:
    return quart_app.pool  # type: ignore[attr-defined]


@quart_app.get("/state")
async def state() -> Any:
    return {"state": quart.request.scope["state"]}  # state


@quart_app.get("/other-attribute")
async def other_attribute() -> Any:
    state = quart.request.scope.get("state")
    return repr(state.copy())  # type: ignore[union-attr]


@quart_app.websocket("/feed")  # feed
async def feed() -> None:
    quart.abort(401)


class ASGIMiddleware:
    """Middleware that fails on one path, and forgets to answer another."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer the request, or call the app."""
        if scope["type"] == "http" and scope["path"] == "/tenant":
            dict(scope["headers"])[b"x-tenant"]  # tenant
        if scope["type"] == "http" and scope["path"] == "/skipped":
            return
        if scope["type"] == "http" and scope["path"] == "/shelf":
            head = {"status": 200, "headers": [("x-shelf", "5")]}
            await send({"type": "http.response.start", **head})  # shelf
            await send({"type": "http.response.body", "body": b"shelf"})
            return
        if scope["type"] == "http" and scope["path"] == "/twice":
            head = {"status": 200, "headers": [(b"content-length", b"2")]}
            head["headers"].append((b"content-length", b"3"))  # type: ignore[attr-defined] # twice
            await send({"type": "http.response.start", **head})
            await send({"type": "http.response.body", "body": b"two"})
            return
        await self.inner(scope, receive, send)


quart_app.asgi_app = ASGIMiddleware(quart_app.asgi_app)  # type: ignore[method-assign] # skipped
