"""Cases that need a connection are skipped in process, in every report."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from comparison.cli import main
from tests.apps import options_of_twins

pytestmark = pytest.mark.usefixtures("quiet")

CASES = """\
[[case]]
id = "plain"
request = { path = "/custom" }

[[case]]
id = "half-closed"
request = { path = "/custom", client = { half_close = true } }
"""
REASON = "client.half_close needs targets on servers"


@pytest.fixture
def cases(tmp_path: Path) -> str:
    file = tmp_path / "cases.toml"
    file.write_text(CASES)
    return str(file)


def test_a_case_that_needs_a_connection_is_skipped_and_named(
    cases: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = {name: tmp_path / f"run.{name}" for name in ("json", "xml", "md", "html")}
    options = [part for path in outputs.values() for part in ("--output", str(path))]
    assert main(["run", "--cases", cases, *options_of_twins("custom"), *options]) == 0
    text = capsys.readouterr().out
    assert "skipped, because they need targets on servers: half-closed" in text
    assert "IDENTICAL: 1 case, no differences, 1 skipped" in text
    document = json.loads(outputs["json"].read_text())
    assert document["summary"]["skipped"] == 1
    verdicts = {c["case"]: c["verdict"] for c in document["comparisons"]}
    assert verdicts == {"plain": "identical", "half-closed": "skipped"}
    (skipped,) = ET.parse(outputs["xml"]).iter("skipped")
    assert skipped.get("message") == REASON
    assert "- skipped" in outputs["md"].read_text()
    assert 'data-verdict="skipped"' in outputs["html"].read_text()


def test_a_run_of_only_skipped_cases_compares_nothing(
    cases: str, capsys: pytest.CaptureFixture[str]
) -> None:
    twins = options_of_twins("custom")
    assert main(["run", "-q", "-k", "half", "--cases", cases, *twins]) == 5
    assert "NOTHING COMPARED: no case ran, 1 skipped" in capsys.readouterr().out
