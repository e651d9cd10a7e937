"""What an app logs while it answers, kept with its recording."""

import gc
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from comparison.models import Event

from .exceptions import describe
from .freeze import cap
from .trace import current

NEVER_AWAITED = "coroutine .* was never awaited"


class _TraceHandler(logging.Handler):
    """Adds each log record to the trace of the request that caused it.

    What the collector frees may have been made by an earlier request: what is warned of
    then is nobody's.
    """

    collecting = False

    def emit(self, record: logging.LogRecord) -> None:
        trace = current.get()
        if trace is None or (self.collecting and record.name == "py.warnings"):
            return
        message = cap(record.getMessage())
        error = record.exc_info[1] if record.exc_info else None
        detail = message if error is None else f"{message}: {describe(error)}"
        trace.add(Event("logged", name=record.levelname, detail=detail))

    def collector(self, phase: str, _: Mapping[str, int]) -> None:
        """Told by the collector that it begins or ends."""
        self.collecting = phase == "start"


@contextmanager
def captured_logs() -> Iterator[None]:
    """Keep what apps log and warn of out of the terminal and in their traces.

    For the command line: a handler on the root logger, so that neither framework adds
    its own to standard error. A program that has configured logging is left alone.
    """
    root = logging.getLogger()
    if root.handlers:
        yield
        return
    handler = _TraceHandler()
    root.addHandler(handler)
    logging.captureWarnings(capture=True)
    # Each request tells what it forgot, not only the first that comes to that line.
    warnings.filterwarnings("always", NEVER_AWAITED, RuntimeWarning)
    gc.callbacks.append(handler.collector)
    try:
        yield
    finally:
        gc.callbacks.remove(handler.collector)
        logging.captureWarnings(capture=False)
        # A coroutine that an app never awaited may be collected as late as at exit.
        warnings.filterwarnings("ignore", NEVER_AWAITED)
        root.removeHandler(handler)
