"""The project of a pytest run: its apps, and the failures of its tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest

from comparison.core.errors import UsageError
from comparison.models import Comparison
from comparison.redaction import Replacing, redacted, replacing
from comparison.reports.failure import failure_tables, failure_text
from comparison.runner.config import find_project
from comparison.runner.engine import CaseRunner
from comparison.runner.settings import RunSettings

FAILING = ("different", "failed")


class AppsDiffer(AssertionError):
    """The apps of `compare_apps` differ; `comparison` has the differences."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        super().__init__(failure_text(comparison))


def normalised(comparison: Comparison) -> list[tuple[str, bool]]:
    """Return each rule of the case, and whether the comparison needed it.

    They become properties of the test, because pytest-xdist passes these from workers to
    the plugin, which counts them.
    """
    rules = comparison.case.normalisations
    names = () if rules is None else rules.names()
    return [(f"normalisation {name}", name in comparison.normalised) for name in names]


def fail_with_tables(comparison: Comparison, item: pytest.Item) -> NoReturn:
    """Fail an item whose apps differ; its report also shows their execution tables."""
    __tracebackhide__ = True
    for name, table in failure_tables(comparison):
        item.add_report_section("call", f"execution table: {name}", table)
    raise AppsDiffer(comparison)


class Project:
    """The project of one pytest run; it loads its apps for the first case."""

    def __init__(self, root: Path, *, allow_files: bool = False) -> None:
        project = find_project(root)
        self.settings = RunSettings((), (), (), None, project, allow_files)
        self.listed = [Path(path).resolve() for path in self.settings.paths]
        self._runner: CaseRunner | None = None

    @property
    def runner(self) -> CaseRunner:
        """Runs cases on the configured targets. Raises ComparisonError."""
        if self._runner is None:
            if not self.settings.project.targets:
                raise UsageError(
                    "no targets: give them in [tool.comparison.targets] of"
                    " pyproject.toml, or by a fixture named comparison_targets"
                )
            targets = self.settings.load_targets()
            with self.settings.located():
                self._runner = self.runner_for(targets)
        return self._runner

    def runner_for(self, targets: Mapping[str, Any]) -> CaseRunner:
        """Make a runner for these targets, with the project's known differences."""
        known = self.settings.load_known(bundled=False)
        # The apps run in this process, so that tests can patch them and coverage works.
        return CaseRunner(
            targets, known, self.settings.timeout, url_maps=True, local=True
        )

    def lists(self, path: Path) -> bool:
        """Return True if the configuration lists this case file or its folder."""
        return path in self.listed or path.parent in self.listed

    def first(self) -> Path | None:
        """Find the first case file, which reports differences of the apps as a whole."""
        for path in self.listed:
            for file in sorted(path.glob("*.toml")) if path.is_dir() else [path]:
                return file
        return None

    def redact(self, comparison: Comparison, item: pytest.Item) -> Comparison:
        """Remove the secrets from a comparison, for the failure of an item."""
        if not self.settings.project.config.redact:
            return comparison
        secrets = self.settings.secrets
        if (replace := replacing(comparison, secrets)) is not None:
            item.stash[REPLACING] = replace
        return redacted(comparison, secrets)

    def close(self) -> None:
        """Shut the apps down."""
        if self._runner is not None:
            self._runner.close()


ALLOW_FILES = "--comparison-allow-files"
KEY: pytest.StashKey[Project] = pytest.StashKey()
REPLACING: pytest.StashKey[Replacing] = pytest.StashKey()


def project_of(config: pytest.Config) -> Project:
    """Find the project of the root folder of a pytest run."""
    if KEY not in config.stash:
        config.stash[KEY] = Project(
            config.rootpath, allow_files=config.getoption(ALLOW_FILES)
        )
    return config.stash[KEY]


def close(config: pytest.Config) -> None:
    """Shut down the apps of a pytest run, if it loaded any."""
    if KEY in config.stash:
        config.stash[KEY].close()


def hide_captured(item: pytest.Item, report: pytest.TestReport) -> None:
    """Remove secrets from the logs and output of the apps that pytest captured."""
    if (replace := item.stash.get(REPLACING, None)) is not None:
        report.sections = [(name, replace(text)) for name, text in report.sections]
