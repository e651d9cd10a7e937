"""Run cases on a thread; continue on another thread if an app hangs.

Python cannot stop a thread from outside. If an app does not return in time, its thread is
abandoned and a new one continues with the next case. An app that holds the interpreter's
lock blocks the whole process. The pool then ends the process (see `pool`).
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Protocol

from comparison.core.errors import TargetError
from comparison.core.processes.signals import interruptible
from comparison.models import Case, Comparison, Failure
from comparison.targets import RawRecording, Session, Target, build_request
from comparison.targets.session import PREPARING
from comparison.verdict import Comparator

from .messages import Settings

GRACE = 0.5  # seconds for an app to react when we cancel it
CLOSING = 3.0  # seconds, for apps to shut down
AHEAD = 64  # cases run before their comparisons are taken
BATCH = 0.02  # seconds between handovers of cases that ran on servers
TICK = 0.1  # seconds between checks of a slow app


class Watcher(Protocol):
    """Follows the running case, by the index of the case and of the target."""

    def begin(self, case: int, target: int, limit: float) -> None:
        """Record that a case starts on a target, and its limit in seconds."""

    def done(self, case: int, target: str, recording: RawRecording) -> None:
        """Record that a case has run on a target."""


class _Job:
    """One case to run. `done` has its recordings by target.

    `finished` is true when the job has ended, perhaps with an `error`.
    """

    def __init__(
        self, place: int, case: Case, lines: bool, done: Mapping[str, RawRecording]
    ) -> None:
        self.place = place
        self.case = case
        self.lines = lines
        self.done = dict(done)
        self.finished = False
        self.error: BaseException | None = None


class CaseThreads:
    """Runs cases on one thread, or on the next if an app hangs.

    The caller of `run` compares the recordings, several at a time. Cases on servers run on
    meanwhile. Cases in process wait: two threads that both compute would only take the
    interpreter from each other. A `watcher` follows what runs.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        settings: Settings,
        comparator: Comparator,
        watcher: Watcher | None = None,
    ) -> None:
        self.targets = targets
        self.timeout = settings.timeout
        self.comparator = comparator
        self.lines = settings.lines
        self.tables = settings.tables
        self.watcher = watcher
        self.continues = not all(side.inside for side in comparator.sides.values())
        self.case_thread = self._another()
        self.waiting: deque[_Job] = deque()

    @property
    def ready(self) -> bool:
        """Whether the next comparison is available without waiting."""
        return bool(self.waiting) and self.waiting[0].finished

    def run(
        self,
        cases: Iterable[Case],
        recorded: Mapping[int, Mapping[str, RawRecording]] | None = None,
    ) -> Iterator[Comparison]:
        """Run the cases and yield the comparison of each, in order.

        `recorded` has earlier recordings, by the index of the case and by target.
        Raises TargetError where a target cannot be started for a case.
        """
        recorded = recorded or {}
        # An earlier call may have ended with an error and left jobs behind.
        self.waiting.clear()
        coming = enumerate(cases)
        while True:
            room = AHEAD - len(self.waiting)
            wanted = room if self.continues or room == AHEAD else 0
            for place, case in islice(coming, wanted):
                job = _Job(place, case, self.lines, recorded.get(place, {}))
                self.waiting.append(job)
                self.case_thread.inbox.put(job)
            if not self.waiting:
                return
            try:
                self._wait()
                yield from self._finished()
            except KeyboardInterrupt:
                yield from self._finished()
                raise

    def close(self) -> None:
        """Close the sessions and wait for the thread, unless an app holds it."""
        self.case_thread.abandoned = True
        self.case_thread.inbox.put(None)
        self.case_thread.thread.join(GRACE)
        if self.case_thread.current is None:
            self.case_thread.thread.join(CLOSING)
        for target in self.targets.values():
            target.close()

    def _another(self) -> "CaseThread":
        return CaseThread(self.targets, self.timeout, self.continues, self.watcher)

    def _wait(self) -> None:
        """Wait for the oldest job; continue on another thread if a target hangs."""
        while not self.waiting[0].finished:
            stuck = self.case_thread.wait()
            if stuck is not None:
                self._go_on(*stuck)

    def _go_on(self, stuck: _Job, name: str) -> None:
        if not stuck.finished and name not in stuck.done:
            failure = Failure("timeout", f"no answer within {self.timeout:g} s")
            try:
                recording = self.case_thread.sessions[name].interrupted(failure)
                stuck.done[name] = recording
                if self.watcher is not None:
                    self.watcher.done(stuck.place, name, recording)
            except TargetError as error:
                stuck.error, stuck.finished = error, True
        self.case_thread = self._another()
        for job in self.waiting:
            if not job.finished:
                self.case_thread.inbox.put(job)

    def _finished(self) -> Iterator[Comparison]:
        """Yield the comparisons of finished jobs, up to the first unfinished one."""
        while self.waiting and self.waiting[0].finished:
            try:
                comparison = self._compared(self.waiting[0])
            except KeyboardInterrupt:
                # The next call makes an interrupted comparison again.
                raise
            except BaseException:
                # The error is raised once.
                self.waiting.popleft()
                raise
            self.waiting.popleft()
            yield comparison

    def _compared(self, job: _Job) -> Comparison:
        if job.error is not None:
            raise job.error
        recordings = {
            name: job.done[name].recording(self.tables) for name in self.targets
        }
        return self.comparator.compare(job.case, recordings)


