"""A finding shows code and exceptions, but no secret and no control sequence."""

import json

import pytest

from comparison.cli import main
from tests.project import Project, project

__all__ = ["project"]

SECRET = "hunter2-7Jx2Qp"
CONTROL = "\x1b[31m\u202e\x9b2J"
FORMATS = ("txt", "md", "json", "jsonl", "xml", "html")
APP = """
from {framework} import {name}

keys = {{}}

def create_app():
    app = {name}(__name__)

    @app.get("/login")
    {prefix}def login():
        {setting}
        return str(len(keys["api_token"]))

    @app.get("/fail")
    {prefix}def fail():
        {body}

    return app
"""
CASES = f"""
[[case]]
id = "login"
request = {{ path = "/login" }}
[[case]]
id = "fail"
[case.request]
path = "/fail"
headers = {{ Authorization = "Bearer {SECRET}-sent" }}
"""


def reports(
    project: Project, capsys: pytest.CaptureFixture[str], setting: str, body: str
) -> dict[str, str]:
    """Every format of a run whose Quart app has the setting and fails."""
    for framework, given, does in (
        ("flask", 'keys["api_token"] = "another"', 'return "ok"'),
        ("quart", setting, body),
    ):
        source = APP.format(
            framework=framework, name=framework.title(), setting=given, body=does,
            prefix="async " if framework == "quart" else "",
        )  # fmt: skip
        project.write(f"shop_{framework}.py", source)
    project.write("cases.toml", CASES)
    outputs = [f"--output=run.{suffix}" for suffix in FORMATS]
    assert main(["run", "--jobs", "1", *outputs]) == 1
    found = {"terminal": capsys.readouterr().out}
    assert main(["run", "--jobs", "1", "--format", "github"]) == 1
    assert main(["show", "fail"]) == 1
    found["github and show"] = capsys.readouterr().out
    for suffix in FORMATS:
        found[suffix] = (project.root / f"run.{suffix}").read_text("utf-8")
    return found


def test_a_secret_in_the_code_or_in_an_exception_is_masked_in_every_format(
    project: Project, capsys: pytest.CaptureFixture[str], quiet: None
) -> None:
    setting = f'keys["api_token"] = b"{SECRET}-key"'
    body = "import quart; raise ValueError('x' * 290 + quart.request.headers['Authorization'])"
    found = reports(project, capsys, setting, body)
    for name, text in found.items():
        assert SECRET[:7] not in text, name
    for name in {*found} - {"github and show"}:
        assert "keys[" in found[name].replace("\\", "") and "‹secret" in found[name], (
            name
        )


def test_control_sequences_in_findings_are_escaped_in_every_format(
    project: Project, capsys: pytest.CaptureFixture[str], quiet: None
) -> None:
    setting = 'keys["api_token"] = "another"'
    found = reports(project, capsys, setting, f"raise ValueError({CONTROL!r})")
    for name, text in found.items():
        assert not {*CONTROL} & {"\x1b", "\u202e", "\x9b"} & {*text}, name
    (finding,) = [
        task["finding"]
        for task in json.loads(found["json"])["todo"]
        if task["cases"] == ["fail"]
    ]
    assert finding["evidence"][0].startswith(f"ValueError: {CONTROL}")
    assert "ValueError: \\x1b[31m\\u202e\\x9b2J" in found["terminal"]
