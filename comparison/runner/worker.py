"""The host loads the targets. Its workers run batches of cases on them.

A worker is a fork of the host, so each worker has the apps as they were after loading. Two
processes cannot share threads, child processes or sockets. If loading leaves some behind,
the host becomes the worker instead.

Only workers call apps. If an app harms its process, the pool replaces that worker.
"""

import faulthandler
import gc
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from comparison.cases.url_maps import url_map_of
from comparison.core.processes.call import Problem, problem_of
from comparison.core.processes.guard import guard
from comparison.core.start_timeout import start_timeout
from comparison.known import KnownDifferences
from comparison.models import TargetInfo
from comparison.targets import RawRecording, Target
from comparison.targets.in_process.target import InProcessTarget
from comparison.targets.resolve import infos_of
from comparison.tracing import captured_logs
from comparison.verdict import Comparator

from .case_thread import TICK
from .journal import IDLE, LOADING, RUNNING, Journal
from .messages import (
    Answer,
    Batch,
    Compared,
    Failed,
    Load,
    Ready,
    Setup,
    Started,
    compared,
    from_worker,
    receive,
)
from .threads import CaseThreads

WHERE = signal.SIGURG  # by default it does nothing
TRACEBACK = "traceback"
"""The file in the worker's folder that gets a traceback when the signal arrives."""


class Place(NamedTuple):
    """The place of a worker: its folder, and whether it is a fork of the host."""

    folder: str
    fork: bool


def main(argument: str) -> None:
    """Run the host: load the targets, then make a worker for each request.

    The argument is the descriptor of a socket and a folder, as JSON.
    """
    descriptor, folder = json.loads(argument)
    # The parent process handles Ctrl-C and ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as connection:
        message: Load | None = receive(connection)
        if message is None:
            return
        journal = Journal(Path(folder))
        with (Path(folder) / TRACEBACK).open("wb") as traceback:
            if hasattr(faulthandler, "register"):
                faulthandler.register(WHERE, traceback)
            try:
                ready = load(message, journal)
            except BaseException as error:
                with suppress(OSError):
                    connection.sendall(from_worker(Failed(problem_of(error))))
                return
        journal.close()
        with suppress(OSError):  # the pool may have ended
            connection.sendall(from_worker(ready))
        _make_workers(connection, message.targets)


def _make_workers(connection: socket.socket, targets: dict[str, Target]) -> None:
    """Fork a worker for each requested place, or become the worker."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(connection, 4096, 2)
        if not message:
            return
        place = Place(*json.loads(message))
        lifeline, worker_end = descriptors
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        if place.fork:
            if os.fork() == 0:
                os.setsid()  # an app may signal its whole process group
                connection.close()
                call = partial(_work, worker_end, Path(place.folder), targets)
                guard(lifeline, place.folder, call)
            os.close(lifeline)
            os.close(worker_end)
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
        else:
            os.close(lifeline)
            _work(worker_end, Path(place.folder), targets)
            return


def load(message: Load, journal: Journal) -> Ready:
    """Load every target. Raises TargetError or UsageError."""
    before = _sockets()
    url_maps = {}
    for number, (name, target) in enumerate(message.targets.items()):
        journal.begin(LOADING, number, start_timeout())
        if not isinstance(target, InProcessTarget):
            continue
        target.load()
        if message.url_maps and (url_map := url_map_of(target.app)) is not None:
            url_maps[name] = url_map
    journal.begin(IDLE, 0, 0.0)
    # The garbage collector need not visit the modules and apps again.
    gc.freeze()
    # Recordings have no cycles; frequent collections would cost a tenth of the time.
    gc.set_threshold(50_000, 20, 20)
    return Ready(url_maps, _can_fork() and _sockets() == before)


def _can_fork() -> bool:
    """Return whether a fork is complete: it has no threads and no child processes."""
    tasks = Path("/proc/self/task")
    threads = len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()
    if threads > 1:
        return False
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def _sockets() -> set[str]:
    """Return the sockets that this process has open, if the system lists them."""
    found = set()
    for path in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):
            name = str(path.readlink())
            if name.startswith("socket:"):
                found.add(name)
    return found


def _work(descriptor: int, folder: Path, targets: dict[str, Target]) -> None:
    with socket.socket(fileno=descriptor) as connection:
        setup: Setup | None = receive(connection)
        if setup is not None:
            work(connection, folder, targets, setup)


def work(
    connection: socket.socket, folder: Path, targets: dict[str, Target], setup: Setup
) -> None:
    """Run batches on loaded targets until the connection is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if setup.processors:
        os.sched_setaffinity(0, {setup.processors[int(folder.name.rpartition("-")[2])]})
    with (folder / TRACEBACK).open("wb") as traceback:
        if hasattr(faulthandler, "register"):
            faulthandler.register(WHERE, traceback)
        with captured_logs():
            _Worker(connection, Journal(folder), targets, setup).work()


