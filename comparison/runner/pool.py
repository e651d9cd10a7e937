"""Running cases in worker processes, which are replaced where an app ends or holds one.

We never wait for a worker without a limit, and never write to one that does not read:
both ends of every connection are watched at once, and so are the guards, which say how a
worker ended.

Invariants:

- Comparisons come in the order of the cases, whichever worker was faster.
- A request is sent once, unless a worker dies twice without any progress. What a dead
  worker had recorded is in its journal, and its replacement goes on from there.
- A worker that does not come back in time is ended from outside, and the case that it
  was running fails with the reason.
- What is not closed ends by itself: see `comparison.core.guard`.
"""

import os
import pickle
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from operator import length_hint
from pathlib import Path

from comparison.core.call import unpickled
from comparison.core.child import Child
from comparison.core.signals import interruptible
from comparison.errors import ComparisonError, TargetError, UsageError
from comparison.model import (
    Case,
    Comparison,
    Event,
    Exchange,
    Failure,
    TargetInfo,
)
from comparison.parity import Judge, KnownDifferences
from comparison.targets import Asked, Target, build_request, sent
from comparison.targets.spec import FactoryNeeded

from .host import HELD, Host, not_loaded, where_of
from .journal import IDLE, Journal
from .lanes import AHEAD, CLOSING, TICK
from .messages import (
    Answer,
    Batch,
    Compared,
    Failed,
    Message,
    Settings,
    Setup,
    Started,
    Unreadable,
    UrlMap,
    take,
    to_worker,
)
from .worker import work

BATCH = 16  # cases at once: each hand over costs about as much as running one
BATCHES = AHEAD // BATCH  # for each worker, before the oldest is taken
SILENT = 60.0  # seconds in which a worker that runs no case must answer


class _Batch:
    """Cases for one worker, and their comparisons as they come."""

    def __init__(
        self, cases: list[Case], lines: bool, targets: dict[str, Target] | None
    ) -> None:
        self.cases = cases
        self.lines = lines
        self.targets = targets
        self.compared: list[Compared] = []
        self.recorded: dict[int, dict[str, Asked]] = {}
        self.taken = 0
        self.offset = 0  # of what a worker was given last
        self.ended = False
        self.error: BaseException | None = None
        self.deaths = 0  # one after another without any progress

    def take(self) -> Iterator[Comparison]:
        """The comparisons that have come since the last time."""
        while self.taken < len(self.compared):
            found = self.compared[self.taken].of(self.cases[self.taken])
            self.taken += 1
            yield found

    def rest(self) -> Batch:
        """What a worker is still to do."""
        self.offset = done = len(self.compared)
        recorded = {at - done: each for at, each in self.recorded.items() if at >= done}
        return Batch(self.cases[done:], recorded, self.lines, self.targets)


