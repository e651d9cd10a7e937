"""The pool's side of a worker: its process, its connection and its batches."""

import selectors
import signal
import socket
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from comparison.core.errors import TargetError
from comparison.core.processes.call import error_of
from comparison.core.processes.child import Child

from .batch import PendingBatch, WorkerEnd, explained, reset_error, unsendable
from .host import HELD, Host, not_loaded, where_of
from .journal import IDLE, RESETTING, Journal
from .messages import Answer, Failed, Message, Started, Unreadable, take, to_worker
from .worker import work

if TYPE_CHECKING:
    from .pool import Pool

SILENT = 60.0  # seconds in which a worker that runs no case must respond


class WorkerProcess:
    """A worker process with its batches and its connection."""

    def __init__(self, number: int, pool: "Pool") -> None:
        self.number = number
        self.pool = pool
        self.batches: deque[PendingBatch] = deque()
        self.late_at: tuple[int, int] | None = None
        self._start()

    def _start(self) -> None:
        self.incoming = bytearray()
        self.outgoing = bytearray()
        self.started = False
        self.broken = False
        self.heard = time.monotonic()
        self.left: float | None = None  # when it closed its connection
        self.connection, worker_end = socket.socketpair()
        self.host: Host | None = None
        try:
            if self.pool.portable:
                self.host = self.pool.host()
                self.child, self.journal = self.host.make(worker_end, self.number)
                self.outgoing += to_worker(self.pool.setup)
            else:
                self.child = self._fork(worker_end)
        finally:
            worker_end.close()
        self.connection.setblocking(False)
        self.pool.selector.register(self.connection, selectors.EVENT_READ, self)
        self.pool.selector.register(self.child, selectors.EVENT_READ, self)
        self.write()

    def _fork(self, worker_end: socket.socket) -> Child:
        targets = {name: t.another() for name, t in self.pool.targets.items()}
        setup = self.pool.setup._replace(processors=[])
        others = [worker.connection for worker in self.pool.workers]

        def call(folder: Path) -> None:
            for connection in (*others, self.connection):
                connection.close()
            work(worker_end, folder, targets, setup)

        def prepare(folder: Path) -> None:
            self.journal = Journal(folder, create=True)

        return Child.fork(call, prepare)

    def give(self, batch: PendingBatch) -> None:
        """Write as much of a batch as the worker reads; the rest follows."""
        rest = batch.rest()
        try:
            message = to_worker(rest)
        except Exception as error:
            raise unsendable(rest.cases, error) from error
        self.batches.append(batch)
        self.heard = time.monotonic()
        self.outgoing += message
        self.write()

    def write(self) -> None:
        """Write as much as the worker reads."""
        try:
            while self.outgoing:
                count = self.connection.send(memoryview(self.outgoing)[: 1 << 20])
                del self.outgoing[:count]
        except BlockingIOError:
            pass
        except OSError:
            # The next read finds out that it has ended.
            self.outgoing.clear()
        events = selectors.EVENT_READ
        if self.outgoing:
            events |= selectors.EVENT_WRITE
        with suppress(KeyError):
            self.pool.selector.modify(self.connection, events, self)

    def read(self) -> None:
        """Read every complete message."""
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
            raise error_of(message.problem)
        if isinstance(message, Started):
            self.started = True
            self.pool.infos = self.pool.infos or message.infos
        if not isinstance(message, Answer):
            return
        batch = self.batches[0]
        batch.compared += message.compared
        batch.deaths = 0
        self.pool.comparator.add(message.tally)
        if message.last:
            batch.ended = True
            if message.problem is not None:
                batch.error = explained(message.problem, batch)
            self.batches.popleft()

    def check(self) -> None:
        """Replace a worker that has ended, or that an app blocks for too long."""
        if self.broken:
            self._replace("after it had written what cannot be read")
        elif self.child.ended:
            self.read()
            self._replace(self._how())
        elif self.left is not None:
            # It closed its connection but did not end: it is another program now.
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
        # Seen twice, because the mark may change while we read it.
        if late and self.late_at == at:
            self._replace("")
        self.late_at = at if late else None

    def _how(self) -> str:
        """Return how the worker ended. Raises TargetError if SIGTERM ended it.

        Crashes do not send SIGTERM, so it says nothing about the running case.
        """
        child = self.child
        if child.exit_code is None and not child.stopped and self.host is not None:
            # If the host ends, its workers end too, and their guards report nothing.
            self.host.child.wait(HELD)
            if self.host.child.ended:
                child = self.host.child
        if child.exit_code == -signal.SIGTERM:
            raise TargetError(
                f"a worker process ended {child.how()} {self._when()}: another program"
                " sent the signal, or the app did"
            )
        return self.child.how()

    def _when(self) -> str:
        mark = self.journal.mark
        if not self.started:
            return "while it started"
        if mark.case < 0 or not self.batches:
            return "between two cases"
        batch = self.batches[0]
        case = batch.cases[batch.offset + mark.case]
        name = list(batch.targets or self.pool.targets)[mark.target]
        return f"while case {case.id!r} ran on {name}"

    def _stop_reading(self) -> None:
        if self.left is None:
            self.left = time.monotonic()
            with suppress(KeyError, ValueError):
                self.pool.selector.unregister(self.connection)

    def _replace(self, how: str) -> None:
        """Start another worker, which continues with the rest.

        `how` says how this one ended. An empty text says that an app blocks it.
        """
        where = "" if how else where_of(self.child)
        end = WorkerEnd(how, where, self.journal.mark, self.journal.read())
        self.hang_up()
        self.child.close()
        self.close()
        self.late_at = None
        preparing = not how and end.mark.preparing
        if not self.started or (preparing and self.batches):
            target = list(self.pool.targets.values())[max(end.mark.target, 0)]
            raise TargetError(not_loaded(target.spec, how, where))
        if self.batches:
            batch = self.batches[0]
            if end.mark.phase == RESETTING:
                raise reset_error(batch.targets or self.pool.targets, end)
            batch.note_end(end, self._labels(batch), self.pool.settings.timeout)
        self._start()
        batches, self.batches = self.batches, deque()
        for batch in batches:
            self.give(batch)

    def _labels(self, batch: PendingBatch) -> dict[str, str]:
        """Return the label of each target of a batch, for tables."""
        frameworks = {info.name: info.framework for info in self.pool.infos}
        names = batch.targets or self.pool.targets
        return {name: (frameworks.get(name) or name).capitalize() for name in names}

    def hang_up(self) -> None:
        """Close the connection: the worker shuts its apps down and ends."""
        for watched in (self.connection, self.child):
            with suppress(KeyError, ValueError):
                self.pool.selector.unregister(watched)
        self.connection.close()

    def close(self) -> None:
        """Close what is left of a worker that has ended."""
        self.journal.close()
        if self.host is not None and self.host is not self.pool.forkable:
            self.host.close(0)