class _Worker:
    def __init__(
        self,
        connection: socket.socket,
        journal: Journal,
        targets: dict[str, Target],
        setup: Setup,
    ) -> None:
        self.targets = targets
        self.connection = connection
        self.journal = journal
        self.setup = setup
        self.process = os.getpid()

    def work(self) -> None:
        case_threads: CaseThreads | None = None
        try:
            try:
                infos = self._start()
                case_threads = self._case_threads(self.targets, infos, self.setup.known)
            except BaseException as error:
                self._send(Failed(problem_of(error)))
                return
            self._send(Started(infos))
            while (batch := receive(self.connection)) is not None:
                self._run(case_threads, batch)
        finally:
            if case_threads is not None:
                case_threads.close()

    def _start(self) -> tuple[TargetInfo, ...]:
        """Start servers, all at once, and wait for them."""
        targets = self.targets
        for target in targets.values():
            target.start()
        for number, target in enumerate(targets.values()):
            self.journal.begin(LOADING, number, start_timeout())
            target.load()
        self.journal.begin(IDLE, 0, 0.0)
        return infos_of(targets)

    def _case_threads(
        self,
        targets: Mapping[str, Target],
        infos: Iterable[TargetInfo],
        known: KnownDifferences,
    ) -> CaseThreads:
        return CaseThreads(targets, self.setup.settings, Comparator(infos, known), self)

    def _run(self, own: CaseThreads, batch: Batch) -> None:
        self.journal.forget()
        case_threads = own
        found: list[Compared] = []
        problem: Problem | None = None
        sent = time.monotonic()
        try:
            if batch.targets is not None:
                infos = infos_of(batch.targets)
                case_threads = self._case_threads(
                    batch.targets, infos, KnownDifferences()
                )
            case_threads.lines = batch.lines
            for comparison in case_threads.run(batch.cases, batch.recorded):
                found.append(compared(comparison))
                if not case_threads.ready and time.monotonic() - sent > TICK:
                    # The next case takes its time, so we send the finished ones first.
                    self._send(
                        Answer(found, case_threads.comparator.take(), last=False)
                    )
                    found = []
                    sent = time.monotonic()
        except BaseException as raised:
            problem = problem_of(raised)
        self.journal.begin(IDLE, 0, 0.0)
        self._send(Answer(found, case_threads.comparator.take(), True, problem))
        if case_threads is not own:
            case_threads.close()

    def begin(self, case: int, target: int, limit: float, phase: int = RUNNING) -> None:
        """Record in the journal the start of a case, or of a phase before it."""
        self.journal.begin(case, target, limit, phase)

    def done(self, case: int, target: str, recording: RawRecording) -> None:
        """Save a recording in the journal."""
        self._stay()
        self.journal.add(case, target, recording)

    def _send(self, message: Started | Answer | Failed) -> None:
        self._stay()
        try:
            self.connection.sendall(from_worker(message))
        except OSError:
            raise SystemExit from None  # the pool has ended

    def _stay(self) -> None:
        """End a process that the app forked and that would continue as a worker."""
        if os.getpid() != self.process:
            os._exit(0)
