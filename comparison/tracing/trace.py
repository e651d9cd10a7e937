"""The trace of one exchange while it is being made.

A transport sets a `TraceBuilder` in the context variable `current` before it calls the
app. Everything that runs for that request, on whatever thread or task, inherits the
context, so that requests in flight at once never mix. Where `current` is None nothing
is recorded.
"""

from contextvars import ContextVar
from types import CodeType
from typing import Any

from comparison.models import Event

from .lines import Line, Lines

MAX_EVENTS = 500


class TraceBuilder:
    """Collects the events of one request; `finish` gives the immutable trace.

    `phase` is what the framework is doing (before, dispatch, error, after, teardown)
    and `depth` counts the functions of the app that are on the stack. `returned_at`
    remembers, per code object, the instruction it last returned from. `lines` notes
    views and error handlers line by line, where that was asked for.
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
        """Record that something happened, now."""
        limit = MAX_EVENTS if self.lines is None else MAX_EVENTS + self.lines.kept
        if len(self.events) < limit:
            self.events.append(event)
        else:
            self.dropped += 1

    def finish(self) -> tuple[Event, ...]:
        """The events so far; what the caps left out is counted."""
        events: list[Any] = self.events
        if self.lines is not None:
            self.lines.finish()
            events = [self.lines.told(event) for event in self.events]
        if self.dropped:
            left_out = Event("truncated", detail=f"{self.dropped} more events")
            return (*events, left_out)
        return tuple(events)


current: ContextVar[TraceBuilder | None] = ContextVar("comparison_trace", default=None)
