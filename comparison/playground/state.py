"""Hold what the pages share: cases, targets, known differences and the visitors' runs."""

import shlex
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path

from quart import current_app

from comparison.cases import Topic, load_cases, load_topics
from comparison.core.errors import ComparisonError, nearest_name
from comparison.known import IN_PROCESS, KnownDifferences, load_known
from comparison.known.models import KnownDifference
from comparison.known.observed import elsewhere
from comparison.known.shipped import SHIPPED
from comparison.models import Case, RunHeader, TargetInfo
from comparison.redaction import redacted_command
from comparison.reports.commands import command_about
from comparison.runner.environment import environment
from comparison.runner.settings import DEFAULT_TARGETS, RunSettings

from .addresses import case_address, difference_address, topic_address
from .changes import SourceWatch, folders_of
from .composed import load_patterns
from .guard import Rate
from .pool import WorkerPool
from .recordings import Stored, StoredRecording
from .runs import Runs
from .status_recordings import StatusRecordings
from .visitors import Visitors

RETRY = 1.0  # seconds after which we load apps with a problem again


class Missing(Exception):
    """No page has this id; `address` is that of the nearest id, if one is similar."""

    def __init__(
        self, what: str, address: Callable[[str], str], id_: str, known: Iterable[str]
    ) -> None:
        super().__init__(f"No {what} has the id {id_!r}")
        self.name = nearest_name(id_, known)
        self.address = address(self.name) if self.name else ""


