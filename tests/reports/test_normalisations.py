"""Every format has the rules that were applied, and those that never were."""

import html
from pathlib import Path

import pytest

from comparison.cli import main
from tests.project import CASES, Project, project

__all__ = ["project"]

NEVER = "ignore:/never"
FORMATS = {
    "run.txt": "configured, but never applied: ignore:/never",
    "run.md": "`ignore:/never`, never applied",
    "run.html": "<li>ignore:/never, never applied: rule of a case: the value at /never",
    "run.xml": '<property name="normalisation.ignore:/never" value="never applied"/>',
    "run.json": '{"name":"ignore:/never","applied":0',
    "run.jsonl": '{"name":"ignore:/never","applied":0',
}


@pytest.fixture
def configured(project: Project) -> Project:
    loosening = (
        '[case.normalisations]\nignore = ["/never"]\npresence = ["x-request-id"]\n'
    )
    project.write("cases.toml", CASES + loosening)
    return project


@pytest.mark.parametrize("name", FORMATS)
def test_a_rule_that_never_applied_is_named_in_every_report(
    configured: Project, name: str
) -> None:
    assert main(["run", "-q", "--output", name]) == 0
    text = Path(name).read_text("utf-8")
    assert FORMATS[name] in text
    if name == "run.txt":
        assert "presence:x-request-id (1)" in text


def test_annotations_include_a_rule_that_never_applied(
    configured: Project, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["run", "--format", "github"]) == 0
    output = (
        b"::notice title=normalisations::configured, but never applied: ignore:/never"
    )
    assert output in capsysbinary.readouterr().out


LOST = """
[[case]]
id = "lost"
[[case.setup]]
path = "/orders/7"
capture = { number = { json = "$.nr" } }
[case.request]
path = "/orders/${capture:number}"
"""
SAID = (
    "flask failed: capture: request 1 (GET /orders/7): capture 'number' found nothing"
)


@pytest.mark.parametrize("name", ["run.txt", "run.md", "run.html", "run.xml"])
def test_every_report_includes_failures_common_to_all_targets(
    project: Project, name: str
) -> None:
    project.write("cases.toml", LOST)
    assert main(["run", "-q", "--output", name]) == 1
    text = html.unescape(Path(name).read_text("utf-8")).replace("\\_", "_")
    assert SAID in text
