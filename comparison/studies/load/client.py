"""Run a client process: a closed loop with one httpx client for each worker.

The process writes `ready`. Then it reads orders and writes tallies, one line of JSON
each, until its socket closes. A worker sends a request, awaits the response, and
repeats. The loop takes the clock and the function that sends as parameters. So tests can
check the counts against servers of known behaviour in virtual time.
"""

import asyncio
import gc
import json
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from itertools import cycle

import httpx
import msgspec

from comparison.models import Request
from comparison.targets.http import build_request
from comparison.targets.http1.connection import Address
from comparison.targets.http1.streams import StreamTransport

KINDS = (
    (httpx.ConnectError, "refused"),
    (httpx.TimeoutException, "timeout"),
    (httpx.ReadError, "closed"),
    (httpx.RequestError, "protocol"),
)

PAUSE = 0.05  # seconds after a failed connection, so that failures do not fill the loop
BROKEN = ("refused", "closed")

Send = Callable[[], Awaitable[str]]
"""Sends one request; returns the kind of error, or "" for an expected response."""


class Window(msgspec.Struct, frozen=True):
    """The time that counts, in seconds on the clock; earlier requests are warm-up.

    `limit` is the most requests to send within it, at least one for each worker.
    """

    opens: float
    closes: float
    limit: int


class Tally(msgspec.Struct):
    """The counts of a window: responses (`answered`), errors, and latencies in seconds.

    `ended` is the time at which the window closed. If the loop reached the limit, it is
    the time of the last response.
    """

    ended: float
    answered: int = 0
    latencies: list[float] = []
    errors: dict[str, int] = {}
    sent: int = 0


async def closed_loop(
    workers: list[Send], window: Window, clock: Callable[[], float]
) -> Tally:
    """Send with all workers until the window closes, and wait for requests in flight.

    A response counts towards throughput if it arrives within the window. A latency
    counts if its request was sent within the window. So neither end of the window favours
    fast responses. The latency of a request that outlasts the whole window counts too.
    Errors count at any time.
    """
    tally = Tally(window.closes)
    await asyncio.gather(*(_work(send, window, clock, tally) for send in workers))
    tally.ended = min(tally.ended, clock())
    return tally


async def _work(
    send: Send, window: Window, clock: Callable[[], float], tally: Tally
) -> None:
    while (sent_at := clock()) < window.closes:
        if sent_at >= window.opens:
            if tally.sent >= window.limit:
                return
            tally.sent += 1
        error = await send()
        received_at = clock()
        if error:
            tally.errors[error] = tally.errors.get(error, 0) + 1
            if error in BROKEN:
                await asyncio.sleep(PAUSE)
            continue
        if window.opens <= received_at < window.closes:
            tally.answered += 1
        if sent_at >= window.opens or received_at >= window.closes:
            tally.latencies.append(received_at - sent_at)


class CheckedRequest(msgspec.Struct, frozen=True):
    """A request and its expected response: one of these statuses, or any below 400.

    `size` is the length of the first response. If `steady`, all responses must have it.
    """

    request: Request
    statuses: tuple[int, ...] = ()
    steady: bool = False
    size: int = 0

    def error(self, status: int, size: int) -> str:
        """Say what is wrong with a response; return "" if it is as expected."""
        if status not in self.statuses if self.statuses else status >= 400:
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


def main(argument: str) -> None:
    """Carry out orders from a socket until it closes; the argument has its descriptor."""
    (descriptor,) = json.loads(argument)
    # Pauses for garbage collection would count as latency of the server.
    gc.set_threshold(50_000, 20, 20)
    with (
        socket.socket(fileno=descriptor) as connection,
        connection.makefile("rb") as lines,
    ):
        connection.sendall(b"ready\n")
        for line in lines:
            orders = msgspec.json.decode(line, type=Orders)
            tally = asyncio.run(carry_out(orders))
            connection.sendall(msgspec.json.encode(tally) + b"\n")
