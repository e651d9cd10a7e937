"""Build the trace of one exchange.

A transport sets a `TraceBuilder` in the context variable `current` before it calls the
app. All code that runs for that request inherits the context, on any thread or task.
Concurrent requests therefore never mix. If `current` is None, nothing is recorded.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain
from types import CodeType, CoroutineType
from typing import Any

from comparison.models import Event

from .coroutines import is_unawaited, unawaited
from .lines import Line, Lines

MAX_EVENTS = 500


class TraceBuilder:
    """Collects the events of one request; `finish` returns the immutable trace.

    `phase` is the framework's current step (before, dispatch, error, after, teardown).
    `depth` counts the app's functions on the stack. `returned_at` has, for each code
    object, the instruction it last returned from. `lines` records views and error
    handlers line by line, if requested. `called` has the code of the app's functions
    that the framework called. `returned` are the coroutines that they
    returned.
    """

    __slots__ = (
        "called", "depth", "dropped", "events", "lines", "phase", "returned",
        "returned_at",
    )  # fmt: skip

    def __init__(self, *, lines: bool = False) -> None:
        self.events: list[Event | Line] = []
        self.lines = Lines(self.events) if lines else None
        self.phase = "before"
        self.depth = 0
        self.dropped = 0
        self.returned_at: dict[CodeType, int] = {}
        self.called: list[tuple[CodeType, ...]] = []
        self.returned: list[CoroutineType[Any, Any, Any]] = []

    def add(self, event: Event) -> None:
        """Add an event, unless it is a coroutine that the trace has already."""
        if event.event == "never_awaited" and event in self.events:
            return
        limit = MAX_EVENTS if self.lines is None else MAX_EVENTS + self.lines.count
        if len(self.events) < limit:
            self.events.append(event)
        else:
            self.dropped += 1

    def extend(self, events: Iterable[Event]) -> None:
        """Add several events."""
        for event in events:
            self.add(event)

    def finish(self) -> tuple[Event, ...]:
        """Return the events so far, with a count of those beyond the limits."""
        # A thread may still hold such a coroutine, so Python warns later, or not at all.
        self.extend(map(unawaited, filter(is_unawaited, self.returned)))
        self.returned.clear()
        events: list[Any] = self.events
        if self.lines is not None:
            self.lines.finish()
            events = [self.lines.to_event(event) for event in self.events]
        if self.dropped:
            left_out = Event("truncated", detail=f"{self.dropped} more events")
            return (*events, left_out)
        return tuple(events)


current: ContextVar[TraceBuilder | None] = ContextVar("comparison_trace", default=None)


_active: list[TraceBuilder] = []


@contextmanager
def tracing(trace: TraceBuilder) -> Iterator[None]:
    """Make this the trace of the current context while the block runs."""
    token = current.set(trace)
    _active.append(trace)
    try:
        yield
    finally:
        _active.remove(trace)
        current.reset(token)


def trace_of(
    functions: Collection[tuple[str, str]], *, by_file: bool = False
) -> TraceBuilder | None:
    """Return the newest active trace in which one of these functions was called.

    Each function is a file and a name. With `by_file`, any function of the file counts.
    Without functions it is the only active trace, if there is one.
    """
    if not functions:
        return _active[0] if len(_active) == 1 else None
    files = {file for file, _ in functions}
    for trace in reversed(_active):
        for code in chain.from_iterable(trace.called):
            if (code.co_filename, code.co_name) in functions:
                return trace
            if by_file and code.co_filename in files:
                return trace
    return None
