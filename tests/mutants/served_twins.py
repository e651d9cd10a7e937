"""Twins on servers: one is right, one has a mistake in each view.

Only a client that uses a certain field of case files can see such a mistake.
"""

import asyncio
import re
import select
import socket
import time
from typing import Any

import flask
import quart

# A head, and a chunked body with its trailers.
HEAD = re.compile(rb".*?\r\n\r\n", re.DOTALL)
WHOLE = re.compile(rb".*\r\n0\r\n([^\r\n]+\r\n)*\r\n$", re.DOTALL)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


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

    @app.get("/visit")
    async def visit() -> str:
        # Each connection of a client has another port.
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
    """Respond to one chunked request, of which no framework shows everything."""
    data = received(connection, b"", HEAD)
    body = b"read"
    if b"100-continue" in data:
        alone = not data.partition(b"\r\n\r\n")[2]
        if wrong and alone and not readable(connection):
            return respond(connection, b"not read")
        connection.sendall(CONTINUE)
    data = received(connection, data, WHOLE)
    if b"X-Checksum: 5" in data and not wrong:
        body = b"checked"
    return respond(connection, body)


def received(connection: socket.socket, data: bytes, until: re.Pattern[bytes]) -> bytes:
    """Receive until the data is complete, or the client has left."""
    while not until.match(data) and (part := connection.recv(4096)):
        data += part
    return data


def readable(connection: socket.socket) -> bool:
    """Whether the client sends more without a 100."""
    return bool(select.select([connection], [], [], 0.3)[0])


def respond(connection: socket.socket, body: bytes) -> None:
    length = b"Content-Length: %d\r\n" % len(body)
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + length
    connection.sendall(head + b"\r\n" + body)
