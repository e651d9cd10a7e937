"""Record what an app logs while it handles a request."""

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

    The garbage collector may free objects of an earlier request. Warnings about them
    belong to no request.
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
        """Handle the start or the end of a garbage collection."""
        self.collecting = phase == "start"


@contextmanager
def captured_logs() -> Iterator[None]:
    """Keep the apps' logs and warnings off the terminal; add them to the traces.

    For the command line: we add a handler to the root logger, so that no framework adds
    its own handler for standard error. If a program has configured logging, we do not
    change it.
    """
    root = logging.getLogger()
    if root.handlers:
        yield
        return
    handler = _TraceHandler()
    root.addHandler(handler)
    logging.captureWarnings(capture=True)
    # Each request reports its own coroutine, not only the first one at that line.
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
