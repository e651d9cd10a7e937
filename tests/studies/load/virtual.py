"""Virtual time: an event loop that does not wait, and servers of known behaviour."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

from comparison.studies.load.client import Send, Tally, Window, closed_loop


class _Selector(selectors.SelectSelector):
    """Instead of waiting for so long, it is that much later."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits, and for nothing"
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock moves as soon as there is nothing else to do."""

    def __init__(self) -> None:
        self.selector = _Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now


def in_virtual_time(make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(make())


def loaded(
    server: Callable[[], Send], workers: int, window: Window | None = None
) -> Tally:
    """Return the counts of a closed loop with a number of workers on a server."""

    async def run() -> Tally:
        send = server()
        clock = asyncio.get_running_loop().time
        return await closed_loop([send] * workers, window or WINDOW, clock)

    tally: Tally = in_virtual_time(run)
    return tally


# No response of a twentieth of a second ends exactly when it opens or closes.
WINDOW = Window(1.01, 3.01, 1_000_000)
SECONDS = 2.0


def event_loop(seconds: float) -> Callable[[], Send]:
    """A server that lets any number wait at the same time."""

    def start() -> Send:
        async def send() -> str:
            await asyncio.sleep(seconds)
            return ""

        return send

    return start


def threads(capacity: int, seconds: float) -> Callable[[], Send]:
    """A server that so many may wait in at the same time."""

    def start() -> Send:
        free = asyncio.Semaphore(capacity)

        async def send() -> str:
            async with free:
                await asyncio.sleep(seconds)
            return ""

        return send

    return start


def failing(every: int, error: str, seconds: float) -> Callable[[], Send]:
    """A server whose every so many-th answer is an error."""

    def start() -> Send:
        numbers = count(1)

        async def send() -> str:
            await asyncio.sleep(seconds)
            return "" if next(numbers) % every else error

        return send

    return start
