"""Run a client process: one httpx client for each worker.

The process writes `ready`. Then it reads orders and writes tallies, one line of JSON
each, until standard input ends.
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

from .loop import Send, Tally, Window, closed_loop

KINDS = (
    (httpx.ConnectError, "refused"),
    (httpx.TimeoutException, "timeout"),
    (httpx.ReadError, "closed"),
    (httpx.RequestError, "protocol"),
)


class CheckedRequest(msgspec.Struct, frozen=True):
    """A request and its expected response: this status, or any status below 400.

    `size` is the length of the first response. If `steady`, all responses must have it.
    """

    request: Request
    status: int | None = None
    steady: bool = False
    size: int = 0

    def error(self, status: int, size: int) -> str:
        """Say what is wrong with a response; return "" if it is as expected."""
        if status != self.status if self.status is not None else status >= 400:
            return f"status {status}"
        return "body" if self.steady and size != self.size else ""


class Orders(msgspec.Struct, frozen=True):
    """Orders to send these requests in turn, with this many workers, within a window.

    The window uses the clock of `time.monotonic`, which processes share.
    """

    address: tuple[str, int, bool]
    origin: str
    requests: tuple[CheckedRequest, ...]
    workers: int
    window: Window
    timeout: float


async def carry_out(orders: Orders) -> Tally:
    """Send the requests of the orders and return the tally."""
    async with AsyncExitStack() as stack:
        workers = []
        for number in range(orders.workers):
            transport = StreamTransport(Address(*orders.address), orders.timeout)
            client = httpx.AsyncClient(transport=transport, trust_env=False)
            await stack.enter_async_context(client)
            workers.append(_worker(client, _turn(orders, number)))
        return await closed_loop(workers, orders.window, time.monotonic)


def _turn(
    orders: Orders, number: int
) -> Iterator[tuple[CheckedRequest, httpx.Request]]:
    """Return an endless cycle of the requests; each worker starts with another one."""
    first = number % len(orders.requests)
    requests = (*orders.requests[first:], *orders.requests[:first])
    built = [(each, build_request(each.request, orders.origin)) for each in requests]
    return cycle(built)


def _worker(
    client: httpx.AsyncClient, turn: Iterator[tuple[CheckedRequest, httpx.Request]]
) -> Send:
    async def send() -> str:
        expected, request = next(turn)
        try:
            response = await client.send(request)
        except httpx.RequestError as error:
            return next(kind for base, kind in KINDS if isinstance(error, base))
        return expected.error(response.status_code, len(response.content))

    return send


def main() -> None:
    """Carry out orders from standard input until it ends."""
    inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(inbox,), daemon=True).start()
    # Pauses for garbage collection would count as latency of the server.
    gc.set_threshold(50_000, 20, 20)
    _write(b"ready")
    while True:
        orders = msgspec.json.decode(inbox.get(), type=Orders)
        _write(msgspec.json.encode(asyncio.run(carry_out(orders))))


def _write(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.flush()


def _read(inbox: "queue.SimpleQueue[bytes]") -> None:
    for line in sys.stdin.buffer:
        inbox.put(line)
    # The parent has ended, so a result has no reader.
    os._exit(0)
