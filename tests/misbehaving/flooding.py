"""Views that send or print more than anybody wants, and responses that lie."""

import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from .table import Kit, misbehaves

MOST = ("in process", "servers")
MANY = 10_000_000


def streamed(kit: Kit, chunks: Callable[[], Iterator[Any]], **more: Any) -> Any:
    """Return a response whose body is a generator, an asynchronous one for Quart."""
    if kit.name == "flask":
        return kit.framework.Response(chunks(), **more)

    async def asynchronous() -> Any:
        for chunk in chunks():
            yield chunk

    return kit.framework.Response(asynchronous(), **more)


@misbehaves(bad="same")
def print_ten_megabytes(kit: Kit) -> Any:
    sys.stdout.write("x" * MANY)
    return "printed"


@misbehaves(bad="same", ways=MOST)
def print_ten_megabytes_of_errors(kit: Kit) -> Any:
    sys.stderr.write("x" * MANY)
    return "printed"


@misbehaves(bad="same")
def write_to_descriptor_1(kit: Kit) -> Any:
    for _ in range(100):
        os.write(1, b"\x1b[2Jnoise" * 1000)
    return "written"


@misbehaves(bad="same", ways=MOST)
def program_that_prints(kit: Kit) -> Any:
    os.system("yes | head -c 20000000; yes | head -c 20000000 >&2")
    return "printed"


@misbehaves(bad="same")
def thread_that_prints_for_ever(kit: Kit) -> Any:
    def forever() -> None:
        while True:
            os.write(1, b"noise\n" * 100)
            time.sleep(0.001)

    threading.Thread(target=forever).start()
    return "printing"


@misbehaves(bad="same", ways=MOST)
def log_twenty_thousand_lines(kit: Kit) -> Any:
    for number in range(20_000):
        logging.getLogger("noise").error("line %d", number)
    return "logged"


@misbehaves(ways=MOST)
def warn_a_lot(kit: Kit) -> Any:
    warnings.simplefilter("always")
    for number in range(5_000):
        warnings.warn(f"warning {number}", stacklevel=1)
    return "warned"


@misbehaves(bad="answered", ways=MOST)
def body_of_thirty_megabytes(kit: Kit) -> Any:
    return kit.framework.Response(b"x" * 30_000_000)


@misbehaves(bad="failed")
def body_without_end(kit: Kit) -> Any:
    def chunks() -> Iterator[bytes]:
        while True:
            time.sleep(0.01)
            yield b"x" * 65536

    return streamed(kit, chunks)


@misbehaves(bad="failed")
def body_of_drops(kit: Kit) -> Any:
    def chunks() -> Iterator[bytes]:
        while True:
            time.sleep(0.2)
            yield b"."

    return streamed(kit, chunks)


@misbehaves(bad="failed")
def body_of_empty_chunks(kit: Kit) -> Any:
    def chunks() -> Iterator[bytes]:
        while True:
            yield b""

    return streamed(kit, chunks)


@misbehaves(bad="failed", ways=MOST)
def body_that_hangs_when_closed(kit: Kit) -> Any:
    def chunks() -> Iterator[bytes]:
        try:
            while True:
                time.sleep(0.2)
                yield b"."
        finally:
            time.sleep(10**6)

    return streamed(kit, chunks)


@misbehaves(bad="failed", ways=MOST)
def events_without_end(kit: Kit) -> Any:
    def chunks() -> Iterator[str]:
        while True:
            time.sleep(0.05)
            yield "data: tick\n\n"

    return streamed(kit, chunks, mimetype="text/event-stream")


@misbehaves(ways=MOST)
def body_that_raises(kit: Kit) -> Any:
    def chunks() -> Iterator[bytes]:
        yield b"half of "
        raise ValueError("the disk is gone")

    return streamed(kit, chunks)


@misbehaves(ways=MOST)
def body_of_numbers(kit: Kit) -> Any:
    return streamed(kit, lambda: iter([b"one", 2, None]))


@misbehaves(ways=MOST)
def thousand_headers(kit: Kit) -> Any:
    return "many", {f"X-{number}": "value" for number in range(1000)}


@misbehaves(ways=MOST)
def header_of_a_megabyte(kit: Kit) -> Any:
    return "long", {"X-Long": "x" * 1_000_000}


@misbehaves(ways=MOST)
def five_hundred_cookies(kit: Kit) -> Any:
    response = kit.framework.Response("cookies")
    for number in range(500):
        response.set_cookie(f"c{number}", "x" * 100)
    return response


def headers(name: str, *response: Any, **more: Any) -> None:
    """Enter a view that returns a tuple which lies."""

    def act(kit: Kit) -> Any:
        return response

    act.__name__ = name
    misbehaves(**{"ways": MOST, **more})(act)


headers("length_too_large", "short", {"Content-Length": "5000"})
headers("length_too_small", "a long body", {"Content-Length": "3"})
headers("length_negative", "body", {"Content-Length": "-1"})
headers("length_in_words", "body", {"Content-Length": "many"})
headers("length_huge", "body", {"Content-Length": "9" * 30})
headers("length_twice", "body", [("Content-Length", "4"), ("Content-Length", "5")])
headers("chunked_by_hand", "5\r\nhello\r\n0\r\n\r\n", {"Transfer-Encoding": "chunked"})
headers("chunked_but_not", "hello", {"Transfer-Encoding": "chunked"})
headers("gzip_but_not", "hello", {"Content-Encoding": "gzip"})
headers("charset_that_does_not_exist", "hello", {"Content-Type": "text/a; charset=no"})
headers("header_with_newline", "hello", {"X-A": "a\r\nX-B: b"})
headers("header_with_terminal_sequence", "hello", {"X-A": "\x1b]52;c;ZXZpbA==\x07"})
headers("header_beyond_latin_1", "hello", {"X-A": "€\U0001f600"})
headers("header_without_name", "hello", {"": "a"})
headers("header_with_blank_in_name", "hello", {"X A": "a"})
headers("connection_upgrade", "hello", {"Connection": "Upgrade", "Upgrade": "h2c"})
headers("redirect_to_itself", "again", 302, {"Location": "/bad"})
headers("status_100", "continue", 100)
headers("status_101", "switch", 101)
headers("status_204_with_body", "body", 204)
headers("status_304_with_body", "body", 304)
headers("status_0", "zero", 0)
headers("status_99999", "large", 99999)
headers("status_negative", "below", -200)
headers("status_in_words", "words", "200 it is\r\nX-A: b")
headers("nothing", None)
headers("five_parts", "a", 200, {}, "b", "c")
