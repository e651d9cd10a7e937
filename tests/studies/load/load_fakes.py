"""Apps of known behaviour, on real servers."""

import os
import time
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]


def _answer(status: str, start_response: Any) -> list[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def _append(path: str, byte: bytes) -> None:
    """Append a byte to a file, which is atomic."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, byte)
    os.close(descriptor)


def counting(every: int, path: str) -> WSGI:
    """Every so many-th answer is a 500; how many there were of each stands in a file."""
    numbers = count(1)

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        failed = next(numbers) % every == 0
        _append(path, b"f" if failed else b".")
        return _answer("500 Oh" if failed else "200 OK", start_response)

    return app


def slowly(seconds: float, path: str) -> WSGI:
    """Every answer takes so many seconds; a file has a byte for each."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        time.sleep(seconds)
        _append(path, b".")
        return _answer("200 OK", start_response)

    return app


def stalling(after: int) -> WSGI:
    """So many answers, and then none."""
    numbers = count(1)

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if next(numbers) > after:
            time.sleep(60)
        return _answer("200 OK", start_response)

    return app


def dying(after: int) -> WSGI:
    """So many answers, and then the end of the process."""
    numbers = count(1)

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if next(numbers) > after:
            os._exit(7)
        return _answer("200 OK", start_response)

    return app


def seeing(path: str) -> WSGI:
    """The path of each request stands in a file, a line each."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}\n")
        return _answer("200 OK", start_response)

    return app
