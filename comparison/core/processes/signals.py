"""Signals that end a command. They interrupt it where that is safe, and are never lost.

Within `handled_signals`, SIGINT, SIGTERM and SIGHUP raise `Interrupted`. A `shielded` block
delays them until its end, or until an `interruptible` part of it, as where we wait. A second
signal ends the process at once. Its children then end by themselves (see `guard`). Outside
`handled_signals` we leave signals alone, as in a program that uses this package.

Python ignores exceptions in finalisers and in callbacks of the garbage collector. If it
ignores `Interrupted` there, we send the signal to ourselves again.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any

from comparison.core.errors import ComparisonError

SIGNALS = tuple(
    number
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if (number := getattr(signal, name, None)) is not None
)

# A closing terminal sends several signals at once.
TOGETHER = 0.5  # seconds in which several signals count as one
AGAIN = 0.02  # seconds for a finaliser to return


class Interrupted(KeyboardInterrupt):
    """A signal that ends the command arrived; `number` is its number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def exit_code(self) -> int:
        """The exit code that shells use: 130 for SIGINT, 143 for SIGTERM."""
        return 128 + self.number


class _State:
    """The state of the signal handlers.

    `handling` is True within `handled_signals`. `depth` counts the active shields.
    `pending` is a delayed signal. `first` is the time of the first signal, by the monotonic
    clock.
    """

    handling = False
    depth = 0
    pending: int | None = None
    first: float | None = None


_state = _State()


def exit_code_of(error: BaseException) -> int:
    """Return the exit code for an interruption: of its signal or our error, else 130."""
    return error.exit_code if isinstance(error, Interrupted | ComparisonError) else 130


@contextmanager
def handled_signals() -> Iterator[None]:
    """Handle the signals that end a command, unless they are ignored already (nohup)."""
    if not _on_main_thread():
        yield
        return
    _state.depth, _state.pending, _state.first = 0, None, None
    before = {}
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, _receive)
    hook = sys.unraisablehook
    sys.unraisablehook = partial(_resend, hook)
    _state.handling = True
    try:
        yield
    finally:
        _state.handling = False
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def shielded() -> Iterator[None]:
    """Run the block as a whole: delay a signal that arrives meanwhile to its end."""
    if not _on_main_thread():
        yield
        return
    _state.depth += 1
    try:
        yield
    finally:
        _state.depth -= 1
        _raise_pending()


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise delayed and new signals in this block, even within `shielded`."""
    if not _on_main_thread():
        yield
        return
    depth, _state.depth = _state.depth, 0
    try:
        _raise_pending()
        yield
    finally:
        _state.depth = depth


def _on_main_thread() -> bool:
    """Return True on the thread on which Python handles signals."""
    return threading.current_thread() is threading.main_thread()


def _raise_pending() -> None:
    if _state.depth == 0 and _state.pending is not None:
        number, _state.pending = _state.pending, None
        raise Interrupted(number)


def _resend(
    hook: Callable[["sys.UnraisableHookArgs"], Any], ignored: "sys.UnraisableHookArgs"
) -> None:
    """Send a signal again if Python ignores its exception; call the hook for others."""
    error = ignored.exc_value
    if not isinstance(error, Interrupted):
        hook(ignored)
        return
    _state.first = None
    threading.Thread(
        target=_send_until_received, args=(error.number,), daemon=True
    ).start()


def _send_until_received(number: int) -> None:
    """Send ourselves a signal, and send it again until the main thread handles it.

    A signal does not interrupt a wait that the main thread is just about to start.
    """
    time.sleep(AGAIN)
    os.kill(os.getpid(), number)
    time.sleep(AGAIN)
    while _state.first is None and _state.handling:
        os.kill(os.getpid(), number)
        time.sleep(AGAIN)


def _receive(number: int, frame: FrameType | None) -> None:
    now = time.monotonic()
    if _state.first is not None:
        if now - _state.first < TOGETHER:
            return
        with suppress(OSError):
            os.write(2, b"comparison: interrupted again\n")
        os._exit(128 + number)
    _state.first = now
    if _state.depth == 0:
        raise Interrupted(number)
    _state.pending = number
