"""Where cases are asked: each desk has targets of its own, for one visitor at a time.

Apps are asked on threads that nobody waits for at the end: an app that hangs keeps its
thread, and neither the page nor Ctrl-C waits for it.
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
from comparison.runner import CaseRunner
from comparison.runner.engine import Engine
from comparison.runner.settings import RunSettings
from comparison.studies.sweep.further import apps_of, further, open_apps
from comparison.targets import Target

from .limits import Busy

DESKS = 2
PATIENCE = 15.0  # seconds that somebody waits for a desk
KEPT = 256  # cases whose further findings are remembered

P = ParamSpec("P")
T = TypeVar("T")


class Told(NamedTuple):
    """A case that was asked: the comparison, what it was made with, and the lesson."""

    comparison: Comparison
    header: RunHeader
    lesson: Lesson


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the function returns, on a thread that ends with the process."""
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
        with suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=work, name="desk", daemon=True).start()
    return await future


class Desk:
    """One pair of targets, or more, and who asks them. Raises as `load_targets` does."""

    def __init__(self, asking: RunSettings, known: KnownDifferences) -> None:
        self.targets = asking.load_targets()
        with asking.located():
            self.asker = CaseRunner(self.targets, known, asking.timeout)

    def close(self) -> None:
        """Shut the apps and servers down."""
        self.asker.close()


class Desks:
    """The desks, made as they are needed. Lessons tell of other `cases` besides."""

    def __init__(
        self,
        asking: RunSettings,
        known: KnownDifferences,
        cases: Collection[Case] = (),
    ) -> None:
        self.asking = asking
        self.known = known
        self._every: list[Desk] = []
        self._idle: list[Desk] = []
        self._places = asyncio.Semaphore(DESKS)
        self._further = _Further(asking, cases)

    def open(self) -> tuple[TargetInfo, ...]:
        """Make the first desk at once, and say whom it asks."""
        self._idle.append(self._another())
        return self._idle[0].asker.infos

    def _another(self) -> Desk:
        desk = Desk(self.asking, self.known)
        self._every.append(desk)
        return desk

    async def tell(self, case: Case, command: str, *, deeply: bool = True) -> Told:
        """Ask a case and tell it as a lesson.

        `deeply` follows its views line by line, and makes the changes that the lesson
        asks about. Raises Busy if no desk is free in time, and TargetError as a run does.
        """
        try:
            await asyncio.wait_for(self._places.acquire(), PATIENCE)
        except TimeoutError:
            raise Busy("Too much is being asked at once") from None
        task = asyncio.ensure_future(in_thread(self._tell, case, command, deeply))
        # Whoever has asked may go away: the desk is free when the answer is there.
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: "asyncio.Task[Told]") -> None:
        self._places.release()
        if not task.cancelled():
            task.exception()  # it is told to whoever waits, if anybody does

    def _tell(self, case: Case, command: str, deeply: bool) -> Told:
        try:
            desk = self._idle.pop()
        except IndexError:
            desk = self._another()
        try:
            with self.asking.hiding([case]):
                asked = desk.asker.ask(case, lines=deeply)
            header = desk.asker.header(command)
        finally:
            self._idle.append(desk)
        comparison = self.asking.shown(asked)
        findings = self._further.of(asked, desk.targets) if deeply else None
        lesson = lesson_of(comparison, header, self.known, findings)
        return Told(comparison, header, lesson)

    def close(self) -> None:
        """Shut every app and server down."""
        for desk in self._every:
            desk.close()
        self._further.close()


class _Further:
    """What lessons want to know beyond their case, once for each."""

    def __init__(self, asking: RunSettings, cases: Collection[Case]) -> None:
        self.asking = asking
        self.cases = cases
        self.lock = threading.Lock()
        self.apps: Engine | None = None
        self.found: OrderedDict[bytes, Findings] = OrderedDict()

    def of(self, comparison: Comparison, targets: Mapping[str, Target]) -> Findings:
        """The findings of this case, as they were the first time."""
        key = msgspec.msgpack.encode(comparison.case)
        with self.lock:
            if key in self.found:
                return self.found[key]
            asking = self.asking
            if self.apps is None and (inside := apps_of(targets)):
                self.apps = open_apps(inside, asking.timeout)
            found = further(
                targets, comparison, asking.timeout, asking.shown,
                twins=asking.asks_twins, cases=self.cases, apps=self.apps,
            )  # fmt: skip
            self.found[key] = found
            while len(self.found) > KEPT:
                self.found.popitem(last=False)
            return found

    def close(self) -> None:
        """Shut the apps down."""
        if self.apps is not None:
            self.apps.close()