class Playground:
    """The cases, known differences, targets and runs of visitors.

    `options` are those of the command line: every command that reproduces a page repeats
    them. Raises what loading cases, known differences and targets raises.
    """

    def __init__(self, settings: RunSettings, options: tuple[str, ...] = ()) -> None:
        self.settings = settings
        self.options = options
        self._load()
        self.bundled = not (
            settings.paths or settings.given or settings.project.targets
        )
        self.pool = WorkerPool(settings, self.known, self.cases.values())
        self.targets: tuple[TargetInfo, ...] = self.pool.open()
        self.twins = self.pool if settings.uses_twins else self._twin_pool()
        self.runs = Runs(settings, self.known)
        self.visitors = Visitors()
        self.recordings = Stored[StoredRecording]()
        self.status_recordings = StatusRecordings()
        self.rate = Rate()
        self.watch = self._watch()
        self.version = 0
        self.problem: ComparisonError | None = None
        self._lock = threading.Lock()
        self._loaded = time.monotonic()
        self._elsewhere: dict[str, str] = {}
        if self.bundled:
            every = tuple(self.cases.values())
            self.runs.start("all cases", every, self.command("run"), startup=True)

    def _load(self) -> None:
        self.cases = {case.id: case for case in self.settings.load_cases()}
        self.known: KnownDifferences = self.settings.load_known()
        for cached in ("topics", "differences"):
            self.__dict__.pop(cached, None)

    def _watch(self) -> SourceWatch | None:
        """Watch the source of own apps, and the files of cases and known differences."""
        settings = self.settings
        if settings.uses_twins and not settings.paths:
            return None
        files = map(Path, (*settings.paths, *settings.known))
        apps = () if settings.uses_twins else folders_of(settings.specs)
        return SourceWatch([*apps, *files])

    def refresh(self) -> None:
        """Load apps and cases again if a file has changed; set `problem` if that fails.

        The problem may have a cause outside these files, so a later page loads them again.

        Takes as long as loading the apps.
        """
        if self.watch is None:
            return
        with self._lock:
            version = self.watch.version()
            late = time.monotonic() - self._loaded > RETRY
            if version == self.version and not (self.problem and late):
                return
            self.version, self.problem = version, None
            try:
                self._load()
                self.pool.renew(self.known, self.cases.values())
                self.runs.renew(self.known)
                self.targets = self.pool.open()
            except ComparisonError as error:
                self.problem = error
            self._loaded = time.monotonic()
            self._elsewhere.clear()

    def outdated(self, version: int) -> bool:
        """Return whether files have changed since a run or a recording was made."""
        return version != self.version

    def _twin_pool(self) -> WorkerPool:
        settings = self.settings
        twins = RunSettings(DEFAULT_TARGETS, (), (), settings.timeout, settings.project)
        return WorkerPool(twins, self.differences)

    @cached_property
    def topics(self) -> Mapping[str, Topic]:
        """Return the topics of the cases by name, in the order of the cases."""
        found: dict[str, Topic] = {}
        for path in self.settings.paths or ():
            found.update(load_topics(Path(path)))
        if not self.settings.paths:
            found = load_topics()
        names = dict.fromkeys(case.topic for case in self.cases.values())
        return {name: found.get(name, Topic()) for name in names}

    @cached_property
    def bundled_cases(self) -> Mapping[str, Case]:
        """Return the cases of the catalogue by id, whichever cases the pages have."""
        if self.settings.uses_twins:
            return self.cases
        return {case.id: case for case in load_cases()}

    @cached_property
    def bundled_topics(self) -> Mapping[str, Topic]:
        """Return the topics of the catalogue by name."""
        return self.topics if self.settings.uses_twins else load_topics()

    @cached_property
    def differences(self) -> KnownDifferences:
        """Return the known differences of these pages, and all bundled ones."""
        if self.bundled:
            return self.known
        shipped = load_known(SHIPPED, environment().packages)
        entries = shipped.entries | self.known.entries
        causes = shipped.causes | self.known.causes
        return KnownDifferences(
            entries.values(), causes.values(), environment().packages,
            shipped={*shipped.entries} - {*self.known.entries},
        )  # fmt: skip

    @cached_property
    def patterns(self) -> KnownDifferences:
        """Return the known differences of composed views, with their patterns."""
        return load_patterns()

    def cases_of(self, topic: str) -> list[Case]:
        """Return the cases of a topic, in their order. Raises Missing."""
        if topic not in self.topics:
            raise Missing("topic", topic_address, topic, self.topics)
        return [case for case in self.cases.values() if case.topic == topic]

    def check(self) -> None:
        """Raise the problem of the apps or cases, if their files have one now."""
        if self.problem is not None:
            raise self.problem

    def find_case(self, case_id: str) -> Case:
        """Return the case with this id. Raises Missing."""
        if case_id not in self.cases:
            raise Missing("case", case_address, case_id, self.cases)
        return self.cases[case_id]

    def find_known(self, entry_id: str) -> KnownDifference:
        """Return the known difference with this id. Raises Missing."""
        entries = self.differences.entries
        if entry_id not in entries:
            raise Missing("known difference", difference_address, entry_id, entries)
        return entries[entry_id]

    def elsewhere(
        self, entry: KnownDifference, targets: tuple[TargetInfo, ...] = ()
    ) -> str:
        """Explain why these targets do not show a known difference; "" if they do."""
        key = " ".join([entry.id, *(f"{t.name}={t.spec}" for t in targets)])
        if key not in self._elsewhere:
            these = targets or self.targets
            reason = elsewhere(self.differences, entry, these, "of this page")
            self._elsewhere[key] = reason
        return self._elsewhere[key]

    def known_elsewhere(self, case: Case) -> list[KnownDifference]:
        """Return a case's known differences on other targets or versions than these."""
        about = (entry for entry in self.known if case.id in entry.cases)
        return [entry for entry in about if self.elsewhere(entry)]

    def runs_when_opened(self, case: Case) -> bool:
        """Return whether opening a page may run the case.

        A safe method changes nothing (RFC 9110 section 9.2.1), and the catalogue's own
        apps store nothing.
        """
        return self.settings.uses_twins or case.safe

    def command(self, *arguments: str) -> str:
        """Return the command that does the same as a page, without secrets."""
        return redacted_command(shlex.join(["comparison", *arguments, *self.options]))

    def command_about(self, verb: str, what: str) -> str:
        """Return the command for the page of a case or a known difference."""
        return redacted_command(command_about(verb, what, *self.options))

    @property
    def in_process(self) -> bool:
        """Return whether all targets run in process."""
        return all(target.server == IN_PROCESS for target in self.targets)

    def command_on_servers(self) -> str:
        """Return the command that serves these pages with the frameworks' own servers.

        Return "" if no target is in process.
        """
        if not any(target.server == IN_PROCESS for target in self.targets):
            return ""
        specs = [
            f"{t.name}={t.spec}{'@' if t.server == IN_PROCESS else ''}"
            for t in self.targets
        ]
        return self.serving(tuple(part for s in specs for part in ("--target", s)))

    def serving(self, targets: tuple[str, ...]) -> str:
        """Return the command that serves these pages with other targets."""
        pairs = zip(self.options[::2], self.options[1::2], strict=True)
        rest = (part for pair in pairs if pair[0] != "--target" for part in pair)
        command = shlex.join(["comparison", "serve", *targets, *rest])
        return redacted_command(command)

    def command_of_twins(self, *arguments: str) -> str:
        """Return the command for a page that sends a composed request to the twins."""
        pairs = list(zip(self.options[::2], self.options[1::2], strict=True))
        repeated = ("--known", "--timeout")
        targets = [("--target", target) for target in DEFAULT_TARGETS]
        if self.settings.uses_twins:
            targets = [pair for pair in pairs if pair[0] == "--target"]
        options = [*targets, *(pair for pair in pairs if pair[0] in repeated)]
        parts = (*arguments, *(part for pair in options for part in pair))
        return redacted_command(shlex.join(["comparison", *parts]))

    def header(self, command: str) -> RunHeader:
        """Return the header of a page that sends no requests."""
        return RunHeader(
            command=command, environment=environment(), targets=self.targets
        )

    def close(self) -> None:
        """Stop the runs and shut down every app and server."""
        self.runs.close()
        self.pool.close()
        self.twins.close()


def playground() -> Playground:
    """Return the playground of the current app."""
    found = current_app.extensions["playground"]
    assert isinstance(found, Playground)
    return found
