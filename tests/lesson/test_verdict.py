"""How a lesson ends where the case was not as expected."""

from pathlib import Path

import pytest

from comparison.cli import main
from tests.project import CASES, Project, project

__all__ = ["project"]

KNOWN = """
[[known]]
id = "gone"
cause = "for a while"
cases = ["greeting"]
[known.fields]
status = { flask = 200, quart = 404 }
"""


def test_a_lesson_reports_differences_and_expectations_once(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.app("quart", greeting="Good day")
    project.write("cases.toml", f"{CASES}[case.expect]\nstatus = 202\n")
    assert main(["show", "greeting", "--mode", "table"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("Return 'Hello'") + shown.count('Return "Hello"') == 1
    assert shown.startswith("≠ greeting  GET /greeting  body\n")
    assert shown.count("    - body: Hello\n") == 1
    assert shown.count("    + body: Good day\n") == 1
    assert "expected of quart: status 202, got 200" in shown
    assert 'body = { flask = "Hello", quart = "Good day" }' in shown


def test_a_difference_with_a_cause_is_not_called_unexplained(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.app("quart", greeting="Good day")
    assert main(["show", "greeting", "--mode", "moments"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    moment = shown.partition("differ in header content-length and body? ")[2]
    assert moment.startswith("quart: `shop_quart.py:")
    assert 'flask has `return "Hello"`' in moment
    assert "Write it as in" in moment
    assert "No known difference" not in moment
    assert main(["show", "greeting", "--mode", "sides"]) == 1
    assert "quart body (app): explained above" in capsys.readouterr().out


def test_a_lesson_page_reports_expectations_and_stale_differences(
    project: Project, tmp_path: Path
) -> None:
    project.write("cases.toml", f"{CASES}[case.expect]\nstatus = 202\n")
    known = project.write("known.toml", KNOWN)
    page = tmp_path / "greeting.html"
    options = ["--known", str(known), "-q", "--output", str(page)]
    assert main(["show", "greeting", *options]) == 1
    output = page.read_text("utf-8")
    assert "<strong>Expected of quart</strong>: status 202, got 200" in output
    assert "Known difference <strong>gone</strong> no longer occurs in status" in output
