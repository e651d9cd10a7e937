"""A run says that many cases were turned away, for which a login may be missing."""

import pytest

from comparison.cli import main
from tests.project import Project, project

__all__ = ["project"]

APP = """
from {framework} import {name}

def create_app():
    app = {name}(__name__)

    @app.get("/page/<number>")
    async def page(number):
        return {answer}

    @app.get("/")
    async def index():
        return "hello"

    return app
"""
REDIRECT = '"", 302, {"Location": f"/login?next={number}"}'
TURNED_AWAY = {
    "redirected": (REDIRECT, "3 of 4 cases got 302 to /login from every target."),
    "forbidden": ('"", 403', "3 of 4 cases got 403 from every target."),
    "unknown": ('"", 404', "3 of 4 cases got 404 from every target. Where a value"),
    "elsewhere": ('"", 302, {"Location": f"/{number}"}', ""),
    "answered": ('"page"', ""),
}


def _run(project: Project, answer: str, cases: str, *options: str) -> int:
    for framework in ("flask", "quart"):
        source = APP.format(framework=framework, name=framework.title(), answer=answer)
        project.write(f"pages_{framework}.py", source)
    project.write("cases.toml", cases)
    names = [f"{name}=pages_{name}" for name in ("flask", "quart")]
    targets = [word for name in names for word in ("--target", name)]
    return main(["run", *options, "--cases", "cases.toml", *targets])


def _cases(expect: str = "") -> str:
    paths = ["/", "/page/1", "/page/2", "/page/3"]
    return "\n".join(
        f'[[case]]\nid = "case-{n}"\nrequest = {{ path = "{path}" }}\n{expect}'
        for n, path in enumerate(paths)
    )


@pytest.mark.parametrize("kind", TURNED_AWAY)
def test_many_cases_that_all_targets_turn_away_are_counted(
    kind: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, message = TURNED_AWAY[kind]
    assert _run(project, answer, _cases()) == 0
    errors = capsys.readouterr().err
    assert message in errors if message else "every target" not in errors


@pytest.mark.parametrize("options", [("-q",), ()])
def test_nothing_is_said_of_what_is_expected_or_quiet(
    options: tuple[str, ...], project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    expect = "" if options else "expect = { status = [200, 302] }\n"
    assert _run(project, REDIRECT, _cases(expect), *options) == 0
    assert "every target" not in capsys.readouterr().err
