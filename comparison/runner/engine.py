"""Run cases in worker processes or in this process, and attribute differences."""

import math
import weakref
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from comparison.cases.url_maps import url_map_of
from comparison.core.errors import UsageError
from comparison.core.processes.child import CAN_FORK
from comparison.known import KnownDifferences
from comparison.models import Case, Comparison, Recording, RunHeader, TargetInfo
from comparison.targets import Target
from comparison.targets.resolve import infos_of
from comparison.verdict import Comparator, attribute

from .environment import environment
from .host import Host
from .messages import DEFAULT_TIMEOUT, Settings, UrlMap
from .pool import Pool
from .threads import CLOSING, CaseThreads

if TYPE_CHECKING:
    from comparison.causes import Explainer


class Local:
    """Runs cases in this process, on a thread."""

    def __init__(
        self,
        targets: Mapping[str, Target],
        known: KnownDifferences,
        settings: Settings,
    ) -> None:
        self.targets = targets
        self.settings = settings
        try:
            for target in targets.values():
                target.start()
            for target in targets.values():
                target.load()
            self.infos = infos_of(targets)
        except BaseException:
            for target in targets.values():
                target.close()
            raise
        self.comparator = Comparator(self.infos, known)
        self.threads = CaseThreads(targets, settings, self.comparator)
        # This also runs when the program ends, while threads still run.
        self._finalizer = weakref.finalize(self, self.threads.close)

    @property
    def url_maps(self) -> dict[str, UrlMap]:
        """The rules of the apps in process, each with a method."""
        return {
            name: url_map
            for name, target in self.targets.items()
            if (url_map := url_map_of(getattr(target, "app", None))) is not None
        }

    def run(
        self,
        cases: Iterable[Case],
        *,
        lines: bool | None = None,
        targets: dict[str, Target] | None = None,
    ) -> Iterator[Comparison]:
        """Compare each case, in order; on `targets` instead, if given."""
        if targets is None:
            self.threads.lines = self.settings.lines if lines is None else lines
            yield from self.threads.run(cases)
            return
        others = CaseThreads(
            targets, self.settings, Comparator(infos_of(targets), KnownDifferences())
        )
        try:
            yield from others.run(cases)
        finally:
            others.close()

    def close(self, seconds: float = CLOSING) -> None:
        """Shut the apps and servers down."""
        self._finalizer()


Engine = Local | Pool
"""Runs cases on targets. Its `comparator` counts rules and verdicts."""


def open_engine(
    targets: Mapping[str, Target],
    known: KnownDifferences,
    settings: Settings,
    *,
    workers: int = 1,
    local: bool = False,
    url_maps: bool = False,
    host: Host | None = None,
) -> Engine:
    """Load the targets and return what runs cases on them.

    Apps with a SPEC run in worker processes. Cases run in this process if an app is an
    object of it, if `local` is true, or if only servers call the apps. Raises UsageError or
    TargetError.
    """
    if workers > 1 and not CAN_FORK:
        raise UsageError("several jobs need a system that can fork processes")
    if workers > 1 and any(target.resetting for target in targets.values()):
        raise UsageError(
            "several jobs would change the state that [tool.comparison.reset] prepares:"
            " leave out --jobs"
        )
    portable = CAN_FORK and all(target.portable for target in targets.values())
    calls_apps = any(target.calls_app for target in targets.values())
    if workers == 1 and (local or not portable or not calls_apps):
        return Local(targets, known, settings)
    if not portable:
        for target in targets.values():
            # A server that was started to learn its name. Each worker starts its own.
            target.close()
    pool = Pool(targets, known, settings, workers, url_maps=url_maps, host=host)
    pool.wait()
    return pool


