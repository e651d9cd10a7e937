"""pytest: a `compare_apps` fixture, and case files collected as test items.

    def test_greeting(compare_apps):
        compare_apps("/greeting")

Both apps come from `[tool.comparison]`, or from a fixture `comparison_targets` that
returns apps, factories or SPECs by name. The plugin collects the case files that
`[tool.comparison]` lists. Each case is an item, so that `-k`, `-x`, `--lf` and `-n` work.

The plugin calls a marked test with requests from the url map of the reference:

    @pytest.mark.generated_requests(examples=200, methods=["GET", "POST"], rules="/orders*")
    def test_orders(compare_apps, generated_request):
        compare_apps(generated_request)

The plugin imports nothing else of this package until a test uses one of these.
"""

import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

GENERATED = (
    'generated_requests(examples=100, seed=0, methods=("GET",),'
    ' rules="*"): call the test with requests from the url map of the reference'
)
NORMALISED = "normalisation "  # `project` uses the same prefix, but is slow to import.


def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> pytest.File | None:
    """Collect the case files that the project's configuration lists."""
    if file_path.suffix != ".toml":
        return None
    from .items import collected

    return collected(file_path, parent)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remove secrets from the output of the apps that pytest captured."""
    report = yield
    if (project := _project()) is not None:
        project.hide_captured(item, report)
    return report


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option group of this plugin."""
    parser.getgroup("comparison").addoption(
        "--comparison-allow-files",
        action="store_true",
        help="Let cases send files from outside the project's folder.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", GENERATED)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Call a marked test once for each generated request."""
    marker = pyfuncitem.get_closest_marker("generated_requests")
    if marker is None:
        return None
    from .generated import call_generated

    call_generated(pyfuncitem, marker)
    return True


@pytest.fixture
def generated_request(request: pytest.FixtureRequest) -> Any:
    """The request for a test that is marked `generated_requests`."""
    if request.node.get_closest_marker("generated_requests") is None:
        pytest.fail("generated_request is for tests marked generated_requests", False)


@pytest.fixture(scope="session")
def comparison_targets() -> Mapping[str, Any] | None:
    """The targets of `compare_apps`, by name; None for those of the configuration."""
    return None


@pytest.fixture
def compare_apps(
    request: pytest.FixtureRequest, comparison_targets: Mapping[str, Any] | None
) -> Iterator[Callable[..., Any]]:
    """Run a path, a `Request` or a `Case` on both apps; fail the test if they differ.

    Keywords are those of a request (`method`, `json`, `headers`, ...) and `expect`, an
    `Expect` or its fields in a dict. The function returns the `Comparison`.
    """
    from .fixture import comparing

    with comparing(request, comparison_targets) as compare:
        yield compare


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Report how often each normalisation was needed."""
    counts: dict[str, int] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for name, needed in report.user_properties:
                    if str(name).startswith(NORMALISED):
                        rule = name.removeprefix(NORMALISED)
                        counts[rule] = counts.get(rule, 0) + bool(needed)
    if counts:
        terminalreporter.section("comparison: normalisations")
    for rule, number in sorted(counts.items()):
        applied = f"applied in {number}" if number else "never applied"
        terminalreporter.write_line(f"{rule}: {applied}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Shut down the apps that we loaded."""
    if (project := _project()) is not None:
        project.close(session.config)


def _project() -> Any:
    """Return the module `project`, if a test has used it."""
    return sys.modules.get("comparison.pytest_plugin.project")
