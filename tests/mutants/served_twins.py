"""Twins on servers: one is right, one has a mistake in each view.

Only a client that uses a certain field of case files can see such a mistake.
"""

import asyncio
import re
import socket
import time
from typing import Any

import flask
import quart

# The last chunk, trailers, and an empty line.
ENDED = re.compile(rb"\r\n0\r\n([^\r\n]+\r\n)*\r\n$")


def quart_twin(wrong: bool) -> quart.Quart:
    """An app for a server that speaks ASGI."""
    app = quart.Quart("twin")
    log: list[str] = []
    ports: set[int] = set()
    lock = asyncio.Lock()
    inside = [0]

    @app.get("/report")
    async def report() -> str:
        log.append("begun")
        try:
            await asyncio.sleep(0.4)
        except asyncio.CancelledError:
            if wrong:
                log.append("left")
            raise
        log.append("finished")
        return "report"

    @app.get("/log")
    async def show_log() -> list[str]:
        return log

    @app.post("/echo")
    async def echo() -> Any:
        body = quart.request.body
        return await (anext(aiter(body)) if wrong else quart.request.get_data())

    @app.post("/note")
    async def note() -> str:
        await quart.request.get_data()
        return "noted"

    inner: Any = app.asgi_app

    async def unread(scope: Any, receive: Any, send: Any) -> None:
        # Quart reads each body. This responds before that.
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"5"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"noted"})

    async def dispatch(scope: Any, receive: Any, send: Any) -> None:
        early = wrong and scope.get("path") == "/note"
        await (unread if early else inner)(scope, receive, send)

    app.asgi_app = dispatch  # type: ignore[method-assign]

    @app.get("/visit")
    async def visit() -> str:
        # Every connection of a client has a port of its own.
        port = quart.request.scope["client"][1]
        again = wrong and port in ports
        ports.add(port)
        return "hello again" if again else "hello"

    @app.get("/together")
    async def together() -> str:
        async def count() -> str:
            inside[0] += 1
            most = inside[0]
            await asyncio.sleep(0.3)
            inside[0] -= 1
            return f"{most}"

        if not wrong:
            return await count()
        async with lock:
            return await count()

    @app.get("/steps")
    async def steps() -> Any:
        async def events() -> Any:
            yield "data: one\n\n"
            if not wrong:
                await asyncio.sleep(0.6)
            yield "data: two\n\n"

        return quart.Response(events(), mimetype="text/event-stream")

    return app


def flask_twin(wrong: bool) -> flask.Flask:
    """An app for the server of Werkzeug, which gives it the socket."""
    app = flask.Flask("twin")

    @app.get("/half")
    def half() -> str:
        time.sleep(0.2)
        return "half" if wrong and _ends(flask.request.environ) else "whole"

    @app.get("/query")
    def query() -> tuple[str, int]:
        is_ascii = flask.request.environ["QUERY_STRING"].isascii()
        return "query", 400 if wrong and not is_ascii else 200

    return app


def _ends(environ: dict[str, Any]) -> bool:
    """Whether the client has closed its sending half."""
    try:
        flags = socket.MSG_PEEK | socket.MSG_DONTWAIT
        return environ["werkzeug.socket"].recv(1, flags) == b""
    except BlockingIOError:
        return False


def raw_twin(connection: socket.socket, wrong: bool) -> None:
    """Respond to one request with a chunked body, whose trailers no framework shows."""
    data = b""
    while not ENDED.search(data):
        part = connection.recv(4096)
        if not part:
            return
        data += part
    checked = b"X-Checksum: 5" in data and not wrong
    body = b"checked" if checked else b"read"
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
        % (len(body), body)
    )
