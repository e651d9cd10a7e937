"""Limit requests, so that one visitor or a faulty script cannot overload the machine."""

import time

MAX_REQUEST = 256 * 1024  # bytes of a request's body
PER_SECOND = 10.0  # actions of visitors
BURST = 40.0


class Busy(Exception):
    """The playground has too much to do; the visitor should retry in a moment."""


class Rate:
    """A rate limiter: a token bucket with a burst at the start."""

    def __init__(self, per_second: float = PER_SECOND, burst: float = BURST) -> None:
        self.per_second = per_second
        self.burst = burst
        self.left = burst
        self.seen = time.monotonic()

    def take(self) -> None:
        """Take one token. Raises Busy if the bucket is empty."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.seen) * self.per_second)
        self.seen = now
        if self.left < 1:
            raise Busy("The playground received too many requests in a short time")
        self.left -= 1
