"""Limit the rate of requests to a target, over all threads and processes."""

import os
import struct
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

try:
    import fcntl
except ImportError:  # On this system processes cannot share descriptors.
    fcntl = None  # type: ignore[assignment]

_MOMENT = struct.Struct("d")


class RateLimiter:
    """A rate limiter for every thread and process that has its `descriptor`.

    It spreads requests evenly. Each `wait` reserves the next free moment, `1 / rate`
    seconds after the last one, and returns then. Unused moments are lost, so that no bursts
    occur. `clock` returns seconds, the same in every process.
    """

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        descriptor: int | None = None,
    ) -> None:
        self.rate = rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self.descriptor = _nameless_file() if descriptor is None else descriptor
        weakref.finalize(self, os.close, self.descriptor)

    def __reduce__(self) -> tuple[Any, ...]:
        return RateLimiter, (self.rate, time.monotonic, time.sleep, self.descriptor)

    def wait(self) -> None:
        """Return when the caller may send its next request."""
        with self._lock:
            if fcntl is not None:
                fcntl.lockf(self.descriptor, fcntl.LOCK_EX)
            try:
                now = self._clock()
                stored = os.pread(self.descriptor, _MOMENT.size, 0)
                free = _MOMENT.unpack(stored)[0] if stored else now
                moment = max(now, free)
                following = _MOMENT.pack(moment + 1 / self.rate)
                os.pwrite(self.descriptor, following, 0)
            finally:
                if fcntl is not None:
                    fcntl.lockf(self.descriptor, fcntl.LOCK_UN)
        if moment > now:
            self._sleep(moment - now)


def _nameless_file() -> int:
    """Open a file that processes can share and that needs no cleanup."""
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
