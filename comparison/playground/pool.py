"""Run single cases for the pages: each worker has its targets and serves one visitor.

Workers run on daemon threads. If an app hangs, it blocks only its thread: neither the
page nor Ctrl-C waits for it.
"""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, ParamSpec, TypeVar

import msgspec

from comparison.known import KnownDifferences
from comparison.lesson.make import Findings, lesson_of
from comparison.lesson.model import Lesson
from comparison.models import Case, Comparison, RunHeader, TargetInfo
from comparison.runner.engine import CaseRunner, Engine
from comparison.runner.settings import RunSettings
from comparison.studies.sweep.further import apps_of, further, open_apps
from comparison.targets import Target

from .guard import Busy

WORKERS = 2
PATIENCE = 15.0  # seconds that a visitor waits for a free worker
MAX_FINDINGS = 256  # cases whose findings are cached

P = ParamSpec("P")
T = TypeVar("T")


class CaseLesson(NamedTuple):
    """A case that ran: its comparison, the environment of the run, and the lesson."""

    comparison: Comparison
    header: RunHeader
    lesson: Lesson


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call the function on a daemon thread and return its result."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(setter: Callable[[Any], None], value: Any) -> None:
        if not future.done():
            setter(value)

    def work() -> None:
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            outcome: tuple[Any, Any] = (future.set_exception, error)
        else:
            outcome = (future.set_result, result)
        with suppress(RuntimeError):  # the loop may have closed already
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=work, name="worker", daemon=True).start()
    return await future


class Worker:
    """The targets and the runner for one visitor. Raises as `load_targets` does."""

    def __init__(self, settings: RunSettings, known: KnownDifferences) -> None:
        self.targets = settings.load_targets()
        with settings.located():
            self.runner = CaseRunner(self.targets, known, settings.timeout)

    def close(self) -> None:
        """Shut down the apps and servers."""
        self.runner.close()


class WorkerPool:
    """A pool that creates workers on demand. Lessons refer to other `cases` too."""

    def __init__(
        self,
        settings: RunSettings,
        known: KnownDifferences,
        cases: Collection[Case] = (),
    ) -> None:
        self.settings = settings
        self.known = known
        self._every: list[Worker] = []
        self._idle: list[Worker] = []
        self._places = asyncio.Semaphore(WORKERS)
        self._further = _Further(settings, cases)

    def open(self) -> tuple[TargetInfo, ...]:
        """Create the first worker and return its targets."""
        self._idle.append(self._another())
        return self._idle[0].runner.infos

    def open_targets(self) -> tuple[TargetInfo, ...]:
        """Return the targets; create a worker if there is none yet."""
        return self._every[0].runner.infos if self._every else self.open()

    def renew(self, known: KnownDifferences, cases: Collection[Case]) -> None:
        """Load the apps again for the next case; workers in use end after theirs."""
        self.known = known
        self._further.close()
        self._further = _Further(self.settings, cases)
        while self._idle:
            self._end(self._idle.pop())

    def _another(self) -> Worker:
        worker = Worker(self.settings, self.known)
        self._every.append(worker)
        return worker

    def _end(self, worker: Worker) -> None:
        self._every.remove(worker)
        worker.close()

    async def explain(
        self, case: Case, command: str, *, deeply: bool = True
    ) -> CaseLesson:
        """Run a case and explain it in a lesson.

        `deeply` traces its views line by line and adds findings from further requests.
        Raises Busy if no worker is free in time, and TargetError as a run does.
        """
        try:
            await asyncio.wait_for(self._places.acquire(), PATIENCE)
        except TimeoutError:
            raise Busy("The playground is running too many cases at once") from None
        task = asyncio.ensure_future(in_thread(self._explain, case, command, deeply))
        # The visitor may disconnect. The worker is free only when the case has run.
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: "asyncio.Task[CaseLesson]") -> None:
        self._places.release()
        if not task.cancelled():
            task.exception()  # asyncio warns about exceptions that are never read

    def _explain(self, case: Case, command: str, deeply: bool) -> CaseLesson:
        further = self._further
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = self._another()
        try:
            with self.settings.hiding([case]):
                unredacted = worker.runner.run(case, lines=deeply)
            header = worker.runner.header(command)
        finally:
            if further is self._further:
                self._idle.append(worker)
            else:
                self._end(worker)
        comparison = self.settings.redact_comparison(unredacted)
        findings = further.of(unredacted, worker.targets) if deeply else None
        lesson = lesson_of(comparison, header, self.known, findings)
        return CaseLesson(comparison, header, lesson)

    def close(self) -> None:
        """Shut down every app and server."""
        for worker in self._every:
            worker.close()
        self._further.close()


class _Further:
    """A cache of the findings that lessons need beyond their case's own recordings."""

    def __init__(self, settings: RunSettings, cases: Collection[Case]) -> None:
        self.settings = settings
        self.cases = cases
        self.lock = threading.Lock()
        self.apps: Engine | None = None
        self.found: OrderedDict[bytes, Findings] = OrderedDict()

    def of(self, comparison: Comparison, targets: Mapping[str, Target]) -> Findings:
        """Return the findings of this case; make them on the first call."""
        key = msgspec.msgpack.encode(comparison.case)
        with self.lock:
            if key in self.found:
                return self.found[key]
            settings = self.settings
            if self.apps is None and (inside := apps_of(targets)):
                self.apps = open_apps(inside, settings.timeout)
            found = further(
                targets, comparison, settings.timeout, settings.redact_comparison,
                twins=settings.uses_twins, cases=self.cases, apps=self.apps,
            )  # fmt: skip
            self.found[key] = found
            while len(self.found) > MAX_FINDINGS:
                self.found.popitem(last=False)
            return found

    def close(self) -> None:
        """Shut down the apps."""
        with self.lock:
            if self.apps is not None:
                self.apps.close()
                self.apps = None
