"""The items of the pytest plugin, and the function of its fixture."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comparison.cases.loader import load_file
from comparison.core.errors import ComparisonError, DocumentError, UsageError, nearest
from comparison.core.escaping import visible, visible_line
from comparison.core.validation import validation_errors
from comparison.models import Case, Comparison, Expect, Request
from comparison.redaction import Replacing, redacted, replacing, without_secrets
from comparison.reports.failure import failure_tables, failure_text
from comparison.reports.wording import rule_line
from comparison.runner.config import find_project
from comparison.runner.engine import CaseRunner
from comparison.runner.settings import RunSettings
from comparison.targets import Target, resolve_target

FAILING = ("different", "failed")
GENERATING = ("examples", "seed", "methods", "rules")


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
        if (replace := replacing(comparison)) is not None:
            item.stash[REPLACING] = replace
        return redacted(comparison)

    def close(self) -> None:
        """Shut the apps down."""
        if self._runner is not None:
            self._runner.close()


ALLOW_FILES = "--comparison-allow-files"
KEY: pytest.StashKey[Project] = pytest.StashKey()
BROKEN: pytest.StashKey[str] = pytest.StashKey()
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
        if comparison.verdict in FAILING:
            for name, table in failure_tables(comparison):
                self.add_report_section("call", f"execution table: {name}", table)
            raise AppsDiffer(comparison)

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


@contextmanager
def comparing(
    request: pytest.FixtureRequest, targets: Mapping[str, Any] | None
) -> Iterator[Callable[..., Comparison]]:
    """Provide the function of `compare_apps`, and shut down its own apps afterwards."""
    project = project_of(request.config)
    own: CaseRunner | None = None
    if targets is not None:
        resolved = {name: resolve_target(what, name) for name, what in targets.items()}
        own = project.runner_for(resolved)

    def compare_apps(
        what: str | Request | Case, *, expect: Any = None, **fields: Any
    ) -> Comparison:
        __tracebackhide__ = True
        case = _case(what, expect, fields, request.node.name)
        (case,) = project.settings.with_project_rules([case])
        with project.settings.hiding([case]):
            comparison = (own or project.runner).run(case)
        request.node.user_properties += normalised(comparison)
        if comparison.verdict in FAILING:
            shown = project.redact(comparison, request.node)
            for name, table in failure_tables(shown):
                title = f"execution table: {name}"
                request.node.add_report_section("call", title, table)
            raise AppsDiffer(shown)
        return comparison

    def reference() -> Target:
        return next(iter((own or project.runner).targets.values()))

    compare_apps.reference = reference  # type: ignore[attr-defined]
    try:
        yield compare_apps
    finally:
        if own is not None:
            own.close()


def call_generated(item: pytest.Function, marker: pytest.Mark) -> None:
    """Call a test with requests from the url map of the reference of `compare_apps`.

    The marker has keywords: the number of `examples` (100), the `seed` (0), the `methods`,
    and the `rules` (a shell pattern). Of the requests that fail the test, the report shows
    the smallest. Raises UsageError for other keywords, a test without the fixtures, or a
    reference without a url map. Raises it too if Hypothesis is missing.
    """
    if marker.args:
        raise UsageError(f"generated_requests takes {', '.join(GENERATING)} by name")
    for name in marker.kwargs:
        if name not in GENERATING:
            hint = nearest(name, GENERATING)
            raise UsageError(f"generated_requests takes no {name!r}{hint}")
    what = {"examples": 100, "seed": 0, **marker.kwargs}
    examples, seed = what.pop("examples"), what.pop("seed")
    if not isinstance(examples, int) or examples < 1:
        raise UsageError(
            f"generated_requests: examples must be 1 or more: {examples!r}"
        )
    try:
        import hypothesis

        from comparison.studies.fuzz.requests import requests
    except ModuleNotFoundError as error:
        raise UsageError(
            "generated_requests needs Hypothesis:"
            " pip install 'flask-quart-comparison[fuzz]'"
        ) from error
    names = inspect.signature(item.obj).parameters
    arguments = {name: item.funcargs[name] for name in names if name in item.funcargs}
    compare_apps: Any = arguments.get("compare_apps")
    if compare_apps is None or "generated_request" not in arguments:
        raise UsageError(
            "a test marked generated_requests takes compare_apps and generated_request"
        )
    target = compare_apps.reference()
    app = getattr(target.in_process() or target, "app", None)
    if not hasattr(app, "url_map"):
        raise UsageError(f"{target.spec}: has no url map to make requests from")
    sections = len(item._report_sections)  # noqa: SLF001

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples, database=None, deadline=None,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(requests(app, **what))
    def once(request: Request) -> None:
        # Hypothesis runs the smallest failing request last. We report only that one.
        del item._report_sections[sections:]  # noqa: SLF001
        item.obj(**{**arguments, "generated_request": request})

    once()


def _case(
    what: str | Request | Case, expect: Any, fields: dict[str, Any], name: str
) -> Case:
    __tracebackhide__ = True
    if isinstance(what, str):
        converted: Request | Case = _converted({"path": what, **fields}, Request)
    elif fields:
        raise TypeError(f"a {type(what).__name__} already says {', '.join(fields)}")
    else:
        converted = what
    case = (
        converted if isinstance(converted, Case) else Case(name, converted, title=name)
    )
    if isinstance(expect, dict):
        expect = _converted(expect, Expect)
    return case if expect is None else msgspec.structs.replace(case, expect=expect)


def _converted(fields: dict[str, Any], type_: Any) -> Any:
    """Convert the fields of a case file. Raises UsageError that says what is wrong."""
    __tracebackhide__ = True
    try:
        return msgspec.convert(fields, type_)
    except (msgspec.ValidationError, RecursionError):
        messages = [
            ": ".join(filter(None, [".".join(map(str, at)), message]))
            for at, message in validation_errors(fields, type_)
        ]
        raise UsageError("\n".join(messages)) from None
