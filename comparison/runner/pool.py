"""Run cases in worker processes; replace a worker that an app ends or blocks.

The pool never waits for a worker without a limit, and never blocks while it writes. It
watches all connections at once, and all guards, which report how a worker ended.

Invariants:

- Comparisons come in the order of the cases, whichever worker is faster.
- Each request is sent once. The journal has the recordings of a worker that died, and its
  replacement continues from there.
- The pool ends a worker that does not respond in time. The running case fails with the
  reason.
- Everything ends with this process: see `comparison.core.processes.guard`.
"""

import os
import selectors
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from operator import length_hint

from comparison.core.errors import TargetError
from comparison.core.processes.signals import interruptible
from comparison.known import KnownDifferences
from comparison.models import Case, Comparison, TargetInfo
from comparison.targets import Target
from comparison.verdict import Comparator

from .batch import PendingBatch
from .case_thread import TICK
from .grouping import grouped, grouping_of, resets_state
from .host import Host
from .messages import Settings, Setup, UrlMap
from .threads import AHEAD, CLOSING
from .worker_process import WorkerProcess

BATCH = 16  # cases at once: each hand over costs about as much as running one
BATCHES = AHEAD // BATCH  # for each worker, before the oldest is taken


class Pool:
    """Runs cases on targets in worker processes, one or several.

    `wait` makes the `comparator`, which counts for all workers. `host` is a host that loads the
    targets already. If a target is not portable, workers are forks of this process.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        known: KnownDifferences,
        settings: Settings,
        workers: int = 1,
        *,
        url_maps: bool = False,
        host: Host | None = None,
    ) -> None:
        self.targets = dict(targets)
        self.settings = settings
        self.known = known
        self.portable = all(target.portable for target in targets.values())
        self.selector = selectors.DefaultSelector()
        self.workers: list[WorkerProcess] = []
        self.infos: tuple[TargetInfo, ...] = ()
        self.url_maps: dict[str, UrlMap] = {}
        self.waiting: deque[PendingBatch] = deque()
        self.setup = Setup(known, settings, _processors(workers, targets))
        self.number = workers
        self.grouping = grouping_of(targets)
        self.alone = resets_state(targets)
        self.forkable: Host | None = None
        self.report_url_maps = url_maps
        self.first = host or (self._new_host() if self.portable else None)

    def wait(self) -> None:
        """Wait until a worker is ready. Raises TargetError, UsageError."""
        try:
            if self.first is not None:
                self.url_maps = self.first.wait()
                if self.first.forks:
                    self.forkable = self.first
            for number in range(self.number):
                self.workers.append(WorkerProcess(number, self))
            while not self.infos:
                self._look()
        except BaseException:
            self.close()
            raise
        self.comparator = Comparator(self.infos, self.known)

    def host(self) -> Host:
        """A host that is ready. Several workers share it if it forks."""
        if self.forkable is not None and not self.forkable.child.ended:
            return self.forkable
        host, self.first = self.first, None
        if host is None or host.child.ended:
            host = self._new_host()
            host.wait()
        return host

    def _new_host(self) -> Host:
        return Host(self.targets, self.report_url_maps)

    def run(
        self,
        cases: Iterable[Case],
        *,
        lines: bool | None = None,
        targets: dict[str, Target] | None = None,
    ) -> Iterator[Comparison]:
        """Compare each case, in order; on `targets` instead, if given.

        If this is interrupted or a worker fails, it first yields the comparisons up to the
        first gap. Raises TargetError as a run does.
        """
        following = self.settings.lines if lines is None else lines
        remaining = self._batches(cases, following, targets)
        self.waiting.clear()
        try:
            while self._hand_out(remaining):
                batch = self.waiting[0]
                while not (
                    batch.ended
                    or (batch.taken < len(batch.compared) and not self.alone)
                ):
                    self._look()
                yield from batch.take()
                if batch.error is not None:
                    raise batch.error
                if batch.ended:
                    self.waiting.popleft()
        except (KeyboardInterrupt, TargetError):
            yield from self._beginning()
            raise

    def close(self, seconds: float = CLOSING) -> None:
        """Let the workers shut their apps down, for so many seconds; then end them."""
        for worker in self.workers:
            worker.hang_up()
        deadline = time.monotonic() + seconds
        for worker in self.workers:
            worker.child.close(max(deadline - time.monotonic(), 0.01))
        for worker in self.workers:
            worker.close()
        for host in {self.first, self.forkable}:
            if host is not None:
                host.close(seconds)
        self.workers = []
        self.selector.close()

    def __del__(self) -> None:
        # For a run that was created and never used.
        with suppress(Exception):
            self.close(0)

    def _beginning(self) -> Iterator[Comparison]:
        """Yield the comparisons that have arrived, up to the first gap."""
        with suppress(Exception):
            self._read_all()
        for batch in self.waiting:
            yield from batch.take()
            if not batch.ended or batch.error is not None:
                return

    def _batches(
        self, cases: Iterable[Case], lines: bool, targets: dict[str, Target] | None
    ) -> Iterator[PendingBatch]:
        """Yield smaller batches towards the end, so that all workers end together.

        If the number of remaining cases is unknown, we assume as many as so far.
        """
        if self.grouping != "case":
            # A worker runs a whole group on one target after the other.
            for group in grouped(enumerate(cases), self.grouping):
                yield PendingBatch([case for _, case in group], lines, targets)
            return
        remaining = iter(cases)
        counted = length_hint(remaining) > 0
        given = 0
        while True:
            left = length_hint(remaining) if counted else given
            share = 1 if self.alone else left // (len(self.workers) * BATCHES)
            if not (batch := list(islice(remaining, min(BATCH, share) or 1))):
                return
            given += len(batch)
            yield PendingBatch(batch, lines, targets)

    def _hand_out(self, remaining: Iterator[PendingBatch]) -> bool:
        """Give every worker enough to do. Return whether any comparison is still due."""
        batches = 1 if self.alone else BATCHES
        for round_ in range(batches):
            for worker in self.workers:
                if len(self.waiting) == len(self.workers) * batches:
                    return True
                if len(worker.batches) == round_ and (batch := next(remaining, None)):
                    self.waiting.append(batch)
                    worker.give(batch)
        return bool(self.waiting)

    def _look(self) -> None:
        """Wait a moment for workers, and read what they have written."""
        with interruptible():
            ready = self.selector.select(TICK)
        for key, events in ready:
            worker: WorkerProcess = key.data
            if worker not in self.workers:
                continue
            if events & selectors.EVENT_WRITE:
                worker.write()
            if events & selectors.EVENT_READ:
                worker.read()
        for worker in list(self.workers):
            worker.check()

    def _read_all(self) -> None:
        for key, events in self.selector.select(0):
            if events & selectors.EVENT_READ:
                key.data.read()


def _processors(workers: int, targets: Mapping[str, Target]) -> list[int]:
    """Return one processor for each worker, if there are exactly as many.

    A worker and its servers wait for each other, so they share one processor. If
    they moved between processors, the caches of both would be cold.
    """
    served = any("@" in target.spec for target in targets.values())
    if workers == 1 or not served or not hasattr(os, "sched_getaffinity"):
        return []
    processors = sorted(os.sched_getaffinity(0))
    return processors if len(processors) == workers else []
