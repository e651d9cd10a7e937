"""What an app logs while it answers, kept with its recording."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from comparison.model import Event

from .freeze import cap
from .observe import describe
from .trace import current


class _TraceHandler(logging.Handler):
    """Adds each log record to the trace of the request that caused it."""

    def emit(self, record: logging.LogRecord) -> None:
        trace = current.get()
        if trace is None:
            return
        message = cap(record.getMessage())
        error = record.exc_info[1] if record.exc_info else None
        detail = message if error is None else f"{message}: {describe(error)}"
        trace.add(Event("logged", name=record.levelname, detail=detail))


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
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        # A coroutine that an app never awaited may be collected as late as at exit.
        warnings.filterwarnings("ignore", "coroutine .* was never awaited")
        root.removeHandler(handler)
