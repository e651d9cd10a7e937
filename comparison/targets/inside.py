"""The same apps without their servers, to tell whose difference it is.

They are asked on a thread of their own, because an app in process that hangs holds the
thread that it is called on; in a process of their own where a server has ended, because
it may have been the app that ended it.
"""

import queue
import threading
import time
from collections.abc import Collection, Iterable, Mapping

from comparison.model import Case, Failure, Recording

from .forked import CAN_FORK, ask_apart
from .http import build_request
from .session import Session, Target

GRACE = 0.5  # seconds beyond the timeout, for an app that can be cancelled
TICK = 0.1  # seconds between looks at an app that takes its time


class Inside:
    """Asks the apps of targets in process. `timeout` is in seconds."""

    def __init__(self, targets: Mapping[str, Target], timeout: float) -> None:
        self.targets = targets
        self.timeout = timeout
        self.workers: dict[str, _Worker] = {}

    def ask(
        self, case: Case, names: Iterable[str], apart: Collection[str] = ()
    ) -> dict[str, Recording]:
        """What each of these targets' apps does; not those that are out of reach.

        Those of `apart` may end their process, and are asked in one of their own. Raises TargetError where the app for the case cannot be made or started.
        """
        recordings = {}
        for name in names:
            app = self.targets[name].in_process()
            if app is None or (name in apart and not CAN_FORK):
                continue
            seconds = (self.timeout + GRACE) * (1 + len(case.before))
            if name in apart:
                recordings[name] = ask_apart(app, case, self.timeout, seconds)
                continue
            if name not in self.workers:
                self.workers[name] = _Worker(app, self.timeout)
            worker = self.workers[name]
            worker.inbox.put(case)
            found = worker.answer(seconds)
            if found is None:
                del self.workers[name]
                found = worker.given_up()
            if isinstance(found, BaseException):
                raise found
            recordings[name] = found
        return recordings

    def close(self) -> None:
        """Close the sessions that are not held by an app."""
        for worker in self.workers.values():
            worker.inbox.put(None)
            worker.thread.join(self.timeout)


class _Worker:
    """A thread with one session."""

    def __init__(self, target: Target, timeout: float) -> None:
        self.target = target
        self.timeout = timeout
        self.session: Session | None = None
        self.inbox: queue.SimpleQueue[Case | None] = queue.SimpleQueue()
        self.outbox: queue.SimpleQueue[Recording | BaseException] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, name="inside", daemon=True)
        self.thread.start()

    def answer(self, seconds: float) -> "Recording | BaseException | None":
        """What came of the case, or None where that takes longer than this."""
        wait = seconds
        while True:
            try:
                return self.outbox.get(timeout=wait)
            except queue.Empty:
                wait = TICK
            if self.session is not None and self.session.late(seconds):
                return None

    def given_up(self) -> Recording:
        """The recording of an app that has not come back.

        Raises TargetError where it was never made and started.
        """
        assert self.session is not None
        message = f"no answer within {self.timeout:g} s"
        return self.session.interrupted(Failure("timeout", message)).recording()

    def _work(self) -> None:
        self.session = self.target.session(self.timeout)
        try:
            while (case := self.inbox.get()) is not None:
                self.session.since = time.monotonic()
                try:
                    asked = self.session.ask(case, build_request(case.request))
                    self.outbox.put(asked.recording())
                except BaseException as error:
                    self.outbox.put(error)
        finally:
            self.session.close()
