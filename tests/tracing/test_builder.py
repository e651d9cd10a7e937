"""A trace while it is built: its limit, and the request that code belongs to."""

import pytest

from comparison.models import Event
from comparison.tracing import TraceBuilder, current, tracing
from comparison.tracing.trace import trace_of

LOST = Event("never_awaited", name="save")


def test_a_trace_has_a_limit_and_counts_what_is_beyond(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("comparison.tracing.trace.MAX_EVENTS", 3)
    builder = TraceBuilder()
    events = [Event("logged", detail=str(number)) for number in range(5)]
    builder.extend(events[:3])
    assert builder.finish() == tuple(events[:3])
    builder.extend(events[3:])
    assert builder.finish() == (
        *events[:3],
        Event("truncated", detail="2 more events"),
    )


def test_a_coroutine_is_in_a_trace_once() -> None:
    builder = TraceBuilder()
    builder.extend([LOST, LOST, Event("logged"), Event("logged")])
    assert [each.event for each in builder.finish()] == [
        "never_awaited", "logged", "logged",
    ]  # fmt: skip


def inner() -> None:
    pass


def outer() -> None:
    pass


def test_code_belongs_to_the_newest_trace_that_called_it() -> None:
    one, other = TraceBuilder(), TraceBuilder()
    one.called.append((inner.__code__,))
    other.called.append((outer.__code__,))
    before = current.get()
    assert trace_of(()) is None
    with tracing(one):
        assert current.get() is one
        assert trace_of(()) is one
        with tracing(other):
            assert current.get() is other
            assert trace_of(()) is None
            assert trace_of({(__file__, "inner")}) is one
            assert trace_of({(__file__, "outer")}) is other
            assert trace_of({("none.py", "inner")}) is None
            assert trace_of({(__file__, "none")}) is None
            assert trace_of({(__file__, "none")}, by_file=True) is other
        assert trace_of({(__file__, "outer")}) is None
    assert current.get() is before
    assert trace_of({(__file__, "inner")}) is None
