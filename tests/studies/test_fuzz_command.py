"""`comparison fuzz`: what it prints and writes, and how it ends."""

import json
import sys
from pathlib import Path

import pytest

import comparison.studies.fuzz.command
from comparison import load_cases
from comparison.cli import main
from comparison.core.errors import UsageError
from comparison.studies.fuzz.command import parse_time, specs_of
from comparison.targets import resolve_targets
from tests.project import Project, project

__all__ = ["project"]

pytestmark = pytest.mark.usefixtures("quiet")


def run(*arguments: str) -> int:
    return main(["fuzz", "--database", "", "-q", *arguments])


EMPTY = "schema_version = 1\n"


@pytest.fixture
def empty(tmp_path: Path) -> str:
    path = tmp_path / "empty.toml"
    path.write_text(EMPTY)
    return str(path)


@pytest.mark.slow
def test_a_search_without_new_findings_is_exit_code_0(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--examples", "60") == 0
    out = capsys.readouterr().out
    assert "nothing new" in out
    assert "in 60 examples" in out
    assert "body: none given" in out


@pytest.mark.slow
def test_a_new_finding_is_printed_in_full_with_exit_code_1(
    empty: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.toml"
    options = ("--examples", "6", "--known", empty, "--write-cases", str(kept))
    assert run(*options, "--format", "json") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["exit_code"] == 1
    assert report["findings"]
    for finding in report["findings"]:
        assert finding["path"].startswith("/composed")
        assert set(finding["sources"]) == {"flask", "quart"}
        assert "[[case]]" in finding["case"]
    paths = {finding["path"] for finding in report["findings"]}
    cases = load_cases(kept)
    assert {case.request.path for case in cases} == paths

    before = kept.read_text("utf-8")
    assert run(*options) == 1
    assert kept.read_text("utf-8") == before
    out = capsys.readouterr().out
    assert "from quart import Quart" in out and "[[case]]" in out
    assert run(*options, "--format", "md") == 1
    assert "```python\nfrom flask import Flask" in capsys.readouterr().out


def test_cases_are_added_to_those_of_a_file(empty: str, tmp_path: Path) -> None:
    kept = tmp_path / "mine.toml"
    mine = '[[case]]\nid = "mine"\n[case.request]\npath = "/composed"\n'
    kept.write_text(EMPTY + mine)
    run("--examples", "12", "--known", empty, "--write-cases", str(kept))
    cases = load_cases(kept)
    assert cases[0].id == "mine" and len(cases) > 1


def test_targets_without_the_described_view_route_are_rejected(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    targets = ["--target", "a=shop_flask", "--target", "b=shop_quart"]
    assert run(*targets, "--examples", "5") == 2
    assert "none answers GET /composed" in capsys.readouterr().err
    twins = ["--target", "a=flask_app", "--target", "b=flask_app"]
    assert run(*twins, "--examples", "5") == 0


@pytest.mark.parametrize("text", ["", "0", "-1s", "1d", "s", "1 s"])
def test_a_malformed_time_is_rejected(text: str) -> None:
    with pytest.raises(UsageError, match="--time"):
        parse_time(text)


def test_stacks_are_targets() -> None:
    stacks = ["flask+waitress", "quart+hypercorn"]
    assert specs_of(stacks) == [
        "flask+waitress=flask_app@waitress", "quart+hypercorn=quart_app@hypercorn"
    ]  # fmt: skip
    with pytest.raises(UsageError, match="two stacks"):
        specs_of(stacks[:1])


def test_the_default_targets_have_only_described_view_routes() -> None:
    targets = resolve_targets(specs_of(()))
    assert [target.info().framework for target in targets.values()] == list(targets)
    for target in targets.values():
        paths = {rule.rule for rule in target.app.url_map.iter_rules()}  # type: ignore[attr-defined]
        assert "/composed/handled/async" in paths
        assert all(path.startswith(("/composed", "/static/")) for path in paths)


def test_invalid_options_are_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--time", "soon") == 2
    assert run("--known", str(tmp_path / "missing.toml")) == 2
    assert run("--write-cases", str(tmp_path / "nowhere" / "cases.toml")) == 2
    assert run("--stack", "flask+waitress", "--target", "a=flask_app") == 2
    assert "not both" in capsys.readouterr().err


def test_a_missing_hypothesis_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] == "hypothesis"]:
        monkeypatch.delitem(sys.modules, name)
    # The package gets a new module as its attribute, which must not stay.
    monkeypatch.setattr(comparison.studies, "fuzz", comparison.studies.fuzz)
    for name in [n for n in sys.modules if n.startswith("comparison.studies.fuzz")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    assert run() == 2
    assert "flask-quart-comparison[fuzz]" in capsys.readouterr().err


def test_a_pattern_without_conditions_is_rejected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = tmp_path / "known.toml"
    known.write_text(
        '[[pattern]]\nid = "a"\ncause = "b"\nfield = "*"\nkind = "*"\nwhen = {}\n'
    )
    assert run("--known", str(known)) == 2
    assert "known.toml:1" in capsys.readouterr().err
