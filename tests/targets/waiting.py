"""Waiting for something that will happen, and not longer than for it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from comparison.targets.servers.stacks import SERVERS

SECONDS = 120  # after which a test gives up: a busy machine takes its time


def needs(*servers: str) -> None:
    """Skip the test where a server is not installed: most are an extra."""
    for name in servers:
        if not SERVERS[name].installed:
            pytest.skip(f"{name} is not installed")


def until(happened: Callable[[], object], seconds: float = SECONDS) -> None:
    """Return as soon as it has happened; fail if it does not."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def has_exited(pid: int) -> bool:
    """Whether a process has ended, or waits for nothing but to be looked after."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
