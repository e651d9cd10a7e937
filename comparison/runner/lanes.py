"""Asking case after case on a thread, and going on where an app hangs.

A thread cannot be stopped from outside: when an app does not come back in time, the lane
it runs on is left behind and a new one goes on from there.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice

from comparison.model import Case, Comparison, Failure, Recording
from comparison.parity import Judge, put_down
from comparison.targets import Inside, Session, Target, build_request

GRACE = 0.5  # seconds, for an app that can be cancelled to be cancelled
CLOSING = 5.0  # seconds, for apps to shut down
AHEAD = 64  # cases asked before their comparisons are taken
BATCH = 0.02  # seconds after which finished comparisons are handed over
TICK = 0.05  # seconds between looks at an app that takes its time


class _Job:
    """One case to be asked of some targets; their recordings appear in `done`."""

    def __init__(self, case: Case, names: list[str], lines: bool) -> None:
        self.case = case
        self.names = names
        self.lines = lines
        self.done: dict[str, Recording] = {}
        self.comparison: Comparison | None = None
        self.error: BaseException | None = None


class Lanes:
    """Asks the cases of a run on one lane, and on another where an app hangs."""

    def __init__(
        self,
        targets: Mapping[str, Target],
        timeout: float,
        judge: Judge,
        lines: bool = False,
    ) -> None:
        self.targets = targets
        self.timeout = timeout
        self.judge = judge
        self.lines = lines
        self.lane = Lane(targets, timeout, judge)
        self.waiting: deque[_Job] = deque()

    def ask(self, cases: Iterable[Case]) -> Iterator[Comparison]:
        """The comparison of each case, in order.

        Raises TargetError where a target cannot be started for a case.
        """
        names = list(self.targets)
        coming = iter(cases)
        while True:
            for case in islice(coming, AHEAD - len(self.waiting)):
                self.waiting.append(_Job(case, names, self.lines))
                self.lane.inbox.put(self.waiting[-1])
            if not self.waiting:
                return
            try:
                finished = self._wait()
            except KeyboardInterrupt:
                yield from self._take(self.lane.ready())
                raise
            yield from self._take(finished)

    def _take(self, finished: int) -> Iterator[Comparison]:
        for _ in range(finished):
            job = self.waiting.popleft()
            if job.error is not None:
                raise job.error
            assert job.comparison is not None
            yield job.comparison

    def close(self) -> None:
        """Close the sessions and wait for the thread, unless an app holds it."""
        self.lane.abandoned = True
        self.lane.inbox.put(None)
        self.lane.thread.join(GRACE)
        if self.lane.asking is None:
            self.lane.thread.join(CLOSING)
        for target in self.targets.values():
            target.close()

    def _wait(self) -> int:
        """Wait for the oldest jobs; go on elsewhere if a target does not come back."""
        while not (finished := self.lane.finished(self.timeout + GRACE)):
            stuck = self.lane.stuck
            job = self.waiting[0]
            message = f"no answer within {self.timeout:g} s"
            session = self.lane.sessions[stuck]
            job.done[stuck] = session.interrupted(Failure("timeout", message))
            job.names = job.names[job.names.index(stuck) + 1 :]
            self.lane = Lane(self.targets, self.timeout, self.judge)
            for waiting in self.waiting:
                self.lane.inbox.put(waiting)
        return finished


class Lane:
    """A thread with a session for each target, asking one case at a time.

    `asking` is the target being asked, since when (a monotonic time in seconds) and how
    many requests the case has. `completed` counts finished jobs. The other thread is
    woken for a batch of them, because each hand over between threads costs as much as a
    small app; it looks by itself every `TICK`, lest a case that hangs keep back the
    finished ones before it.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        timeout: float,
        judge: Judge,
    ) -> None:
        self.targets = targets
        self.timeout = timeout
        self.judge = judge
        self.asking: tuple[str, float, int] | None = None
        self.abandoned = False
        self.completed = 0
        self.taken = 0
        self.stuck = ""
        self.sessions: dict[str, Session] = {}
        self.inside = Inside(targets, timeout)
        self.inbox: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self.wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, name="asking", daemon=True)
        self.thread.start()

    def finished(self, limit: float) -> int:
        """Wait for the next finished jobs, and how many they are.

        0 when the target that is being asked takes longer than `limit` seconds: the
        thread is then left to itself, and `stuck` is the target.
        """
        while True:
            with suppress(queue.Empty):
                self.wake.get(timeout=TICK)
            if ready := self.ready():
                return ready
            if (asking := self.asking) is not None:
                name, since, requests = asking
                if time.monotonic() > since + limit * requests:
                    self.abandoned = True
                    self.inbox.put(None)
                    self.stuck = name
                    return 0

    def ready(self) -> int:
        """How many jobs were finished since this was asked last."""
        ready = self.completed - self.taken
        self.taken += ready
        return ready

    def _work(self) -> None:
        reported = time.monotonic()
        try:
            while (job := self.inbox.get()) is not None and not self.abandoned:
                try:
                    self._ask(job)
                except BaseException as error:
                    job.error = error
                if self.abandoned:
                    break
                self.completed += 1
                now = time.monotonic()
                if self.inbox.empty() or now - reported > BATCH:
                    self.wake.put(None)
                    reported = now
        finally:
            for session in self.sessions.values():
                session.close()
            self.inside.close()

    def _ask(self, job: _Job) -> None:
        request = build_request(job.case.request)
        for name in job.names:
            if name not in self.sessions:
                self.sessions[name] = self.targets[name].session(self.timeout)
            session = self.sessions[name]
            session.lines = job.lines
            if not session.watches_clock:
                self.asking = (name, time.monotonic(), 1 + len(job.case.before))
            recording = session.ask(job.case, request)
            if self.abandoned:
                return
            job.done[name] = recording
            self.asking = None
        ordered = {name: job.done[name] for name in self.targets}
        comparison = self.judge.judge(job.case, ordered)
        if self.judge.in_doubt(comparison):
            inside = self.inside.ask(job.case, ordered)
            comparison = put_down(comparison, inside, self.judge.sides)
        job.comparison = comparison
