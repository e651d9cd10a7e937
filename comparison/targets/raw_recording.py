"""The recording of one case by a session, before we make tables from it."""

from msgspec import Struct

from comparison.models import Event, Exchange, Recording
from comparison.tracing import execution_table, variable_tracker


class RawRecording(Struct, frozen=True, array_like=True, gc=False):
    """The exchanges and the trace of one case on one target.

    `recording` makes the tables. Callers do that for several recordings in a row. `label`
    is the target's name in the tables.
    """

    label: str
    exchange: Exchange
    trace: tuple[Event, ...]
    setup: tuple[Exchange, ...]
    setup_traces: tuple[tuple[Event, ...], ...] = ()

    def recording(self, tables: bool = True) -> Recording:
        """Make the recording: the exchange, the trace and, with `tables`, the two tables."""
        if not tables:
            return Recording(
                self.exchange, self.trace, (), (), self.setup, self.setup_traces
            )
        # Several recordings in a row take half the time: no app runs in between, whose code
        # would replace ours in the processor's caches.
        table = execution_table(self.label, self.setup, self.exchange, self.trace)
        tracker = variable_tracker(table)
        return Recording(
            self.exchange, self.trace, table, tracker, self.setup, self.setup_traces
        )
