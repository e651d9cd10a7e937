"""Record what an app logs, leaves unawaited and raises outside the request's own code."""

import gc
import logging
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from comparison.models import Event

from .coroutines import never_awaited
from .exceptions import describe, raised_events
from .freeze import cap
from .trace import TraceBuilder, current, trace_of

NEVER_AWAITED = "coroutine .* was never awaited"

# `warnings.formatwarning` and `sys.set_coroutine_origin_tracking_depth` document both.
_UNAWAITED = re.compile(
    r"RuntimeWarning: coroutine '(?P<name>.+)' was never awaited\n"
    r"(?P<origin>Coroutine created at[^\n]*\n(?:  .*\n?)+)?"
)
_FRAME = re.compile(
    r'^  File "(?P<file>.+)", line (?P<line>\d+), in (?P<function>.+)$', re.MULTILINE
)

# The messages of asyncio about tasks: `BaseEventLoop.call_exception_handler`.
_TASKS = {
    "Task exception was never retrieved": "task_raised",
    "Task was destroyed but it is pending!": "task_destroyed",
}


class _TraceHandler(logging.Handler):
    """Adds each log record to the trace of the request that caused it.

    The garbage collector may free objects of an earlier request. A warning about them
    belongs to a request only if that request ran the function that made them.
    """

    collecting = False

    def emit(self, record: logging.LogRecord) -> None:
        trace = current.get()
        if record.name == "py.warnings":
            found = _UNAWAITED.search(record.getMessage())
            if found is not None:
                self.unawaited(found, trace)
                return
            if self.collecting:
                return
        if trace is None:
            return
        message = cap(record.getMessage())
        error = record.exc_info[1] if record.exc_info else None
        if record.name == "asyncio" and (
            event := _TASKS.get(message.partition("\n")[0])
        ):
            if error is None:
                trace.add(Event(event, detail=message))
            else:
                trace.extend(raised_events(event, error))
            return
        detail = message if error is None else f"{message}: {describe(error)}"
        trace.add(Event("logged", name=record.levelname, detail=detail))

    def unawaited(self, found: re.Match[str], trace: TraceBuilder | None) -> bool:
        """Record the coroutine of a warning; return whether a request has made it."""
        frames = [
            (each["file"], int(each["line"]), each["function"])
            for each in _FRAME.finditer(found["origin"] or "")
        ]
        if self.collecting and not frames:
            return False
        if self.collecting or trace is None:
            trace = trace_of({(file, function) for file, _, function in frames})
        if trace is not None:
            trace.add(never_awaited(found["name"], [each[:2] for each in frames]))
        return trace is not None

    def collector(self, phase: str, _: Mapping[str, int]) -> None:
        """Handle the start or the end of a garbage collection."""
        self.collecting = phase == "start"


def _thread_raised(args: threading.ExceptHookArgs) -> None:
    """Record an exception that ended a thread of the app."""
    error = args.exc_value
    if error is None or isinstance(error, SystemExit):
        return
    trace = current.get()
    if trace is None:
        # Before Python 3.14 a thread does not inherit the context of the request.
        found, traceback = set(), error.__traceback__
        while traceback is not None:
            code = traceback.tb_frame.f_code
            found.add((code.co_filename, code.co_name))
            traceback = traceback.tb_next
        trace = trace_of(found, by_file=True)
    if trace is not None:
        name = args.thread.name if args.thread is not None else ""
        trace.extend(raised_events("thread_raised", error, name))


_capturing = False


@contextmanager
def lost_work_recorded() -> Iterator[None]:
    """Record the work that one request loses, and the errors that it logs.

    For a process that is not ours, as that of pytest: what it does with warnings, errors
    of threads and logs stays as it is. Where `captured_logs` is active, it does the same.
    """
    if _capturing:
        yield
        return
    # Flask and Quart still add their own handler: ours does not take what theirs takes.
    handler = _TraceHandler(logging.ERROR)
    root = logging.getLogger()
    display, hook = warnings.showwarning, threading.excepthook

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        found = _UNAWAITED.search(f"{category.__name__}: {message}\n")
        if found is not None and handler.unawaited(found, current.get()):
            # The comparison reports it.
            return
        display(message, category, filename, lineno, file, line)

    def thread_raised(args: threading.ExceptHookArgs) -> None:
        _thread_raised(args)
        hook(args)

    with warnings.catch_warnings():
        # Each request reports its own coroutine, not only the first one at that line.
        warnings.filterwarnings("always", NEVER_AWAITED, RuntimeWarning)
        warnings.showwarning = show
        threading.excepthook = thread_raised
        root.addHandler(handler)
        gc.callbacks.append(handler.collector)
        try:
            yield
        finally:
            gc.callbacks.remove(handler.collector)
            root.removeHandler(handler)
            threading.excepthook = hook


@contextmanager
def captured_logs() -> Iterator[None]:
    """Keep the apps' logs and warnings off the terminal; add them to the traces.

    For the command line: we add a handler to the root logger, so that no framework adds
    its own handler for standard error. If a program has configured logging, we do not
    change it.
    """
    global _capturing
    root = logging.getLogger()
    if root.handlers:
        yield
        return
    _capturing = True
    handler = _TraceHandler()
    root.addHandler(handler)
    logging.captureWarnings(capture=True)
    # Each request reports its own coroutine, not only the first one at that line.
    warnings.filterwarnings("always", NEVER_AWAITED, RuntimeWarning)
    gc.callbacks.append(handler.collector)
    hook, threading.excepthook = threading.excepthook, _thread_raised
    try:
        yield
    finally:
        _capturing = False
        threading.excepthook = hook
        gc.callbacks.remove(handler.collector)
        logging.captureWarnings(capture=False)
        # A coroutine that an app never awaited may be collected as late as at exit.
        warnings.filterwarnings("ignore", NEVER_AWAITED)
        root.removeHandler(handler)
