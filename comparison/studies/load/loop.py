"""The closed loop: each worker asks, waits for the answer, and asks again.

The clock and the asking are handed in, so that what is counted can be checked against
servers of known behaviour in virtual time.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

PAUSE = 0.05  # seconds after a connection that failed, lest nothing is done but failing
BROKEN = ("refused", "closed")

Ask = Callable[[], Awaitable[str]]
"""Asks once; gives the kind of error, an empty text for a right answer."""


class Window(msgspec.Struct, frozen=True):
    """When it is counted, in seconds on the clock; what comes before is warm-up.

    `limit` is how many requests may be sent within it: one for each worker at least.
    """

    opens: float
    closes: float
    limit: int


class Tally(msgspec.Struct):
    """What was counted: `answered` within the window, latencies in seconds.

    `ended` is when the window closed, or where the limit was reached, when the last of
    those requests was answered.
    """

    ended: float
    answered: int = 0
    latencies: list[float] = []
    errors: dict[str, int] = {}
    sent: int = 0


async def closed_loop(
    workers: list[Ask], window: Window, clock: Callable[[], float]
) -> Tally:
    """Ask with all workers until the window closes, and wait for what is in flight.

    An answer counts towards throughput if it came within the window, whenever it was
    asked for; a latency if its request was sent within it, whenever the answer came:
    so neither end of the window favours quick answers. A request that outlasts the whole
    window is one too. Errors count at any time.
    """
    tally = Tally(window.closes)
    await asyncio.gather(*(_work(ask, window, clock, tally) for ask in workers))
    tally.ended = min(tally.ended, clock())
    return tally


async def _work(
    ask: Ask, window: Window, clock: Callable[[], float], tally: Tally
) -> None:
    while (began := clock()) < window.closes:
        if began >= window.opens:
            if tally.sent >= window.limit:
                return
            tally.sent += 1
        error = await ask()
        came = clock()
        if error:
            tally.errors[error] = tally.errors.get(error, 0) + 1
            if error in BROKEN:
                await asyncio.sleep(PAUSE)
            continue
        if window.opens <= came < window.closes:
            tally.answered += 1
        if began >= window.opens or came >= window.closes:
            tally.latencies.append(came - began)
