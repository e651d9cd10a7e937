"""So many requests a second, whoever asks: for targets that others depend on."""

import mmap
import multiprocessing
import struct
import time
from collections.abc import Callable

_MOMENT = struct.Struct("d")


class Pace:
    """Spreads requests evenly, over every thread and every process forked from here.

    Each `wait` takes the next moment that is free, `1 / rate` seconds after the last
    one, and comes back then. Moments that nobody took are lost: there are no bursts.
    `clock` gives seconds, the same in every process.
    """

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.interval = 1 / rate
        self._clock = clock
        self._sleep = sleep
        # Memory and a lock that forked processes have in common, and no file.
        self._lock = _lock()
        self._next = mmap.mmap(-1, _MOMENT.size)

    def wait(self) -> None:
        """Come back when the next request may be sent."""
        with self._lock:
            now = self._clock()
            (free,) = _MOMENT.unpack(self._next[:])
            moment = max(now, free)
            self._next[:] = _MOMENT.pack(moment + self.interval)
        if moment > now:
            self._sleep(moment - now)


def _lock() -> "multiprocessing.synchronize.Lock":
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork" if "fork" in methods else None).Lock()
