"""Waiting for something that will happen, and not longer than for it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

SECONDS = 20


def until(happened: Callable[[], object]) -> None:
    """Return as soon as it has happened; fail if it does not."""
    deadline = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether a process has ended, or waits for nothing but to be looked after."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
