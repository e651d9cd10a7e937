"""Stale known differences are notices on versions without a recording."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from comparison.runner.environment import environment

from .making import cases, reported

FLASK = environment().packages["flask"]
SAID = f"known difference 'gone' no longer occurs with flask {FLASK}"
ENTRY = """\
schema_version = 1

[[known]]
id = "gone"
cause = "An earlier release did so."
cases = ["case-1", "case-2"]
recorded_with = { flask = "1.0", quart = ["0.1", "%s"] }
[known.fields]
body = { flask = "one", quart = "two" }
"""


@pytest.fixture
def known(tmp_path: Path) -> Path:
    path = tmp_path / "known.toml"
    path.write_text(ENTRY % environment().packages["quart"], encoding="utf-8")
    return path


def view() -> str:
    return "the same"


def report(format_: str, known: Path) -> str:
    return reported(format_, view, view, cases(3), known=[known])


@pytest.mark.parametrize("format_", ["text", "md", "junit", "github", "html"])
def test_a_stale_notice_is_reported_once(format_: str, known: Path) -> None:
    output = report(format_, known).replace("&#x27;", "'").replace("&amp;", "&")
    assert output.replace("\\", "").count("no longer occurs") == 1
    assert f"{SAID} (2 cases, first: case-1)" in output.replace("\\", "")
    assert "IDENTICAL: 3 cases" in output


def test_a_stale_notice_is_not_a_junit_failure(known: Path) -> None:
    (suite,) = ET.fromstring(report("junit", known))
    assert (suite.get("tests"), suite.get("failures")) == ("3", "0")
    found = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert found["stale.gone"] == f"{SAID} (2 cases, first: case-1)"


def test_a_stale_notice_is_a_github_notice(known: Path) -> None:
    lines = report("github", known).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::notice", "::notice"]


def test_the_json_document_lists_stale_notices_and_their_cases(known: Path) -> None:
    document = json.loads(report("json", known))
    notice = {
        "known": "gone",
        "unrecorded": [f"flask {FLASK}"],
        "cases": ["case-1", "case-2"],
    }
    assert document["stale_notices"] == [notice]
    assert document["exit_code"] == 0
    (stale,) = document["comparisons"][0]["stale"]
    assert stale == {
        "known": "gone",
        "field": "body",
        "unrecorded": [f"flask {FLASK}"],
    }
