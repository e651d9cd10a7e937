"""So many requests a second, whoever asks: for targets that others depend on."""

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
except ImportError:  # a system without processes that share descriptors
    fcntl = None  # type: ignore[assignment]

_MOMENT = struct.Struct("d")


class Pace:
    """Spreads requests evenly, over every thread and process that has its `descriptor`.

    Each `wait` takes the next moment that is free, `1 / rate` seconds after the last
    one, and comes back then. Moments that nobody took are lost: there are no bursts.
    `clock` gives seconds, the same in every process.
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
        return Pace, (self.rate, time.monotonic, time.sleep, self.descriptor)

    def wait(self) -> None:
        """Come back when the next request may be sent."""
        with self._lock:
            if fcntl is not None:
                fcntl.lockf(self.descriptor, fcntl.LOCK_EX)
            try:
                now = self._clock()
                kept = os.pread(self.descriptor, _MOMENT.size, 0)
                free = _MOMENT.unpack(kept)[0] if kept else now
                moment = max(now, free)
                following = _MOMENT.pack(moment + 1 / self.rate)
                os.pwrite(self.descriptor, following, 0)
            finally:
                if fcntl is not None:
                    fcntl.lockf(self.descriptor, fcntl.LOCK_UN)
        if moment > now:
            self._sleep(moment - now)


def _nameless_file() -> int:
    """The descriptor of a file that processes can share, and none has to remove."""
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
