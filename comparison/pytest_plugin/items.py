"""Collect the cases of case files as items, and the comparison of url maps as another."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from comparison.cases.loader import load_file
from comparison.core.errors import ComparisonError, DocumentError
from comparison.core.escaping import visible, visible_line
from comparison.models import Case
from comparison.redaction import without_secrets
from comparison.reports.skipped import skipped_reason
from comparison.reports.wording import rule_line

from .project import FAILING, AppsDiffer, fail_with_tables, normalised, project_of

BROKEN: pytest.StashKey[str] = pytest.StashKey()


def collected(path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Make the collector of a case file, if the project lists it.

    A configuration that cannot be read causes one collection error.
    """
    if BROKEN in parent.config.stash:
        return None
    try:
        project = project_of(parent.config)
    except DocumentError as error:
        parent.config.stash[BROKEN] = str(error)
        return Unreadable.from_parent(parent, path=path)
    if not project.lists(path.resolve()):
        return None
    return CaseFile.from_parent(parent, path=path)


class Unreadable(pytest.File):
    """A file that reports a configuration that cannot be read."""

    def collect(self) -> Iterable[pytest.Item]:
        """Report what is wrong with the configuration."""
        raise self.CollectError(self.config.stash[BROKEN])


class CaseFile(pytest.File):
    """A case file, with an item for each case."""

    def collect(self) -> Iterable[pytest.Item]:
        """Collect the cases, and in the first file the url rules of the apps."""
        project = project_of(self.config)
        try:
            allowed = project.settings.allow_files
            cases = project.settings.with_project_rules(
                load_file(self.path, allow_files=allowed)
            )
        except DocumentError as error:
            raise self.CollectError(str(error)) from None
        if self.path.resolve() == project.first():
            yield RulesItem.from_parent(self, name="url-rules")
        for case in cases:
            yield CaseItem.from_parent(self, name=visible_line(case.id), case=case)


class CaseItem(pytest.Item):
    """One case, which runs on every target."""

    def __init__(self, *, case: Case, **options: Any) -> None:
        super().__init__(**options)
        self.case = case
        self.extra_keyword_matches.update((case.topic, case.title, *case.tags))

    def runtest(self) -> None:
        """Run the case; fail for a difference that no known difference explains."""
        project = project_of(self.config)
        with project.settings.hiding([self.case]):
            raw = project.runner.run(self.case)
        comparison = project.redact(raw, self)
        self.user_properties += normalised(comparison)
        if comparison.verdict == "skipped":
            pytest.skip(skipped_reason(comparison))
        if comparison.verdict in FAILING:
            fail_with_tables(comparison, self)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> Any:
        """Show the difference itself; a traceback would only show this module."""
        if isinstance(excinfo.value, AppsDiffer | ComparisonError):
            return visible(without_secrets(excinfo.value, str(excinfo.value)))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the case's place in its file."""
        line = self.case.origin.rpartition(":")[2]
        return self.path, int(line) - 1 if line.isdecimal() else None, self.name


class RulesItem(pytest.Item):
    """The item that checks that the url maps of the apps have the same rules."""

    def runtest(self) -> None:
        """Compare the url maps."""
        project = project_of(self.config)
        mismatches = project.settings.route_mismatches(project.runner.url_maps)
        if mismatches:
            raise AssertionError("\n".join(map(rule_line, mismatches)))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> Any:
        """Show the rules, without a traceback."""
        if isinstance(excinfo.value, AssertionError | ComparisonError):
            return f"rules that not every app has:\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the file: the url maps have no better place."""
        return self.path, None, self.name
