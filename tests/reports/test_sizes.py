"""Reports of many cases and of long bodies: few lines, and little memory."""

import json
import os
import subprocess
import sys

import pytest

from comparison.cli import main
from comparison.reports.text import MAX_TASKS
from tests.project import Project, project

__all__ = ["project"]

MOST_LINES = 200
CASES = 100  # each has several lines in full, and a task
MEGABYTES = 2
ALIKE = 1.4
"""The most memory that a body of one byte takes, compared with a random one."""

EACH = """
    @app.get("/each/{number}")
    {{prefix}}def each_{number}():
        return "{number} {{framework}}", 200, {{{{"X-Header-{number}": "{{framework}}"}}}}
"""
BODY = """
    @app.get("/body/<kind>")
    {prefix}def body(kind):
        import random
        size = {size}
        content = {{
            "random": lambda: random.Random(1).randbytes(size // 2).hex().encode(),
            "zero": lambda: bytes(size),
            "secret": lambda: b"s" * size,
        }}[kind]()
        return content + b"{framework}", 200, {{"Content-Type": "text/plain"}}
"""


def with_views(project: Project, views: str, **values: object) -> Project:
    for framework, prefix in (("flask", ""), ("quart", "async ")):
        more = views.format(framework=framework, prefix=prefix, **values)
        project.app(framework, more=more.strip())
    return project


@pytest.mark.slow
def test_a_run_with_only_different_cases_prints_few_lines(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    with_views(project, "".join(EACH.format(number=n) for n in range(CASES)))
    cases = "\n".join(
        f'[[case]]\nid = "c-{n}"\nrequest = {{ path = "/each/{n}" }}'
        for n in range(CASES)
    )
    project.write("cases.toml", cases)
    assert main(["run", "--output", "report.json", "--output", "report.html"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= MOST_LINES
    (more,) = (line for line in lines if "a report file has all of them" in line)
    assert f"{CASES - MAX_TASKS} more" in more
    report = json.loads((project.root / "report.json").read_bytes())
    assert len(report["comparisons"]) == len(report["todo"]) == CASES
    page = (project.root / "report.html").read_text("utf-8")
    assert page.count("<details") == CASES


def peak(project: Project, kind: str) -> int:
    """Run one case in a process and return the most memory it had, with its workers."""
    headers = 'headers = { X-Api-Key = "ssssssss" }' if kind == "secret" else ""
    case = f'[[case]]\nid = "b"\n[case.request]\npath = "/body/{kind}"\n{headers}'
    project.write("cases.toml", case)
    command = [sys.executable, "-m", "comparison", "run", "--output", "report.html"]
    with subprocess.Popen(command, cwd=project.root, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        out = run.stdout.read().decode()
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    assert "DIFFERENT: 1 case, 1 different" in out
    assert "sssss" not in out
    return usage.ru_maxrss


@pytest.mark.slow
def test_a_body_of_one_byte_takes_no_more_memory_than_a_random_one(
    project: Project,
) -> None:
    with_views(project, BODY, size=MEGABYTES * 1_000_000)
    usual = peak(project, "random")
    peaks = {kind: peak(project, kind) for kind in ("zero", "secret")}
    assert {kind: most for kind, most in peaks.items() if most > ALIKE * usual} == {}