class CaseThread:
    """A thread with a session for each target. It runs one case at a time.

    `current` is the current job, its target, and the seconds that it may take. Waking the
    other thread costs as much as a small app. This thread therefore wakes it once for
    several cases: after all of them, or every `BATCH` if it `continues` meanwhile. The other thread
    wakes up every `TICK` in any case, so that a case that hangs delays none before it.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        timeout: float,
        continues: bool,
        watcher: Watcher | None,
    ) -> None:
        self.targets = targets
        self.timeout = timeout
        self.continues = continues
        self.watcher = watcher
        self.current: tuple[_Job, str, float] | None = None
        self.abandoned = False
        self.sessions: dict[str, Session] = {}
        self.inbox: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self.wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, name="cases", daemon=True)
        self.thread.start()

    def wait(self) -> tuple[_Job, str] | None:
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
        try:
            while (job := self.inbox.get()) is not None and not self.abandoned:
                try:
                    self._run(job)
                except BaseException as error:
                    job.error = error
                    self.current = None
                if self.abandoned:
                    break
                job.finished = True
                now = time.monotonic()
                late = self.continues and now - reported > BATCH
                if late or self.inbox.empty():
                    self.wake.put(None)
                    reported = now
        finally:
            for session in self.sessions.values():
                session.close()

    def _run(self, job: _Job) -> None:
        request = build_request(job.case.request)
        requests = 1 + len(job.case.setup)
        for place, name in enumerate(self.targets):
            if name in job.done:
                continue
            if name not in self.sessions:
                self.sessions[name] = self.targets[name].session(self.timeout)
            session = self.sessions[name]
            session.lines = job.lines
            limit = (self.timeout + GRACE) * requests
            if self.watcher is not None:
                session.on_mark = self._marking(job, place, limit)
                session.on_mark(True)
            if not session.watches_clock:
                session.since = time.monotonic()
                self.current = (job, name, limit)
            recording = session.run(job.case, request)
            if self.abandoned:
                return
            job.done[name] = recording
            if self.watcher is not None:
                self.watcher.done(job.place, name, recording)
            self.current = None

    def _marking(self, job: _Job, place: int, limit: float) -> Callable[[bool], None]:
        """Return a function that reports to the watcher how much time is left."""
        watcher = self.watcher
        assert watcher is not None

        def mark(preparing: bool) -> None:
            if not self.abandoned:
                watcher.begin(job.place, place, PREPARING if preparing else limit)

        return mark
