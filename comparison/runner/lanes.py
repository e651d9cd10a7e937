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

from comparison.errors import TargetError
from comparison.model import Case, Comparison, Failure, Recording
from comparison.parity import Judge, put_down
from comparison.targets import Asked, Inside, Session, Target, build_request

GRACE = 0.5  # seconds, for an app that can be cancelled to be cancelled
CLOSING = 5.0  # seconds, for apps to shut down
AHEAD = 64  # cases asked before their comparisons are taken
BATCH = 0.02  # seconds after which cases asked of servers are handed over
TICK = 0.1  # seconds between looks at an app that takes its time


class _Job:
    """One case to be asked; what came of it appears in `done`, by target.

    `asked` says that there is nothing more to come, be it because of `error`.
    """

    def __init__(self, case: Case, lines: bool) -> None:
        self.case = case
        self.lines = lines
        self.done: dict[str, Asked] = {}
        self.asked = False
        self.error: BaseException | None = None


class Lanes:
    """Asks the cases of a run on one lane, and on another where an app hangs.

    The cases are judged by whoever iterates, several at a time. Where a server is asked
    the lane goes on meanwhile; in process it waits, because two threads that both compute
    only take the interpreter from each other. Without `tables`, recordings have none.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        timeout: float,
        judge: Judge,
        lines: bool = False,
        tables: bool = True,
    ) -> None:
        self.targets = targets
        self.timeout = timeout
        self.judge = judge
        self.lines = lines
        self.tables = tables
        self.inside = Inside(targets, timeout)
        self.goes_on = not all(side.inside for side in judge.sides.values())
        self.lane = Lane(targets, timeout, self.goes_on)
        self.waiting: deque[_Job] = deque()

    def ask(self, cases: Iterable[Case]) -> Iterator[Comparison]:
        """The comparison of each case, in order.

        Raises TargetError where a target cannot be started for a case.
        """
        coming = iter(cases)
        while True:
            room = AHEAD - len(self.waiting)
            for case in islice(coming, room if self.goes_on or room == AHEAD else 0):
                self.waiting.append(_Job(case, self.lines))
                self.lane.inbox.put(self.waiting[-1])
            if not self.waiting:
                return
            try:
                self._wait()
                yield from self._tell()
            except KeyboardInterrupt:
                yield from self._tell()
                raise

    def close(self) -> None:
        """Close the sessions and wait for the thread, unless an app holds it."""
        self.lane.abandoned = True
        self.lane.inbox.put(None)
        self.lane.thread.join(GRACE)
        if self.lane.asking is None:
            self.lane.thread.join(CLOSING)
        self.inside.close()
        for target in self.targets.values():
            target.close()

    def _wait(self) -> None:
        """Wait for the oldest job; go on elsewhere if a target does not come back."""
        while not self.waiting[0].asked:
            stuck = self.lane.wait()
            if stuck is not None:
                self._go_on(*stuck)

    def _go_on(self, stuck: _Job, name: str) -> None:
        if not stuck.asked and name not in stuck.done:
            failure = Failure("timeout", f"no answer within {self.timeout:g} s")
            try:
                stuck.done[name] = self.lane.sessions[name].interrupted(failure)
            except TargetError as error:
                stuck.error, stuck.asked = error, True
        self.lane = Lane(self.targets, self.timeout, self.goes_on)
        for job in self.waiting:
            if not job.asked:
                self.lane.inbox.put(job)

    def _tell(self) -> Iterator[Comparison]:
        """The comparisons of the jobs that are asked, up to the first that is not."""
        while self.waiting and self.waiting[0].asked:
            try:
                comparison = self._judged(self.waiting[0])
            except KeyboardInterrupt:
                # What interrupts the judging leaves the job to be told again.
                raise
            except BaseException:
                # Told once: who asks again asks something else.
                self.waiting.popleft()
                raise
            self.waiting.popleft()
            yield comparison

    def _judged(self, job: _Job) -> Comparison:
        if job.error is not None:
            raise job.error
        recordings = {
            name: job.done[name].recording(self.tables) for name in self.targets
        }
        comparison = self.judge.judge(job.case, recordings)
        if self.judge.in_doubt(comparison):
            sides = self.judge.sides
            inside = {n: r for n, r in recordings.items() if sides[n].inside}
            served = [name for name in recordings if name not in inside]
            apart = [name for name in served if _ended(recordings[name])]
            inside |= self.inside.ask(job.case, served, apart)
            comparison = put_down(comparison, inside, sides)
        return comparison


def _ended(recording: Recording) -> bool:
    """Whether a server ended, be it by itself or because of its app."""
    exchanges = (*recording.before, recording.exchange)
    return any(e.failure is not None and e.failure.kind == "died" for e in exchanges)


class Lane:
    """A thread with a session for each target, asking one case at a time.

    `asking` is the job, the target being asked, and how many seconds it may take. The
    other thread is woken for several cases, because each hand over between threads costs
    as much as a small app: for all there are, or every `BATCH` if the lane `goes_on`
    then. It looks by itself every `TICK`, lest a case that hangs keep back those before.
    """

    def __init__(
        self, targets: Mapping[str, Target], timeout: float, goes_on: bool
    ) -> None:
        self.targets = targets
        self.timeout = timeout
        self.goes_on = goes_on
        self.asking: tuple[_Job, str, float] | None = None
        self.abandoned = False
        self.sessions: dict[str, Session] = {}
        self.inbox: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self.wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, name="asking", daemon=True)
        self.thread.start()

    def wait(self) -> tuple[_Job, str] | None:
        """Wait until jobs were asked, or for a moment.

        The job and the target that is being asked for it, where that takes too long: the
        thread is then left to itself.
        """
        with suppress(queue.Empty):
            self.wake.get(timeout=TICK)
        if (asking := self.asking) is not None:
            job, name, limit = asking
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
                    self._ask(job)
                except BaseException as error:
                    job.error = error
                    self.asking = None
                if self.abandoned:
                    break
                job.asked = True
                now = time.monotonic()
                late = self.goes_on and now - reported > BATCH
                if late or self.inbox.empty():
                    self.wake.put(None)
                    reported = now
        finally:
            for session in self.sessions.values():
                session.close()

    def _ask(self, job: _Job) -> None:
        request = build_request(job.case.request)
        requests = 1 + len(job.case.before)
        for name in self.targets:
            if name in job.done:
                continue
            if name not in self.sessions:
                self.sessions[name] = self.targets[name].session(self.timeout)
            session = self.sessions[name]
            session.lines = job.lines
            if not session.watches_clock:
                session.since = time.monotonic()
                self.asking = (job, name, (self.timeout + GRACE) * requests)
            asked = session.ask(job.case, request)
            if self.abandoned:
                return
            job.done[name] = asked
            self.asking = None