class Attributor:
    """Attributes differences to layers, and explains them.

    It runs the same apps without their servers. `infos` are those of the targets. At most
    `line_runs` cases without a cause run again, line by line.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        infos: tuple[TargetInfo, ...],
        timeout: float,
        *,
        local: bool = False,
        line_runs: float = math.inf,
    ) -> None:
        self.infos = infos
        self.timeout = timeout
        self.local = local
        self.apps = {
            name: app
            for name, t in targets.items()
            if (app := t.in_process()) is not None
        }
        self._in_process = {**targets, **self.apps}
        self._engines: list[Engine] = []
        self._explainer: Explainer | None = None
        self._line_runs_left = line_runs

    @property
    def url_maps(self) -> dict[str, UrlMap]:
        """The rules of the apps behind servers. Raises TargetError."""
        return self._without_servers.url_maps if self.apps else {}

    def explain(self, comparison: Comparison, comparator: Comparator) -> Comparison:
        """Add the layer of each difference to a comparison, and the findings.

        Raises TargetError if the app for the case cannot be created or started.
        """
        attributed = self._attributed(comparison, comparator)
        if not attributed.unexpected and attributed.verdict != "failed":
            return attributed
        if self._explainer is None:
            # Imported for the first difference: most runs have none.
            from comparison.causes import Explainer

            self._explainer = Explainer(self.infos, comparator.known.versions)
        explained = self._explainer.explain(attributed)
        if not self._explainer.needs_lines(explained) or self._line_runs_left <= 0:
            return explained
        if self._line_by_line is None:
            return explained
        self._line_runs_left -= 1
        (lines,) = self._line_by_line.run([comparison.case], lines=True)
        return self._explainer.explain_lines(explained, lines)

    def _attributed(self, comparison: Comparison, comparator: Comparator) -> Comparison:
        if not comparator.needs_attribution(comparison):
            return comparison
        sides = comparator.sides
        inside: dict[str, Recording] = {
            name: recording
            for name, recording in comparison.recordings.items()
            if sides[name].inside
        }
        if self.apps:
            (found,) = self._without_servers.run([comparison.case])
            inside |= found.recordings
        return attribute(comparison, inside, sides)

    def close(self, seconds: float = CLOSING) -> None:
        """Shut the apps down."""
        for engine in self._engines:
            engine.close(seconds)

    @cached_property
    def _without_servers(self) -> Engine:
        return self._open(self.apps, local=self.local, url_maps=True)

    @cached_property
    def _line_by_line(self) -> Engine | None:
        """Other instances of the apps, so that no later case sees their requests.

        A state that all instances share is reset before the next case. None if an app
        cannot be loaded again.
        """
        targets = self._in_process.values()
        again = all(t.calls_app and t.portable for t in targets)
        return self._open(self._in_process) if again and len(targets) > 1 else None

    def _open(
        self,
        targets: Mapping[str, Target],
        *,
        local: bool = False,
        url_maps: bool = False,
    ) -> Engine:
        engine = open_engine(
            targets, KnownDifferences(), Settings(self.timeout),
            local=local, url_maps=url_maps,
        )  # fmt: skip
        self._engines.append(engine)
        return engine


class CaseRunner:
    """Runs one case at a time on targets that stay open until it is closed.

    Without `tables`, recordings have no execution table and no variables, which saves time.
    `local` targets are loaded in this process.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        known: KnownDifferences,
        timeout: float = DEFAULT_TIMEOUT,
        *,
        tables: bool = True,
        url_maps: bool = False,
        local: bool = False,
    ) -> None:
        if len(targets) < 2:
            raise UsageError("a comparison needs two targets or more")
        self.targets = targets
        settings = Settings(timeout, tables=tables)
        self._engine = open_engine(
            targets, known, settings, local=local, url_maps=url_maps
        )
        self.infos = self._engine.infos
        self._attributor = Attributor(targets, self.infos, timeout, local=local)
        self._comparator = self._engine.comparator

    @property
    def url_maps(self) -> dict[str, UrlMap]:
        """The rules of the apps, if it reports them. Raises TargetError."""
        return self._engine.url_maps | self._attributor.url_maps

    def run(self, case: Case, *, lines: bool = False) -> Comparison:
        """Compare one case, with its lines recorded or not.

        Raises TargetError as a run does.
        """
        (comparison,) = self.run_all([case], lines=lines)
        return comparison

    def run_all(
        self, cases: Iterable[Case], *, lines: bool = False
    ) -> Iterator[Comparison]:
        """Compare each case, in order. Raises TargetError as a run does."""
        for comparison in self._engine.run(cases, lines=lines):
            yield self._attributor.explain(comparison, self._comparator)

    def header(self, command: str) -> RunHeader:
        """Return the header of a document about the comparisons since the last header."""
        normalisations = self._comparator.applied.summary()
        self._comparator.take()
        return RunHeader(
            command=command,
            environment=environment(),
            targets=self.infos,
            normalisations=normalisations,
        )

    def close(self) -> None:
        """Shut the apps down."""
        self._engine.close()
        self._attributor.close()
