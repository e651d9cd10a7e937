"""The trace of one exchange while it is being made.

A transport sets a `TraceBuilder` in the context variable `current` before it calls the
app. Everything that runs for that request, on whatever thread or task, inherits the
context, so that requests in flight at once never mix. Where `current` is None nothing
is recorded.
"""

from contextvars import ContextVar
from types import CodeType

from comparison.model import Event

MAX_EVENTS = 500


class TraceBuilder:
    """Collects the events of one request; `finish` gives the immutable trace.

    `phase` is what the framework is doing (before, dispatch, error, after, teardown) and `depth` counts the functions of the app that are on the stack.
    `returned_at` remembers, per code object, the instruction it last returned from.
    """

    __slots__ = ("depth", "dropped", "events", "phase", "returned_at")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.phase = "before"
        self.depth = 0
        self.dropped = 0
        self.returned_at: dict[CodeType, int] = {}

    def add(self, event: Event) -> None:
        """Record that something happened, now."""
        if len(self.events) < MAX_EVENTS:
            self.events.append(event)
        else:
            self.dropped += 1

    def finish(self) -> tuple[Event, ...]:
        """The events so far; a last one says how many the cap left out."""
        if self.dropped:
            left_out = Event("truncated", detail=f"{self.dropped} more events")
            return (*self.events, left_out)
        return tuple(self.events)


current: ContextVar[TraceBuilder | None] = ContextVar("comparison_trace", default=None)
