"""`check`: run a baseline's cases on its targets again and report changes.

The header of a baseline has its targets, case files and known differences. Options of
the command replace them.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

import msgspec
from msgspec import UNSET

from comparison.cases import select_cases
from comparison.core.errors import NoCaseSelected, UsageError
from comparison.core.plural import counted
from comparison.models import Case, Comparison, RunHeader, Selection
from comparison.redaction import PLACEHOLDER
from comparison.reports.wording import environment_line
from comparison.runner.config import find_project
from comparison.runner.settings import RunSettings

from .baseline import Baseline

Say = Callable[[str], None]


def rerun_settings(
    baseline: Baseline,
    targets: tuple[str, ...],
    paths: tuple[str, ...],
    known: tuple[str, ...],
    timeout: float | None,
    allow_files: bool,
) -> RunSettings:
    """Return the settings to run a baseline again.

    Raises UsageError if one of its files no longer exists, or if the given targets have
    no recorded responses.
    """
    project = find_project()
    if (selection := baseline.header.selection) is not UNSET:
        given = {"cases": paths, "known": known}
        for option, found in (("cases", selection.cases), ("known", selection.known)):
            for name in () if given[option] else found:
                if not (project.root / name).exists():
                    raise UsageError(
                        f"{baseline.path}: was recorded with --{option} {name}, which"
                        f" does not exist here; give --{option}"
                    )
        config = msgspec.structs.replace(
            project.config, cases=selection.cases, known=selection.known
        )
        project = msgspec.structs.replace(project, config=config)
    return RunSettings(
        _targets(baseline, targets, project.targets), paths, known, timeout, project,
        allow_files=allow_files,
    )  # fmt: skip


def _targets(
    baseline: Baseline, given: tuple[str, ...], project: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the targets for `--target`; none if the project has the same targets."""
    infos = baseline.header.targets
    recorded = tuple(f"{info.name}={info.spec}" for info in infos)
    if not given:
        if any(PLACEHOLDER.search(info.spec) for info in infos):
            raise UsageError(
                f"{baseline.path}: the URL of a target has a secret, which is not saved;"
                " give --target"
            )
        return () if recorded == project else recorded
    then = [info.name for info in infos]
    now = [each.partition("=")[0] for each in given]
    if len(then) != len(now) or (len(then) > 1 and then != now):
        raise UsageError(
            f"{baseline.path}: has the responses of {' and '.join(then)}; give a --target"
            " for each, in this order, or none"
        )
    return given


class Chosen(msgspec.Struct, frozen=True):
    """The recorded cases that run, and the ids of the other cases.

    `skipped` are recorded but not selected. `removed` are recorded but no longer in a case
    file. `added` are in a case file but not recorded.
    """

    cases: Sequence[Case]
    skipped: Sequence[str]
    removed: Sequence[str]
    added: Sequence[str]


def choose(baseline: Baseline, every: Iterable[Case], expression: str | None) -> Chosen:
    """Select from the recorded cases. Raises NoCaseSelected if none is left."""
    every = list(every)
    recorded = [case for case in every if case.id in baseline.problems]
    if not recorded and baseline.problems:
        raise NoCaseSelected(
            f"{baseline.path}: none of its {_counted(baseline.problems)} exists"
            " any more; record it again, or give"
            " --cases"
        )
    cases = select_cases(recorded, expression)
    selection = baseline.header.selection
    added: Iterable[Case] = ()
    if not baseline.header.shard and selection is not UNSET:
        added = _matching(every, selection)
    ids = {case.id for case in every}
    chosen = {case.id for case in cases}
    return Chosen(
        list(cases),
        [case.id for case in recorded if case.id not in chosen],
        [case for case in baseline.problems if case not in ids],
        [case.id for case in added if case.id not in baseline.problems],
    )


def _matching(every: Sequence[Case], selection: Selection) -> Iterable[Case]:
    try:
        return select_cases(every, selection.expression)
    except NoCaseSelected:
        return ()


def _few(ids: Iterable[str]) -> str:
    first, *others = sorted(ids)
    more = ", …" if len(others) > 2 else ""
    return f"{', '.join([first, *others[:2]])}{more}"


def _counted(ids: Collection[str]) -> str:
    return f"{counted(len(ids), 'case')} ({_few(ids)})"


class CheckReport:
    """Prints one line for each change, and the number of changes."""

    def __init__(
        self, baseline: Baseline, chosen: Chosen, say: Say, quiet: bool = False
    ) -> None:
        self.baseline = baseline
        self.chosen = chosen
        self.say = say
        self.quiet = quiet
        self.new = self.fixed = self.same = 0

    @property
    def exit_code(self) -> int:
        """1 if anything is new, else 0."""
        return 1 if self.new else 0

    def begin(self, header: RunHeader) -> None:
        """Print both environments if they are not equal."""
        then, now = environment_line(self.baseline.header), environment_line(header)
        if then != now and not self.quiet:
            self.say(f"recorded with {then}")
            self.say(f"checked with  {now}")
        for change in self.baseline.rule_changes(header.route_mismatches):
            self._line(change.new, "url-rules", change.what)

    def add(self, comparison: Comparison) -> None:
        """Print the changes of one case."""
        case = comparison.case.id
        changes = self.baseline.changes(comparison)
        for change in changes:
            self._line(change.new, case, change.what)
        self.same += not changes

    def end(self, header: RunHeader) -> None:
        """Print the cases that did not run, and the verdict."""
        if not self.quiet:
            self._others()
        verdict = "CHANGED" if self.new else "AS RECORDED"
        same = counted(self.same, "case")
        counts = f"{self.new} new, {self.fixed} fixed, {same} unchanged"
        interrupted = " (interrupted)" if header.interrupted else ""
        self.say(f"{verdict}: {counts}{interrupted}")

    def _others(self) -> None:
        if removed := self.chosen.removed:
            again = "record the baseline again to remove them"
            self.say(f"no longer in a case file: {_counted(removed)}; {again}")
        if skipped := self.chosen.skipped:
            self.say(f"not selected: {_counted(skipped)}")
        if added := self.chosen.added:
            again = "record it again to add them"
            self.say(f"not in the baseline: {_counted(added)}; {again}")

    def _line(self, new: bool, case: str, what: str) -> None:
        self.new += new
        self.fixed += not new
        if new or not self.quiet:
            self.say(f"{'+ new  ' if new else '- fixed'}  {case}  {what}")
