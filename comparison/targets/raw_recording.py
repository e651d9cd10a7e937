"""What was recorded while one case ran on one target."""

from msgspec import Struct

from comparison.models import Event, Exchange, Recording
from comparison.tracing import execution_table, variable_tracker


class RawRecording(Struct, frozen=True, array_like=True, gc=False):
    """Everything that was seen while one case ran on one target.

    `recording` makes the tables of it. That is left for several at a time: it takes half
    the time where no app was called in between, whose code is then in the processor's
    caches. `label` is what the tables call the target.
    """

    label: str
    exchange: Exchange
    trace: tuple[Event, ...]
    before: tuple[Exchange, ...]

    def recording(self, tables: bool = True) -> Recording:
        """The exchange, the trace, and the two tables made of them, where wanted."""
        if not tables:
            return Recording(self.exchange, self.trace, (), (), self.before)
        table = execution_table(self.label, self.before, self.exchange, self.trace)
        tracker = variable_tracker(table)
        return Recording(self.exchange, self.trace, table, tracker, self.before)
