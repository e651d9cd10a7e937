"""Apps that break WSGI or ASGI themselves, on the path /bad alone."""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

from .table import Kit, misbehaves

MOST = ("in process", "servers")


def breaks(name: str, wsgi: Callable[..., Any], asgi: Any, **expected: Any) -> None:
    """Enter a pair whose `wsgi_app` and `asgi_app` are replaced."""

    def act(kit: Kit) -> Any:
        app = kit.app
        if kit.name == "flask":
            inner = app.wsgi_app
            app.wsgi_app = lambda environ, start: (
                wsgi(environ, start)
                if environ["PATH_INFO"] == "/bad"
                else inner(environ, start)
            )
        else:
            outer = app.asgi_app

            async def replaced(scope: Any, receive: Any, send: Any) -> None:
                if scope["type"] == "http" and scope["path"] == "/bad":
                    await asgi(scope, receive, send)
                else:
                    await outer(scope, receive, send)

            app.asgi_app = replaced

    act.__name__ = name
    misbehaves(**{"ways": MOST, "place": "factory", **expected})(act)


START = {"type": "http.response.start", "status": 200, "headers": []}
BODY = {"type": "http.response.body", "body": b"hello"}


async def _silent(scope: Any, receive: Any, send: Any) -> None:
    """Send nothing."""


async def _start_alone(scope: Any, receive: Any, send: Any) -> None:
    await send(START)


async def _second_start(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send(START)
    await send(BODY)


async def _body_first(scope: Any, receive: Any, send: Any) -> None:
    await send(BODY)


async def _second_body(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send(BODY)
    await send(BODY)


async def _unknown(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.unknown"})


async def _not_a_message(scope: Any, receive: Any, send: Any) -> None:
    await send(None)


async def _words(scope: Any, receive: Any, send: Any) -> None:
    await send({**START, "status": "200 OK", "headers": [("a", 1)]})
    await send({**BODY, "body": "text"})


async def _waits(scope: Any, receive: Any, send: Any) -> None:
    while True:
        await receive()


async def _after(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send(BODY)
    await asyncio.sleep(10**6)


async def _floods(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    while True:
        await send({**BODY, "body": b"x" * 65536, "more_body": True})
        await asyncio.sleep(0.01)


async def _exits(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send({**BODY, "more_body": True})
    await asyncio.sleep(0.1)
    os._exit(0)


def _exits_wsgi(environ: Any, start: Any) -> Any:
    start("200 OK", [])
    yield b"half"
    time.sleep(0.1)
    os._exit(0)


def _hangs_in_close(environ: Any, start: Any) -> Any:
    class Body:
        def __iter__(self) -> Any:
            return iter([b"hello"])

        def close(self) -> None:
            time.sleep(10**6)

    start("200 OK", [])
    return Body()


def _second_start_wsgi(environ: Any, start: Any) -> Any:
    start("200 OK", [])
    start("500 Error", [])
    return [b"hello"]


def _no_list(environ: Any, start: Any) -> Any:
    start("200 OK", {"a": 1})
    return 42


def _words_wsgi(environ: Any, start: Any) -> Any:
    start(200, [("a", 1)])
    return ["text"]


def _writes(environ: Any, start: Any) -> Any:
    write = start("200 OK", [])
    while True:
        write(b"x" * 65536)
        time.sleep(0.01)


def _reads_for_ever(environ: Any, start: Any) -> Any:
    while True:
        environ["wsgi.input"].read(1)


def _half_a_status(environ: Any, start: Any) -> Any:
    start("2", [])
    return [b""]


def _body_without_start(environ: Any, start: Any) -> Any:
    return [b"hello"]


breaks("nothing_sent", lambda *_: None, _silent)
breaks("start_without_body", lambda *_: [], _start_alone)
breaks("started_twice", _second_start_wsgi, _second_start)
breaks("body_without_start", _body_without_start, _body_first)
breaks("body_twice", _no_list, _second_body)
breaks("message_that_does_not_exist", _half_a_status, _unknown)
breaks("message_that_is_none", lambda *_: 42, _not_a_message)
breaks("text_for_bytes", _words_wsgi, _words)
breaks("waits_for_a_body_that_ended", _reads_for_ever, _waits, bad="failed")
breaks("goes_on_after_its_response", _hangs_in_close, _after)
breaks("writes_without_end", _writes, _floods, bad="failed")
breaks("exits_in_its_body", _exits_wsgi, _exits, bad="failed")
