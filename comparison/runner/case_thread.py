"""A thread that runs cases, one at a time, with a session for each target."""

import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from comparison.core.processes.child import ENDING
from comparison.core.processes.signals import interruptible
from comparison.core.start_timeout import start_timeout
from comparison.models import Case
from comparison.targets import RawRecording, Session, Target, build_request
from comparison.targets.session import OpenEnd

from .journal import PREPARING, RESETTING, RUNNING

GRACE = 0.5  # seconds for an app to react when we cancel it
BATCH = 0.02  # seconds between handovers of cases that ran on servers
TICK = 0.1  # seconds between checks of a slow app


class Watcher(Protocol):
    """Follows the running case, by the index of the case and of the target."""

    def begin(self, case: int, target: int, limit: float, phase: int = RUNNING) -> None:
        """Record that a case, or a phase before it, starts on a target.

        `limit` is how many seconds it may take.
        """

    def done(self, case: int, target: str, recording: RawRecording) -> None:
        """Record that a case has run on a target."""


class Job:
    """One case to run. `done` has its recordings by target.

    `finished` is true when the job has ended, perhaps with an `error`. Jobs of one `group`
    share the state that a reset prepares. The `open_ends` of sessions complete recordings.
    """

    def __init__(
        self,
        place: int,
        case: Case,
        lines: bool,
        done: Mapping[str, RawRecording],
        group: int,
    ) -> None:
        self.place = place
        self.group = group
        self.case = case
        self.lines = lines
        self.done = dict(done)
        self.open_ends: dict[str, OpenEnd] = {}
        self.finished = False
        self.error: BaseException | None = None


class CaseThread:
    """A thread with a session for each target. It runs one case at a time.

    `current` is the current job, its target, and the seconds that it may take. Waking the
    other thread costs as much as a small app. This thread therefore wakes it once for
    several cases: after all of them, or every `BATCH` if it `continues` meanwhile. The
    other thread wakes up every `TICK` in any case, and finds out whether a case hangs.

    `resets` has the group of jobs for which each target's state was last reset. The thread
    runs the next job before it completes one with open ends. Servers close their
    connections meanwhile. If the next job hangs, another thread completes this one.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        timeout: float,
        continues: bool,
        watcher: Watcher | None,
        resets: dict[str, int],
    ) -> None:
        self.targets = targets
        self.resets = resets
        self.timeout = timeout
        self.continues = continues
        self.watcher = watcher
        self.current: tuple[Job, str, float] | None = None
        self.abandoned = False
        self.sessions: dict[str, Session] = {}
        self.inbox: queue.SimpleQueue[tuple[Job, str | None] | None]
        self.inbox = queue.SimpleQueue()
        self.wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, name="cases", daemon=True)
        self.thread.start()

    def wait(self) -> tuple[Job, str] | None:
        """Wait until jobs have finished, or for a moment.

        Return the job and the target that take too long, if any. The thread is then
        abandoned.
        """
        with suppress(queue.Empty), interruptible():
            self.wake.get(timeout=TICK)
        if (current := self.current) is not None:
            job, name, limit = current
            if self.sessions[name].late(limit):
                self.abandoned = True
                self.inbox.put(None)
                return job, name
        return None

    def _work(self) -> None:
        reported = time.monotonic()
        previous: Job | None = None
        try:
            while (item := self.inbox.get()) is not None and not self.abandoned:
                job, only = item
                try:
                    self._run(job, only)
                except BaseException as error:
                    job.error = error
                    self.current = None
                if self.abandoned:
                    break
                if previous is not None:
                    self._complete(previous)
                previous = job if job.open_ends and not self.inbox.empty() else None
                if previous is None:
                    self._complete(job)
                now = time.monotonic()
                late = self.continues and now - reported > BATCH
                if late or self.inbox.empty():
                    self.wake.put(None)
                    reported = now
        finally:
            for session in self.sessions.values():
                session.close()

    def _run(self, job: Job, only: str | None) -> None:
        request = build_request(job.case.request)
        requests = 1 + len(job.case.setup)
        for place, (name, target) in enumerate(self.targets.items()):
            if name in job.done or only not in (None, name):
                continue
            if name not in self.sessions:
                self.sessions[name] = target.session(self.timeout)
            session = self.sessions[name]
            session.lines = job.lines
            digest = target.access is not None and target.access.digest is not None
            limit = (self.timeout + GRACE) * requests * (2 if digest else 1)
            limit += job.case.waits
            if self.watcher is not None:
                session.on_mark = self._marking(job, place, limit)
                session.on_mark(True)
            if target.resetting is not None and self.resets.get(name) != job.group:
                if self.watcher is not None:
                    seconds = target.resetting.reset.timeout + ENDING
                    self.watcher.begin(job.place, place, seconds, RESETTING)
                target.resetting.run(name)
                self.resets[name] = job.group
                if session.on_mark is not None:
                    session.on_mark(True)
            if not session.watches_clock:
                session.since = time.monotonic()
                self.current = (job, name, limit)
            # A confirmation must not change the state that a reset has prepared.
            session.postpones = self.continues and target.resetting is None
            recording = session.run(job.case, request)
            if self.abandoned:
                return
            job.done[name] = recording
            if session.postpones and session.open_end is not None:
                job.open_ends[name] = session.open_end
            if self.watcher is not None:
                self.watcher.done(job.place, name, recording)
            self.current = None

    def _complete(self, job: Job) -> None:
        """Complete the recordings of a job; it has finished if no other target runs it."""
        try:
            for name, end in job.open_ends.items():
                job.done[name] = end(job.done[name])
        except BaseException as error:
            job.error = error
        job.open_ends = {}
        # Other targets may run it later.
        job.finished = job.error is not None or len(job.done) == len(self.targets)

    def _marking(self, job: Job, place: int, limit: float) -> Callable[[bool], None]:
        """Return a function that reports to the watcher how much time is left."""
        watcher = self.watcher
        assert watcher is not None

        def mark(preparing: bool) -> None:
            if self.abandoned:
                return
            if preparing:
                watcher.begin(job.place, place, start_timeout(), PREPARING)
            else:
                watcher.begin(job.place, place, limit)

        return mark
