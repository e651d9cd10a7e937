"""The process that asks: one httpx client for each of its workers, and nothing else.

It says that it is there, reads orders and writes what it counted, a line of JSON each,
until nobody gives orders any more.
"""

import asyncio
import gc
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import cycle

import httpx
import msgspec

from comparison.models import Request
from comparison.targets.http import build_request
from comparison.targets.http1.streams import StreamTransport
from comparison.targets.http1.writer import Address

from .loop import Ask, Tally, Window, closed_loop

KINDS = (
    (httpx.ConnectError, "refused"),
    (httpx.TimeoutException, "timeout"),
    (httpx.ReadError, "closed"),
    (httpx.RequestError, "protocol"),
)


class Wanted(msgspec.Struct, frozen=True):
    """A request, and what is a right answer: this status, or any below 400.

    `size` is that of the first answer, which those of `steady` work all have.
    """

    request: Request
    status: int | None = None
    steady: bool = False
    size: int = 0

    def error(self, status: int, size: int) -> str:
        """What is wrong with an answer; an empty text if nothing is."""
        if status != self.status if self.status is not None else status >= 400:
            return f"status {status}"
        return "body" if self.steady and size != self.size else ""


class Orders(msgspec.Struct, frozen=True):
    """Ask a server these requests in turn, with so many workers, within a window.

    The window is on the clock of `time.monotonic`, which processes share.
    """

    address: tuple[str, int, bool]
    origin: str
    wanted: tuple[Wanted, ...]
    workers: int
    window: Window
    timeout: float


async def carry_out(orders: Orders) -> Tally:
    """Ask as ordered."""
    async with AsyncExitStack() as stack:
        workers = []
        for number in range(orders.workers):
            transport = StreamTransport(Address(*orders.address), orders.timeout)
            client = httpx.AsyncClient(transport=transport, trust_env=False)
            await stack.enter_async_context(client)
            workers.append(_worker(client, _turn(orders, number)))
        return await closed_loop(workers, orders.window, time.monotonic)


def _turn(orders: Orders, number: int) -> Iterator[tuple[Wanted, httpx.Request]]:
    """The requests, beginning with another one for each worker."""
    first = number % len(orders.wanted)
    wanted = (*orders.wanted[first:], *orders.wanted[:first])
    built = [(each, build_request(each.request, orders.origin)) for each in wanted]
    return cycle(built)


def _worker(
    client: httpx.AsyncClient, turn: Iterator[tuple[Wanted, httpx.Request]]
) -> Ask:
    async def ask() -> str:
        wanted, request = next(turn)
        try:
            response = await client.send(request)
        except httpx.RequestError as error:
            return next(kind for base, kind in KINDS if isinstance(error, base))
        return wanted.error(response.status_code, len(response.content))

    return ask


def main() -> None:
    """Carry out orders from standard input until it ends."""
    inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(inbox,), daemon=True).start()
    # A pause for the collector would be the client's own.
    gc.set_threshold(50_000, 20, 20)
    _say(b"ready")
    while True:
        orders = msgspec.json.decode(inbox.get(), type=Orders)
        _say(msgspec.json.encode(asyncio.run(carry_out(orders))))


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.flush()


def _read(inbox: "queue.SimpleQueue[bytes]") -> None:
    for line in sys.stdin.buffer:
        inbox.put(line)
    # Whoever gave orders is gone, and with it who would want an answer.
    os._exit(0)