class Pool:
    """Runs cases on targets in worker processes, one or several.

    `known` and what workers count go into the `judge`, which there is once a worker is
    `ready`. Where a target is not portable, workers are forked with what is in memory.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        known: KnownDifferences,
        settings: Settings,
        workers: int = 1,
    ) -> None:
        self.targets = dict(targets)
        self.settings = settings
        self.known = known
        self.portable = all(target.portable for target in targets.values())
        self.selector = selectors.DefaultSelector()
        self.workers: list[_Worker] = []
        self.infos: tuple[TargetInfo, ...] = ()
        self.url_maps: dict[str, UrlMap] = {}
        self.waiting: deque[_Batch] = deque()
        self.setup = Setup(self.targets, known, settings, _processors(workers, targets))
        self.number = workers
        self.forkable: Host | None = None
        self.first = Host(self.setup) if self.portable else None

    def wait(self) -> None:
        """Wait until a worker is ready. Raises TargetError, UsageError."""
        try:
            if self.first is not None:
                self.url_maps = self.first.wait()
                if self.first.forks:
                    self.forkable = self.first
            for number in range(self.number):
                self.workers.append(_Worker(number, self))
            while not self.infos:
                self._look()
        except BaseException:
            self.close()
            raise
        self.judge = Judge(self.infos, self.known)

    def host(self) -> Host:
        """A host that is ready, for a worker of its own unless it forks."""
        if self.forkable is not None and not self.forkable.child.ended:
            return self.forkable
        host, self.first = self.first, None
        if host is None or host.child.ended:
            host = Host(self.setup)
            host.wait()
        return host

    def run(
        self,
        cases: Iterable[Case],
        *,
        lines: bool | None = None,
        targets: dict[str, Target] | None = None,
    ) -> Iterator[Comparison]:
        """The comparison of each case, in order; with `targets`, on others.

        Where this is interrupted, the beginning that is there without a gap is yielded
        first. Raises TargetError as a run does.
        """
        following = self.settings.lines if lines is None else lines
        coming = self._batches(cases, following, targets)
        self.waiting.clear()
        try:
            while self._hand_out(coming):
                batch = self.waiting[0]
                while not (batch.ended or batch.taken < len(batch.compared)):
                    self._look()
                yield from batch.take()
                if batch.ended:
                    self.waiting.popleft()
                    if batch.error is not None:
                        raise batch.error
        except KeyboardInterrupt:
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
            worker.journal.close()
        for host in {self.first, self.forkable}:
            if host is not None:
                host.close()
        self.workers = []
        self.selector.close()

    def __del__(self) -> None:
        # Nobody has closed it, as where a run was never iterated over.
        with suppress(Exception):
            self.close(0)

    def _beginning(self) -> Iterator[Comparison]:
        """What has come without a gap, of what was interrupted."""
        with suppress(Exception):
            self._read_all()
        for batch in self.waiting:
            yield from batch.take()
            if not batch.ended or batch.error is not None:
                return

    def _batches(
        self, cases: Iterable[Case], lines: bool, targets: dict[str, Target] | None
    ) -> Iterator[_Batch]:
        """Few cases at once where few are left, so that all workers end together.

        Where it is not known how many are left, as many are expected as there were.
        """
        coming = iter(cases)
        counted = length_hint(coming) > 0
        given = 0
        while True:
            left = length_hint(coming) if counted else given
            share = left // (len(self.workers) * BATCHES)
            if not (batch := list(islice(coming, min(BATCH, share) or 1))):
                return
            given += len(batch)
            yield _Batch(batch, lines, targets)

    def _hand_out(self, coming: Iterator[_Batch]) -> bool:
        """Give every worker enough to do. Whether anything is still waited for."""
        for round_ in range(BATCHES):
            for worker in self.workers:
                if len(self.waiting) == len(self.workers) * BATCHES:
                    return True
                if len(worker.batches) == round_ and (batch := next(coming, None)):
                    self.waiting.append(batch)
                    worker.give(batch)
        return bool(self.waiting)

    def _look(self) -> None:
        """Wait a moment for workers, and take what they have written."""
        with interruptible():
            ready = self.selector.select(TICK)
        for key, events in ready:
            worker: _Worker = key.data
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


class _Worker:
    """A worker process, what it is to do, and what it has written."""

    def __init__(self, number: int, pool: Pool) -> None:
        self.number = number
        self.pool = pool
        self.batches: deque[_Batch] = deque()
        self.held: tuple[int, int] | None = None
        self._start()

    def _start(self) -> None:
        self.incoming = bytearray()
        self.outgoing = bytearray()
        self.started = False
        self.broken = False
        self.heard = time.monotonic()
        self.left: float | None = None  # when it let go of its connection
        self.connection, theirs = socket.socketpair()
        try:
            if self.pool.portable:
                host = self.pool.host()
                self.child, folder = host.make(theirs, self.number)
                self.journal = Journal(folder)
            else:
                self.child = self._fork(theirs)
        finally:
            theirs.close()
        self.connection.setblocking(False)
        self.pool.selector.register(self.connection, selectors.EVENT_READ, self)
        self.pool.selector.register(self.child, selectors.EVENT_READ, self)

    def _fork(self, theirs: socket.socket) -> Child:
        targets = {name: t.another() for name, t in self.pool.targets.items()}
        setup = self.pool.setup._replace(targets=targets, processors=[])
        others = [worker.connection for worker in self.pool.workers]

        def call(folder: Path) -> None:
            for connection in (*others, self.connection):
                connection.close()
            work(theirs, folder, setup)

        def prepare(folder: Path) -> None:
            self.journal = Journal(folder, create=True)

        return Child.fork(call, prepare)

    def give(self, batch: _Batch) -> None:
        """Write a batch, as far as it is read; the rest follows."""
        rest = batch.rest()
        try:
            message = to_worker(rest)
        except Exception as error:
            raise _unsendable(rest.cases, error) from error
        self.batches.append(batch)
        self.heard = time.monotonic()
        self.outgoing += message
        self.write()

    def write(self) -> None:
        """Write what the worker takes."""
        try:
            while self.outgoing:
                count = self.connection.send(memoryview(self.outgoing)[: 1 << 20])
                del self.outgoing[:count]
        except BlockingIOError:
            pass
        except OSError:
            # Its end is found out where it is read.
            self.outgoing.clear()
        events = selectors.EVENT_READ
        if self.outgoing:
            events |= selectors.EVENT_WRITE
        with suppress(KeyError):
            self.pool.selector.modify(self.connection, events, self)

    def read(self) -> None:
        """Take every whole message."""
        self.child.read()
        while True:
            try:
                data = self.connection.recv(1 << 20)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                self._stop_reading()
                break
            self.incoming += data
        try:
            while (message := take(self.incoming)) is not None:
                self.heard = time.monotonic()
                self._received(message)
        except Unreadable:
            self.incoming.clear()
            self.broken = True

    def _received(self, message: Message) -> None:
        if isinstance(message, Failed):
            raise unpickled(message.error)
        if isinstance(message, Started):
            self.started = True
            self.pool.infos = self.pool.infos or message.infos
        if not isinstance(message, Answer):
            return
        batch = self.batches[0]
        batch.compared += message.compared
        batch.deaths = 0
        self.pool.judge.add(message.tally)
        if message.last:
            batch.ended = True
            if message.error:
                batch.error = _explained(unpickled(message.error), batch)
            self.batches.popleft()

    def check(self) -> None:
        """Replace a worker that has ended, or holds what it is running for too long."""
        if self.broken:
            self._replace("after it had written what cannot be read")
        elif self.child.ended:
            self.read()
            self._replace(None)
        elif self.left is not None:
            # It has let go of its connection, but not ended: it is another program now.
            if time.monotonic() - self.left > HELD:
                self._replace("by becoming another program (os.exec…)")
        elif self.batches or not self.started:
            self._check_clock()

    def _check_clock(self) -> None:
        mark = self.journal.mark
        at = (mark.case, mark.target)
        if mark.case == IDLE:
            late = time.monotonic() - self.heard > SILENT
        else:
            late = mark.late > HELD
        # Seen twice: the mark may be written while it is read.
        if late and self.held == at:
            self._replace("")
        self.held = at if late else None

    def _stop_reading(self) -> None:
        if self.left is None:
            self.left = time.monotonic()
            with suppress(KeyError, ValueError):
                self.pool.selector.unregister(self.connection)

    def _replace(self, how: str | None) -> None:
        """Start another worker, which goes on with what this one has not done.

        `how` says how it ended; an empty text, that it is held by an app.
        """
        where = where_of(self.child) if how == "" else ""
        how = self.child.how() if how is None else how
        mark, recorded = self.journal.mark, self.journal.read()
        self.hang_up()
        self.child.close()
        self.journal.close()
        self.held = None
        if not self.started:
            target = list(self.pool.targets.values())[max(mark.target, 0)]
            raise TargetError(not_loaded(target.spec, how, where))
        if self.batches:
            self._note(self.batches[0], mark.case, mark.target, recorded, how, where)
        self._start()
        batches, self.batches = self.batches, deque()
        for batch in batches:
            self.give(batch)

    def _note(
        self,
        batch: _Batch,
        case: int,
        target: int,
        recorded: dict[int, dict[str, Asked]],
        how: str,
        where: str,
    ) -> None:
        """Keep what is known of a batch whose worker has ended."""
        done = len(batch.compared)
        # Places in the journal are those of the batch as it was given last.
        first = batch.offset
        for at, each in recorded.items():
            if first + at >= done:
                batch.recorded.setdefault(first + at, {}).update(each)
        names = list(batch.targets or self.pool.targets)
        at = first + case
        running = case >= 0 and at < len(batch.cases) and target < len(names)
        if running and names[target] not in batch.recorded.get(at, {}):
            name = names[target]
            failure = _failure(how, self.pool.settings.timeout, where)
            info = next((i for i in self.pool.infos if i.name == name), None)
            label = (info.framework if info and info.framework else name).capitalize()
            asked = _unanswered(batch.cases[at], label, failure)
            batch.recorded.setdefault(at, {})[name] = asked
            batch.deaths = 0
            return
        batch.deaths += 1
        if batch.deaths > 1:
            reason = f"ended {how}" if how else "does not answer any more"
            first_id, last_id = batch.cases[done].id, batch.cases[-1].id
            raise TargetError(
                f"a worker process {reason}, twice, between the cases {first_id!r} and"
                f" {last_id!r}"
            )

    def hang_up(self) -> None:
        """Give no more: the worker shuts its apps down and ends."""
        for watched in (self.connection, self.child):
            with suppress(KeyError, ValueError):
                self.pool.selector.unregister(watched)
        self.connection.close()


def _explained(error: BaseException, batch: _Batch) -> BaseException:
    """An error of ours in a process that apps may have changed, as one of a target."""
    if isinstance(error, ComparisonError | FactoryNeeded):
        return error
    first, last = batch.cases[0].id, batch.cases[-1].id
    found = TargetError(
        f"a worker process failed between the cases {first!r} and {last!r}:"
        f" {type(error).__name__}: {error}; an app may have changed something that its"
        " whole process shares (-v -v for the traceback)"
    )
    found.__cause__ = error
    return found


def _failure(how: str, timeout: float, where: str) -> Failure:
    if how:
        return Failure("died", f"the process of the app ended {how}")
    return Failure(
        "timeout", f"no answer within {timeout:g} s, and its process was held{where}"
    )


def _unanswered(case: Case, label: str, failure: Failure) -> Asked:
    request = sent(build_request(case.request))
    trace = (
        Event("request_sent", name=request.method),
        Event("failed", name=failure.kind, detail=failure.message),
    )
    return Asked(label, Exchange(request, None, failure), trace, ())


def _unsendable(cases: list[Case], error: Exception) -> ComparisonError:
    for case in cases:
        try:
            pickle.dumps(case)
        except Exception:
            return UsageError(
                f"case {case.id!r}: cannot be sent to the process of the apps: {error};"
                " give apps or factories instead of names"
            )
    return UsageError(f"cases cannot be sent to the process of the apps: {error}")


def _processors(workers: int, targets: Mapping[str, Target]) -> list[int]:
    """One for each worker and the servers that it starts, if that is all there are.

    A worker waits for its servers and they wait for it, so that one processor is enough;
    where they move between processors the caches of both are cold.
    """
    served = any("@" in target.spec for target in targets.values())
    if workers == 1 or not served or not hasattr(os, "sched_getaffinity"):
        return []
    processors = sorted(os.sched_getaffinity(0))
    return processors if len(processors) == workers else []
