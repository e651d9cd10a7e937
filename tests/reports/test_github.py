"""GitHub annotations."""

from pathlib import Path

import pytest

from comparison.cli import main
from comparison.models import RouteMismatch
from tests.project import Project, project

from .making import cases, reported

__all__ = ["project"]


def test_a_difference_points_at_the_line_of_its_case() -> None:
    origin = f"{Path.cwd() / 'asked' / 'cases.toml'}:12"
    first, verdict = reported(
        "github", lambda: "one", lambda: "two", cases(1, origin)
    ).splitlines()
    assert first.startswith("::error file=asked/cases.toml,line=12,title=case-1%3A ")
    assert "%0A    - flask: one%0A    + quart: two" in first
    assert verdict.startswith("::error title=comparison::DIFFERENT: 1 case")


def test_equal_answers_are_a_notice() -> None:
    (line,) = reported("github", lambda: "a", lambda: "a").splitlines()
    assert line == "::notice title=comparison::IDENTICAL: 1 case, no differences"


def test_the_same_difference_is_one_annotation() -> None:
    lines = reported("github", lambda: "one", lambda: "two", cases(3)).splitlines()
    assert len(lines) == 2
    assert "body one became two on quart: 3 cases, first: case-1" in lines[0]


def test_an_answer_cannot_write_a_command() -> None:
    lines = reported("github", lambda: "a", lambda: "x\n::error::gotcha").splitlines()
    assert [line for line in lines if line.startswith("::error::")] == []


def test_rules_in_one_app_only_are_an_error() -> None:
    lone = (RouteMismatch("/old", "GET", ("flask",), ("quart",)),)
    said = reported("github", lambda: "a", lambda: "a", route_mismatches=lone)
    line = "::error title=1 route mismatch::GET /old  in flask, not in quart"
    assert said.splitlines()[0] == line


def test_files_beside_annotations_have_the_format_of_their_suffix(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.app("quart", greeting="Good bye")
    assert main(["run", "--format", "github", "--output", "run.xml"]) == 1
    assert capsys.readouterr().out.startswith("::error file=cases.toml,line=")
    assert (project.root / "run.xml").read_text("utf-8").startswith("<?xml")
