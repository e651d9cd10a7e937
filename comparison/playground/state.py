"""What the pages share: what is asked, whom, and what was asked until now."""

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
from comparison.reports.showing import command_about
from comparison.runner.environment import environment
from comparison.runner.settings import DEFAULT_TARGETS, RunSettings

from .desk import Desks
from .limits import Rate
from .runs import Runs
from .visitors import Visitors


class Missing(Exception):
    """There is no such page at `place`; `name` is the nearest one, if one is near."""

    def __init__(
        self, what: str, place: str, wanted: str, known: Iterable[str]
    ) -> None:
        super().__init__(f"There is no {what} {wanted!r}")
        self.place = place
        self.name = nearest_name(wanted, known)


class Playground:
    """Cases, known differences, targets, and the runs of visitors.

    `options` are those of the command line, as they are part of every command that
    reproduces something. Raises what loading cases, known differences and targets does.
    """

    def __init__(self, asking: RunSettings, options: tuple[str, ...] = ()) -> None:
        self.asking = asking
        self.options = options
        self.cases = {case.id: case for case in asking.load_cases()}
        self.known: KnownDifferences = asking.load_known()
        self.ours = not (asking.paths or asking.given or asking.project.targets)
        self.desks = Desks(asking, self.known, self.cases.values())
        self.targets: tuple[TargetInfo, ...] = self.desks.open()
        self.twins = self.desks if asking.asks_twins else self._of_twins()
        self.runs = Runs(asking, self.known)
        self.visitors = Visitors()
        self.rate = Rate()
        self._elsewhere: dict[str, str] = {}
        if self.ours:
            every = tuple(self.cases.values())
            self.runs.start("all cases", every, self.command("run"), standing=True)

    def _of_twins(self) -> Desks:
        asking = self.asking
        twins = RunSettings(DEFAULT_TARGETS, (), (), asking.timeout, asking.project)
        return Desks(twins, self.known)

    @cached_property
    def topics(self) -> Mapping[str, Topic]:
        """The topics that the cases have, by name, in the order of the cases."""
        found: dict[str, Topic] = {}
        for path in self.asking.paths or ():
            found.update(load_topics(Path(path)))
        if not self.asking.paths:
            found = load_topics()
        names = dict.fromkeys(case.topic for case in self.cases.values())
        return {name: found.get(name, Topic()) for name in names}

    def find_case(self, case_id: str) -> Case:
        """The case with this id. Raises Missing."""
        if case_id not in self.cases:
            raise Missing("case", "/cases", case_id, self.cases)
        return self.cases[case_id]

    def find_known(self, entry_id: str) -> KnownDifference:
        """The known difference with this id. Raises Missing."""
        if entry_id not in self.known.entries:
            place = "/differences"
            raise Missing("known difference", place, entry_id, self.known.entries)
        return self.known.entries[entry_id]

    def elsewhere(self, entry: KnownDifference) -> str:
        """Why a known difference is not seen on these targets; empty if it is."""
        if entry.id not in self._elsewhere:
            reason = elsewhere(self.known, entry, self.targets, "of this page")
            self._elsewhere[entry.id] = reason
        return self._elsewhere[entry.id]

    def known_elsewhere(self, case: Case) -> list[KnownDifference]:
        """What is known of a case on other targets or with other versions than these."""
        about = (entry for entry in self.known if case.id in entry.cases)
        return [entry for entry in about if self.elsewhere(entry)]

    def asked_on_sight(self, case: Case) -> bool:
        """Whether opening a page may ask the case.

        What a safe method does is nobody's business but the reader's (RFC 9110 section
        9.2.1), and the catalogue's own apps keep nothing.
        """
        return self.asking.asks_twins or case.safe

    def command(self, *arguments: str) -> str:
        """The command that does the same as a page, without secrets."""
        return redacted_command(shlex.join(["comparison", *arguments, *self.options]))

    def command_about(self, verb: str, what: str) -> str:
        """The same of a page that is about a case or a known difference."""
        return redacted_command(command_about(verb, what, *self.options))

    @property
    def in_process(self) -> bool:
        """Whether no target is on a server."""
        return all(target.server == IN_PROCESS for target in self.targets)

    def command_on_servers(self) -> str:
        """The command that serves these pages on the servers that frameworks bring.

        Empty where no target is in process.
        """
        if not any(target.server == IN_PROCESS for target in self.targets):
            return ""
        specs = [
            f"{t.name}={t.spec}{'@' if t.server == IN_PROCESS else ''}"
            for t in self.targets
        ]
        return self.serving(tuple(part for s in specs for part in ("--target", s)))

    def serving(self, targets: tuple[str, ...]) -> str:
        """The command that serves these pages on other targets, given as options."""
        pairs = zip(self.options[::2], self.options[1::2], strict=True)
        kept = (part for pair in pairs if pair[0] != "--target" for part in pair)
        command = shlex.join(["comparison", "serve", *targets, *kept])
        return redacted_command(command)

    def command_of_twins(self, *arguments: str) -> str:
        """The same of a page that asks the twins something of its own."""
        pairs = list(zip(self.options[::2], self.options[1::2], strict=True))
        kept = ("--known", "--timeout")
        targets = [("--target", target) for target in DEFAULT_TARGETS]
        if self.asking.asks_twins:
            targets = [pair for pair in pairs if pair[0] == "--target"]
        options = [*targets, *(pair for pair in pairs if pair[0] in kept)]
        parts = (*arguments, *(part for pair in options for part in pair))
        return redacted_command(shlex.join(["comparison", *parts]))

    def header(
        self, command: str, normalisations: tuple[Normalisation, ...] = ()
    ) -> RunHeader:
        """What a page that asks nothing is made with."""
        made_with: Environment = environment()
        return RunHeader(
            command=command,
            environment=made_with,
            targets=self.targets,
            normalisations=normalisations,
        )

    def close(self) -> None:
        """Stop what goes on, and shut every app and server down."""
        self.runs.close()
        self.desks.close()
        self.twins.close()


def playground() -> Playground:
    """The playground of the page that is being made."""
    found = current_app.extensions["playground"]
    assert isinstance(found, Playground)
    return found
