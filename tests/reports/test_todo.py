"""The to-do list of a run: the same causes, in the same order, in every format."""

import html
import json
import re
import shlex
from pathlib import Path

import pytest

from comparison.cli import main
from tests.project import Project, project

__all__ = ["project"]

FORMATS = ("txt", "md", "json", "html")
CASES = """
[[case]]
id = "first"
request = { path = "/first" }
[[case]]
id = "first-again"
request = { path = "/first?again=1" }
[[case]]
id = "second"
request = { path = "/second" }
[[case]]
id = "vary"
request = { path = "/vary" }
[[case]]
id = "vary-again"
request = { path = "/vary?again=1" }
[[case]]
id = "vary-and-more"
request = { path = "/vary-and-more" }
[[case]]
id = "fine"
request = { path = "/fine" }
"""
AWAITED = "data = request.get_data()"
VIEWS = """
    @app.get("/first")
    {prefix}def first():
        data = request.get_data()
        return str(len(data))

    @app.get("/second")
    {prefix}def second():
        data = request.get_data()
        return str(len(data))

    @app.get("/vary")
    {prefix}def vary():
        return str(session.get("name"))

    @app.get("/vary-and-more")
    {prefix}def vary_and_more():
        return str(session.get("name")) + "{framework}"

    @app.get("/fine")
    {prefix}def fine():
        return "fine"

    app.secret_key = "known to nobody"
    return app
"""


@pytest.fixture
def written(project: Project, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """A run of a port with two forgotten awaits, in each format."""
    for framework, prefix in (("flask", ""), ("quart", "async ")):
        views = VIEWS.format(framework=framework, prefix=prefix)
        names = f"{framework.title()}, request, session"
        project.write(
            f"shop_{framework}.py",
            f"from {framework} import {names}\n\ndef create_app():\n"
            f"    app = {framework.title()}(__name__)\n{views}",
        )
    project.write("cases.toml", CASES)
    outputs = [f"--output=run.{suffix}" for suffix in FORMATS]
    assert main(["run", "--jobs", "1", *outputs]) == 1
    capsys.readouterr()
    assert main(["run", "--jobs", "1", "--format", "github"]) == 1
    texts = {suffix: (project.root / f"run.{suffix}").read_text() for suffix in FORMATS}
    return {**texts, "github": capsys.readouterr().out}


def line_of(source: str, number: int) -> int:
    """The line of the nth occurrence of a source."""
    lines = Path("shop_quart.py").read_text().splitlines()
    return [n for n, line in enumerate(lines, 1) if source in line][number]


def test_tasks_are_grouped_by_cause_and_location(
    written: dict[str, str],
) -> None:
    tasks = json.loads(written["json"])["todo"]
    found = [(t["finding"].get("cause", ""), t["cases"]) for t in tasks]
    forgotten = [cases for cause, cases in found if cause == "forgotten-await"]
    assert forgotten == [["first", "first-again"], ["second"]]
    assert [t["finding"]["source"] for t in tasks[:2]] == [AWAITED] * 2
    assert [t["finding"]["line"] for t in tasks[:2]] == [
        line_of(AWAITED, n) for n in (0, 1)
    ]


def test_a_task_counts_the_cases_without_another_cause(
    written: dict[str, str],
) -> None:
    tasks = json.loads(written["json"])["todo"]
    vary = next(t for t in tasks if t["finding"].get("layer") == "framework")
    assert vary["cases"] == ["vary", "vary-again", "vary-and-more"]
    assert vary["settles"] == 2
    assert (
        "[3 cases, the only cause in 2: vary, vary-again, vary-and-more]"
        in written["txt"]
    )


def test_tasks_in_the_app_come_first(written: dict[str, str]) -> None:
    # The cause of the framework has the most cases.
    tasks = json.loads(written["json"])["todo"]
    known = [t["finding"] for t in tasks if t["finding"].get("cause")]
    layers = [finding.get("layer", "app") for finding in known]
    assert layers == sorted(layers) and set(layers) == {"app", "framework"}


def test_every_format_has_the_same_tasks_in_the_same_order(
    written: dict[str, str],
) -> None:
    tasks = [task["finding"] for task in json.loads(written["json"])["todo"]]
    wanted = [task.get("remedy") or task["summary"] for task in tasks]
    assert len(wanted) >= 4
    text = {
        "txt": written["txt"].partition("to do:\n")[2],
        "md": written["md"].partition("## To do\n")[2].replace("\\", ""),
        "html": html.unescape(written["html"]).partition("<h2>To do</h2>")[2],
    }
    for name, output in text.items():
        at = -1
        for words in wanted:
            at = output.index(words.replace("\\", ""), at + 1)
            assert at >= 0, (name, words)
    titles = re.findall(r"^::error .*?title=(.*?)::", written["github"], re.MULTILINE)
    summaries = [task["summary"] for task in tasks]
    assert [unquoted(title) for title in titles[:-1]] == summaries


def unquoted(title: str) -> str:
    return title.replace("%3A", ":").replace("%2C", ",").replace("%25", "%")


def test_an_annotation_is_at_the_line_of_the_app(written: dict[str, str]) -> None:
    lines = written["github"].splitlines()
    for number in (0, 1):
        line = line_of(AWAITED, number)
        at = f"::error file=shop_quart.py,line={line},title="
        assert lines[number].startswith(at)


def test_the_todo_list_ends_with_suggested_commands(written: dict[str, str]) -> None:
    *_, steps, verdict = written["txt"].splitlines()
    assert steps.startswith("next: comparison show first  ·  comparison explain ")
    assert "--accept FILE" in steps
    assert "--self-check" in steps
    assert verdict.startswith("DIFFERENT: 7 cases, 6 different, 1 identical")


def test_the_command_to_show_a_case_has_the_options_of_the_run(
    written: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--target", "one=shop_flask:create_app()", "--cases", "cases.toml"]
    assert main(["run", *given, "--target", "other=shop_quart:create_app()"]) == 1
    steps = capsys.readouterr().out.splitlines()[-2]
    command = shlex.split(steps.partition("  ·  ")[0].removeprefix("next: comparison "))
    assert main([*command, "--mode", "table"]) == 1
    assert "first  GET /first" in capsys.readouterr().out
