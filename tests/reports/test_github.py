"""GitHub annotations."""

from pathlib import Path

import pytest

from comparison import Case, Expect, Request
from comparison.cli import main
from comparison.models import RouteMismatch
from tests.project import Project, project

from .making import cases, reported

__all__ = ["project"]


def two() -> str:
    return "two"


HERE = f"file=tests/reports/test_github.py,line={two.__code__.co_firstlineno + 1}"


def test_a_difference_points_at_the_line_of_the_app() -> None:
    first, verdict = reported("github", lambda: "one", two).splitlines()
    assert first.startswith(f"::error {HERE},title=No known cause matches%3A body.::")
    assert "%0A    - body: one%0A    + body: two" in first
    assert verdict.startswith("::error title=comparison::DIFFERENT: 1 case")


def test_an_annotation_without_an_app_line_points_at_the_case() -> None:
    origin = f"{Path.cwd() / 'asked' / 'cases.toml'}:12"
    expect = Expect(status=202)
    sent = [Case("case-1", Request("GET", "/"), expect=expect, origin=origin)]
    first, verdict = reported("github", two, two, sent).splitlines()
    assert first.startswith("::error file=asked/cases.toml,line=12,title=case-1%3A ")
    assert "expected of quart: status 202, got 200" in first
    assert verdict.startswith("::error title=comparison::FAILED: 1 case")


def test_identical_responses_are_a_notice() -> None:
    (line,) = reported("github", lambda: "a", lambda: "a").splitlines()
    assert line == "::notice title=comparison::IDENTICAL: 1 case, no differences"


def test_the_same_difference_is_one_annotation() -> None:
    lines = reported("github", lambda: "one", two, cases(3)).splitlines()
    assert len(lines) == 2
    assert "%0A3 cases: case-1, case-2, case-3%0A" in lines[0]


def test_a_response_cannot_inject_a_workflow_command() -> None:
    lines = reported("github", lambda: "a", lambda: "x\n::error::gotcha").splitlines()
    assert [line for line in lines if line.startswith("::error::")] == []


def test_a_route_mismatch_is_an_error() -> None:
    lone = (RouteMismatch("/old", "GET", ("flask",), ("quart",)),)
    output = reported("github", lambda: "a", lambda: "a", route_mismatches=lone)
    line = "::error title=1 route mismatch::GET /old  in flask, not in quart"
    assert output.splitlines()[0] == line


def test_output_files_besides_annotations_use_their_suffix_format(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.app("quart", greeting="Good bye")
    assert main(["run", "--format", "github", "--output", "run.xml"]) == 1
    assert capsys.readouterr().out.startswith("::error file=shop_quart.py,line=")
    assert (project.root / "run.xml").read_text("utf-8").startswith("<?xml")
