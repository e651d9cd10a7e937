"""Run the closed loop: each worker sends a request, awaits the response, and repeats.

The clock and the function that sends are parameters. So tests can check the counts
against servers of known behaviour in virtual time.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

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
