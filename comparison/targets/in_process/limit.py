"""A time limit for the requests of one session."""

import asyncio
from typing import Any


class Limit:
    """A time limit for requests that run one after another; it cancels a slow task.

    `left` holds references to all tasks at the time of a cancellation. The event loop has
    only weak references, so waiting tasks could disappear.
    """

    # All requests share one timer, which checks the deadline again when it fires. One timer
    # a request costs as much as a small app's view, `asyncio.timeout` three times that.

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.expired = False
        self.left: set[asyncio.Task[Any]] = set()
        self._task: asyncio.Task[Any] | None = None
        self._until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Start the clock for the current task."""
        self._task = asyncio.current_task()
        assert self._task is not None
        loop = self._task.get_loop()
        self.expired = False
        self._until = loop.time() + self.timeout
        if self._timer is None:
            self._timer = loop.call_at(self._until, self._look)

    def end(self) -> None:
        """Stop the clock. `expired` says whether we cancelled the task."""
        self._task = None

    def _look(self) -> None:
        self._timer = None
        if self._task is None:
            return
        loop = self._task.get_loop()
        if loop.time() < self._until:
            self._timer = loop.call_at(self._until, self._look)
        else:
            self.expired = True
            self.left |= asyncio.all_tasks()
            self._task.cancel()
