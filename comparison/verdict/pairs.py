"""The exchanges and traces of two recordings that belong together."""

from collections.abc import Iterator

from comparison.models import Event, Exchange, Recording


def pairs(
    one_recording: Recording, other_recording: Recording
) -> Iterator[tuple[int, tuple[Exchange, Exchange]]]:
    """Yield the exchanges to compare, numbered; the case's own exchange has number 0."""
    yield 0, (one_recording.exchange, other_recording.exchange)
    yield from enumerate(
        zip(one_recording.setup, other_recording.setup, strict=False), 1
    )


def traces_of(
    one_recording: Recording, other_recording: Recording, request: int
) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """Return the traces of one request; empty ones if a side has none."""
    if not request:
        return one_recording.trace, other_recording.trace
    one, other = one_recording.setup_traces, other_recording.setup_traces
    if min(len(one), len(other)) < request:
        return (), ()
    return one[request - 1], other[request - 1]
