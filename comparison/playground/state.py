"""Hold what the pages share: cases, targets, known differences and the visitors' runs."""

import shlex
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from quart import current_app

from comparison.cases import Topic, load_topics
from comparison.core.errors import nearest_name
from comparison.known import IN_PROCESS, KnownDifferences
from comparison.known.models import KnownDifference
from comparison.known.observed import elsewhere
from comparison.models import Case, Environment, Normalisation, RunHeader, TargetInfo
from comparison.redaction import redacted_command
from comparison.reports.commands import command_about
from comparison.runner.environment import environment
from comparison.runner.settings import DEFAULT_TARGETS, RunSettings

from .guard import Rate
from .pool import WorkerPool
from .runs import Runs
from .visitors import Visitors


class Missing(Exception):
    """No page at `place` has this id; `name` is the nearest id, if one is similar."""

    def __init__(self, what: str, place: str, id_: str, known: Iterable[str]) -> None:
        super().__init__(f"No {what} has the id {id_!r}")
        self.place = place
        self.name = nearest_name(id_, known)


class Playground:
    """The cases, known differences, targets and runs of visitors.

    `options` are those of the command line: every command that reproduces a page repeats
    them. Raises what loading cases, known differences and targets raises.
    """

    def __init__(self, settings: RunSettings, options: tuple[str, ...] = ()) -> None:
        self.settings = settings
        self.options = options
        self.cases = {case.id: case for case in settings.load_cases()}
        self.known: KnownDifferences = settings.load_known()
        self.bundled = not (
            settings.paths or settings.given or settings.project.targets
        )
        self.pool = WorkerPool(settings, self.known, self.cases.values())
        self.targets: tuple[TargetInfo, ...] = self.pool.open()
        self.twins = self.pool if settings.uses_twins else self._twin_pool()
        self.runs = Runs(settings, self.known)
        self.visitors = Visitors()
        self.rate = Rate()
        self._elsewhere: dict[str, str] = {}
        if self.bundled:
            every = tuple(self.cases.values())
            self.runs.start("all cases", every, self.command("run"), startup=True)

    def _twin_pool(self) -> WorkerPool:
        settings = self.settings
        twins = RunSettings(DEFAULT_TARGETS, (), (), settings.timeout, settings.project)
        return WorkerPool(twins, self.known)

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

    def find_case(self, case_id: str) -> Case:
        """Return the case with this id. Raises Missing."""
        if case_id not in self.cases:
            raise Missing("case", "/cases", case_id, self.cases)
        return self.cases[case_id]

    def find_known(self, entry_id: str) -> KnownDifference:
        """Return the known difference with this id. Raises Missing."""
        if entry_id not in self.known.entries:
            place = "/differences"
            raise Missing("known difference", place, entry_id, self.known.entries)
        return self.known.entries[entry_id]

    def elsewhere(self, entry: KnownDifference) -> str:
        """Explain why these targets do not show a known difference; "" if they do."""
        if entry.id not in self._elsewhere:
            reason = elsewhere(self.known, entry, self.targets, "of this page")
            self._elsewhere[entry.id] = reason
        return self._elsewhere[entry.id]

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

    def header(
        self, command: str, normalisations: tuple[Normalisation, ...] = ()
    ) -> RunHeader:
        """Return the header of a page that sends no requests."""
        made_with: Environment = environment()
        return RunHeader(
            command=command,
            environment=made_with,
            targets=self.targets,
            normalisations=normalisations,
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
