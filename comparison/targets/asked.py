"""What came of asking one case, before anything is told of it."""

from typing import Any, NamedTuple

import httpx
from msgspec import UnsetType

from comparison.model import Event, Exchange, Failure, Recording, Response
from comparison.recording import execution_table, variable_tracker

from .http import sent


class Asked(NamedTuple):
    """Everything that was seen while one case was asked of one target.

    `recording` tells it. That is left to whoever has several: it takes half the time
    where no app was called in between, whose code is then in the processor's caches.
    """

    label: str
    request: httpx.Request
    response: Response | None
    failure: Failure | None
    trace: tuple[Event, ...]
    before: tuple[Exchange, ...]
    elapsed_ms: float | UnsetType
    captured: dict[str, Any]

    def recording(self, tables: bool = True) -> Recording:
        """The exchange, the trace, and the two tables made of them, where wanted."""
        exchange = Exchange(
            sent(self.request), self.response, self.failure, self.elapsed_ms,
            self.captured,
        )  # fmt: skip
        if not tables:
            return Recording(exchange, self.trace, (), (), self.before)
        table = execution_table(self.label, self.before, exchange, self.trace)
        tracker = variable_tracker(table)
        return Recording(exchange, self.trace, table, tracker, self.before)
