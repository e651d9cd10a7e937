"""Regular expressions and queries that would take for ever are errors instead."""

import re

import pytest

from comparison import Case, Request, compare
from comparison.cli import main
from comparison.core import json_path, regexp
from comparison.models import Capture
from tests.apps import app_of
from tests.project import Project, project

__all__ = ["project"]

SLOW = "(a|aa)+$"
TEXT = "a" * 60 + "!"
VIEW = """
    @app.get("/slow")
    def slow():
        return {{"x": "{text}{end}"}}
"""
CASE = """
    [[case]]
    id = "slow"
    [case.request]
    path = "/slow"
"""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regexp, "LIMIT", 0.02)
    monkeypatch.setattr(json_path, "NODES", 2000)


@pytest.fixture
def slow_project(project: Project) -> Project:
    for framework in ("flask", "quart"):
        view = VIEW.format(text=TEXT, end=framework).strip()
        project.app(framework, more=view)
    return project


def test_a_slow_match_is_an_error_that_names_the_case(
    slow_project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    match = f'normalisations.match = {{ "/x" = {{ matches = "{SLOW}" }} }}\n'
    slow_project.write("cases.toml", CASE.replace("[case.r", f"{match}    [case.r"))
    assert main(["run"]) == 2
    output = capsys.readouterr().err
    assert "cases.toml:1: normalisations: the regular expression '(a|aa)+$'" in output
    assert "Write it so that it can match in one way only" in output


def test_a_slow_known_difference_is_an_error_that_names_its_line(
    slow_project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    slow_project.write("cases.toml", CASE)
    known = slow_project.write(
        "known.toml",
        f"""
        [[known]]
        id = "other"
        cause = "Somebody else."
        cases = ["other"]
        fields = {{ status = {{ flask = 200, quart = 201 }} }}

        [[known]]
        id = "slow"
        cause = "It says who it is."
        cases = ["slow"]
        [known.fields.body]
        flask = {{ matches = "{SLOW}" }}
        quart = {{ matches = "quart" }}
        """,
    )
    assert main(["run", "--known", str(known)]) == 2
    output = capsys.readouterr().err
    assert "known.toml:7: known difference 'slow': fields.body: the regular" in output


@pytest.mark.slow
def test_a_slow_capture_fails_its_case(
    slow_project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    slow_project.write(
        "cases.toml", f'{CASE}capture = {{ a = {{ regex = "{SLOW}" }} }}'
    )
    assert main(["run", "--timeout", "300"]) == 1
    assert "takes longer than" in " ".join(capsys.readouterr().out.split())


def test_a_query_visits_a_limited_number_of_nodes() -> None:
    deep: list[object] = []
    for _ in range(60):
        deep = [deep]
    with pytest.raises(json_path.QueryTooSlow, match="nodes"):
        json_path.first("$..*..*..*..*..nothing", deep)
    wide: dict[str, object] = {}
    for _ in range(60):
        wide = {"a": wide, "b": wide}
    with pytest.raises(json_path.QueryTooSlow, match="nodes"):
        json_path.first("$..nothing", wide)


def test_a_query_in_a_filter_visits_a_limited_number_of_nodes() -> None:
    deep: list[object] = []
    for _ in range(60):
        deep = [deep]
    with pytest.raises(json_path.QueryTooSlow, match="nodes"):
        json_path.first("$[?@..*..*..*..*..nothing]", [deep])


def test_a_regex_in_a_filter_has_the_time_limit_of_a_capture() -> None:
    query = f"$[?search(@, '{SLOW}')]"
    with pytest.raises(json_path.QueryTooSlow, match="longer than"):
        json_path.first(query, [TEXT])
    assert json_path.first("$[?match(@, 'b+')]", ["a", "bb"]) == ["bb"]
    assert json_path.first("$[?search(@, 'a{99999999999}')]", ["a"]) == []


@pytest.mark.slow
def test_a_query_that_is_too_slow_fails_its_case() -> None:
    apps = [app_of(f, lambda: [TEXT]) for f in ("flask", "quart")]
    capture = {"a": Capture(json=f"$[?search(@, '{SLOW}')]")}
    case = Case("c", Request("GET", "/", capture=capture))
    # The limit is in processor time, which takes longer on a busy machine.
    (found,) = compare(*apps, [case], timeout=300)
    assert found.verdict == "failed"
    assert "takes longer" in found.expectation.failures[0].actual


# https://docs.python.org/3/library/re.html#regular-expression-syntax: a brace that
# begins no repetition is itself, and so is a bracket in a set.
LITERAL = {
    "/{id}": "/{id}",
    "x{e}": "x{e}",
    "a{i<=2}": "a{i<=2}",
    "{}": "{}",
    "[[:alpha:]]": ":]",
    "[]a[]": "[",
    r"\N{DIGIT ONE}": "1",
    r"[\]{]": "{",
}


@pytest.mark.parametrize("pattern", LITERAL)
def test_a_pattern_matches_as_in_re(pattern: str) -> None:
    text = LITERAL[pattern]
    found = regexp.search(f"^(?:{pattern})$", text)
    assert found and found[0] == text
    assert regexp.search(pattern, "~") is None


@pytest.mark.parametrize(
    "pattern", ["a{2}", "a{,2}", "a{1,}", "(?P<n>a)(?P=n)", r"\w+?"]
)
def test_a_repetition_matches_as_in_re(pattern: str) -> None:
    expected = re.compile(pattern, re.DOTALL).search("aaa")
    found = regexp.search(pattern, "aaa")
    assert expected and found.span() == expected.span()


@pytest.mark.parametrize("pattern", ["a{99999999999}", "(", "(" * 5000 + ")" * 5000])
def test_an_invalid_regex_is_reported_with_its_location(
    project: Project, capsys: pytest.CaptureFixture[str], pattern: str
) -> None:
    project.write("cases.toml", f'{CASE}capture = {{ a = {{ regex = "{pattern}" }} }}')
    assert main(["run"]) == 2
    assert "cases.toml:5: request.capture.a: regex is not a" in capsys.readouterr().err
