"""Run cases on a thread; continue on another thread if an app hangs.

Python cannot stop a thread from outside. If an app does not return in time, its thread is
abandoned and a new one continues with the next case. An app that holds the interpreter's
lock blocks the whole process. The pool then ends the process (see `pool`).
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice

from comparison.core.errors import TargetError
from comparison.models import Case, Comparison, Failure
from comparison.targets import RawRecording, Target
from comparison.verdict import Comparator

from .case_thread import GRACE, CaseThread, Job, Watcher
from .grouping import grouped, grouping_of, resets_state
from .messages import Settings

CLOSING = 3.0  # seconds, for apps to shut down
AHEAD = 64  # cases run before their comparisons are taken


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
        self.resets: dict[str, int] = {}
        self.case_thread = self._another()
        self.waiting: deque[Job] = deque()
        self.grouping = grouping_of(targets)
        self.alone = resets_state(targets)
        self.groups = count()

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
        whole = grouped(coming, self.grouping)
        while True:
            if self.grouping == "case":
                ahead = 1 if self.alone else AHEAD
                room = ahead - len(self.waiting)
                wanted = room if self.continues or room == ahead else 0
                taken = [[each] for each in islice(coming, wanted)]
            else:
                taken = [] if self.waiting else [*islice(whole, 1)]
            for group in taken:
                self._add(group, recorded)
            if not self.waiting:
                return
            try:
                self._wait()
                yield from self._finished()
            except KeyboardInterrupt:
                yield from self._finished()
                raise

    def _add(
        self,
        group: list[tuple[int, Case]],
        recorded: Mapping[int, Mapping[str, RawRecording]],
    ) -> None:
        number = next(self.groups)
        jobs = [
            Job(place, case, self.lines, recorded.get(place, {}), number)
            for place, case in group
        ]
        self.waiting.extend(jobs)
        self._put(jobs)

    def _put(self, jobs: Iterable[Job]) -> None:
        """Give jobs to the thread: each on all targets, or all on one target first."""
        if self.grouping == "case":
            for job in jobs:
                self.case_thread.inbox.put((job, None))
            return
        jobs = list(jobs)
        for name in self.targets:
            for job in jobs:
                self.case_thread.inbox.put((job, name))

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
        return CaseThread(
            self.targets, self.timeout, self.continues, self.watcher, self.resets
        )

    def _wait(self) -> None:
        """Wait for the oldest job; continue on another thread if a target hangs.

        Jobs that share a state are waited for together.
        """
        while not all(job.finished for job in self._first()):
            stuck = self.case_thread.wait()
            if stuck is not None:
                self._go_on(*stuck)

    def _first(self) -> Iterable[Job]:
        return self.waiting if self.alone else [self.waiting[0]]

    def _go_on(self, stuck: Job, name: str) -> None:
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
        self._put(job for job in self.waiting if not job.finished)

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

    def _compared(self, job: Job) -> Comparison:
        if job.error is not None:
            raise job.error
        recordings = {
            name: job.done[name].recording(self.tables) for name in self.targets
        }
        return self.comparator.compare(job.case, recordings)
