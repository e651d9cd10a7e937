"""The parts of a body as they arrive, and the moment when the client hangs up."""

import math
import re
import time
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from typing import Self

from comparison.core.plural import counted
from comparison.models import Piece
from comparison.models.client import Disconnect
from comparison.models.recording import UNFINISHED

TOGETHER = 0.005  # seconds between two parts that count as one piece

_EVENT_END = re.compile(rb"(?:\r\n|\r(?!\n)|\n){2}")
_DATA = re.compile(rb"(?:^|[\r\n])data(?=[:\r\n])")


class HungUp(Exception):
    """The client has hung up, as the case says."""


class Arrivals:
    """Collects the parts of a body with the times of their arrival.

    `add` raises HungUp as soon as a limit of the client is reached; `body` is cut off
    there. The caller watches the limit of seconds.
    """

    def __init__(self, disconnect: Disconnect | None = None) -> None:
        self.disconnect = disconnect
        self.head = 0.0
        self.parts: list[bytes] = []
        self.times: list[float] = []
        self.cut: int | None = None
        self.limit = ""

    def begin(self) -> None:
        """Note that the head has arrived."""
        self.head = time.monotonic()
        if self.disconnect is not None and self.disconnect.bytes == 0:
            self.cut, self.limit = 0, "0 bytes"
            raise HungUp

    @classmethod
    def of(cls, parts: Iterable[bytes]) -> Self:
        """Return parts that arrived together with the head, for a client that waits."""
        made = cls()
        made.begin()
        for part in parts:
            made.add(part)
        return made

    def add(self, part: bytes, leaves_at: float = math.inf) -> None:
        """Note that a part has arrived, unless the client has left before."""
        now = time.monotonic()
        if now > leaves_at:
            self.time_is_up()
            raise HungUp
        self.parts.append(part)
        self.times.append(now)
        if self.disconnect is not None:
            reached = self._reached(self.disconnect)
            if reached is not None:
                self.cut, self.limit = reached
                raise HungUp

    def time_is_up(self) -> None:
        """Note that the client leaves because of its limit of seconds."""
        if self.disconnect is not None and self.disconnect.seconds is not None:
            self.limit = f"{self.disconnect.seconds:g} s"

    @property
    def framing(self) -> str:
        """The framing of a body whose end the client did not wait for."""
        return f"{UNFINISHED} after {self.limit}"

    @property
    def body(self) -> bytes:
        """The body so far; it ends where the client hung up."""
        return b"".join(self.parts)[: self.cut]

    def pieces(self, *, events: bool) -> tuple[Piece, ...]:
        """Return the pieces of the body: its events, or what arrived together."""
        ends = event_ends(self.body) if events else self._together()
        arrived = list(accumulate(map(len, self.parts)))
        found = []
        for start, end in zip([0, *ends], ends, strict=False):
            at = self.times[bisect_left(arrived, end)]
            found.append(Piece(end - start, round((at - self.head) * 1000, 1)))
        return tuple(found)

    def _reached(self, disconnect: Disconnect) -> tuple[int, str] | None:
        """Return where to cut the body off, and by which limit; None if none is reached."""
        limits = []
        if disconnect.bytes is not None and self._size() >= disconnect.bytes:
            limits.append((disconnect.bytes, counted(disconnect.bytes, "byte")))
        if disconnect.events is not None:
            body, start, left = b"".join(self.parts), 0, disconnect.events
            for end in event_ends(body, whole=True):
                left -= bool(_DATA.search(body[start:end]))
                start = end
                if not left:
                    limits.append((end, counted(disconnect.events, "event")))
                    break
        return min(limits, default=None)

    def _size(self) -> int:
        return sum(map(len, self.parts))

    def _together(self) -> list[int]:
        ends: list[int] = []
        size, before = 0, 0.0
        for part, at in zip(self.parts, self.times, strict=True):
            size += len(part)
            if ends and at - before < TOGETHER:
                ends[-1] = size
            else:
                ends.append(size)
            before = at
        return ends


def event_ends(body: bytes, *, whole: bool = False) -> list[int]:
    r"""Return where each event of an event stream ends: after a blank line.

    Without `whole`, the rest after the last blank line counts as an event too.

    >>> event_ends(b"data: 1\n\ndata: 2\n\ndata"), event_ends(b"data: 1\n\n:", whole=True)
    ([9, 18, 22], [9])
    """
    ends = [found.end() for found in _EVENT_END.finditer(body)]
    if not whole and body and (not ends or ends[-1] < len(body)):
        ends.append(len(body))
    return ends
