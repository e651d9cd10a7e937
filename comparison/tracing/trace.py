"""Build the trace of one exchange.

A transport sets a `TraceBuilder` in the context variable `current` before it calls the
app. All code that runs for that request inherits the context, on any thread or task.
Concurrent requests therefore never mix. If `current` is None, nothing is recorded.
"""

from contextvars import ContextVar
from types import CodeType
from typing import Any

from comparison.models import Event

from .lines import Line, Lines

MAX_EVENTS = 500


class TraceBuilder:
    """Collects the events of one request; `finish` returns the immutable trace.

    `phase` is the framework's current step (before, dispatch, error, after, teardown).
    `depth` counts the app's functions on the stack. `returned_at` has, for each code
    object, the instruction it last returned from. `lines` records views and error
    handlers line by line, if requested.
    """

    __slots__ = ("depth", "dropped", "events", "lines", "phase", "returned_at")

    def __init__(self, *, lines: bool = False) -> None:
        self.events: list[Event | Line] = []
        self.lines = Lines(self.events) if lines else None
        self.phase = "before"
        self.depth = 0
        self.dropped = 0
        self.returned_at: dict[CodeType, int] = {}

    def add(self, event: Event) -> None:
        """Add an event with the current time."""
        limit = MAX_EVENTS if self.lines is None else MAX_EVENTS + self.lines.count
        if len(self.events) < limit:
            self.events.append(event)
        else:
            self.dropped += 1

    def finish(self) -> tuple[Event, ...]:
        """Return the events so far, with a count of those beyond the limits."""
        events: list[Any] = self.events
        if self.lines is not None:
            self.lines.finish()
            events = [self.lines.to_event(event) for event in self.events]
        if self.dropped:
            left_out = Event("truncated", detail=f"{self.dropped} more events")
            return (*events, left_out)
        return tuple(events)


current: ContextVar[TraceBuilder | None] = ContextVar("comparison_trace", default=None)
