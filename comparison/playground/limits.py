"""What keeps one visitor, or a page that went wild, from taking all of the machine."""

import time

MAX_REQUEST = 256 * 1024  # bytes of a request's body
PER_SECOND = 10.0  # things asked for
BURST = 40.0


class Busy(Exception):
    """More is being asked than there is room for: come back in a moment."""


class Rate:
    """So many things a second, some more at first."""

    def __init__(self, per_second: float = PER_SECOND, burst: float = BURST) -> None:
        self.per_second = per_second
        self.burst = burst
        self.left = burst
        self.seen = time.monotonic()

    def take(self) -> None:
        """Ask for one thing more. Raises Busy where that is too many."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.seen) * self.per_second)
        self.seen = now
        if self.left < 1:
            raise Busy("Too much was asked in too short a time")
        self.left -= 1
