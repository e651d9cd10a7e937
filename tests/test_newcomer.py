"""Common situations of new users: modules, files of editors, pipes, narrow terminals."""

from pathlib import Path

import pytest

from comparison.cli import main
from comparison.studies.files import watch
from tests.project import CASES, CONFIG, Project, project

__all__ = ["project"]

BOM = "\ufeff"
BARE = CONFIG.replace(":create_app()", "")


def test_the_app_object_is_used_if_the_factory_needs_arguments(
    project: Project,
) -> None:
    for framework in ("flask", "quart"):
        path = project.root / f"shop_{framework}.py"
        source = path.read_text("utf-8").replace("create_app():", "create_app(config):")
        path.write_text(f"{source}\napp = create_app({{}})\n", encoding="utf-8")
    project.write("pyproject.toml", BARE)
    assert main(["run", "-q"]) == 0


def test_a_factory_that_needs_arguments_is_an_error_without_an_app(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project.root / "shop_quart.py"
    source = path.read_text("utf-8").replace(
        "create_app():", "create_app(config, more):"
    )
    path.write_text(source, encoding="utf-8")
    project.write("pyproject.toml", BARE)
    assert main(["run", "-q"]) == 3
    assert "create_app needs arguments; write shop_quart:create_app(ARGUMENTS)" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("framework", "start"),
    [
        ("flask", "create_app().run()"),
        ("quart", "create_app().run(port=0)"),
        ("quart", "import asyncio; asyncio.run(create_app().run_task())"),
    ],
)
def test_a_module_that_starts_its_app_is_named_with_the_line_and_the_remedy(
    project: Project,
    capsys: pytest.CaptureFixture[str],
    framework: str,
    start: str,
) -> None:
    path = project.root / f"shop_{framework}.py"
    source = path.read_text("utf-8")
    path.write_text(f"{source}\n{start}\n", encoding="utf-8")
    line = len(source.splitlines()) + 2
    other = "quart_app" if framework == "flask" else "flask_app"
    targets = [f"one=shop_{framework}:create_app()", f"two={other}"]
    options = [part for target in targets for part in ("--target", target)]
    assert main(["run", "-q", *options]) == 3
    output = capsys.readouterr().err
    assert f"shop_{framework}.py:{line}: the module starts its app on" in output
    assert 'move that below `if __name__ == "__main__":`' in output


def test_a_module_with_a_main_guard_is_accepted(project: Project) -> None:
    path = project.root / "shop_flask.py"
    guarded = '\nif __name__ == "__main__":\n    create_app().run()\n'
    path.write_text(path.read_text("utf-8") + guarded, encoding="utf-8")
    assert main(["run", "-q"]) == 0


KNOWN = """
[[known]]
id = "greeting"
cause = "Tests."
cases = ["greeting"]
[known.fields]
body = { flask = "Hello", quart = "Hi" }
"header:content-length" = { flask = true, quart = true }
"""
HAR = """{"log": {"entries": [{"request": {"method": "GET", "url": "http://a/greeting",
"headers": []}, "response": {"status": 200, "content": {}}}]}}"""
OPENAPI = """{"openapi": "3.1.0", "info": {"title": "a", "version": "1"},
"paths": {"/greeting": {"get": {"responses": {"200": {"description": "a"}}}}}}"""


def test_a_byte_order_mark_is_ignored(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.app("quart", greeting="Hi")
    (project.root / "cases.toml").write_text(BOM + CASES.lstrip(), encoding="utf-8")
    (project.root / "known.toml").write_text(BOM + KNOWN, encoding="utf-8")
    (project.root / "pyproject.toml").write_text(
        BOM + CONFIG.lstrip(), encoding="utf-8"
    )
    assert main(["run", "-q", "--known", "known.toml"]) == 0
    capsys.readouterr()
    for command, content in (("import-har", HAR), ("import-openapi", OPENAPI)):
        Path("document").write_text(BOM + content, encoding="utf-8")
        assert main([command, "document", "--output", "-"]) == 0
        assert 'path = "/greeting"' in capsys.readouterr().out


def test_an_error_after_a_byte_order_mark_has_the_right_line(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    text = BOM + '[[case]]\nid = "a"\nrequest = { metod = "GET" }\n'
    (project.root / "cases.toml").write_text(text, encoding="utf-8")
    assert main(["run"]) == 2
    assert "cases.toml:3: request.metod" in capsys.readouterr().err


def test_a_piped_report_has_the_width_of_columns(
    project: Project,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project.app("quart", greeting="Good day, and many more words than fit on a line")
    title = 'id = "greeting"\ntitle = "A title of more words than fit on a line of 60"'
    project.write("cases.toml", CASES.replace('id = "greeting"', title))
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["run", "--list"]) == 1
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 60
    for unusable in ("", "0", "wide"):
        monkeypatch.setenv("COLUMNS", unusable)
        assert main(["run", "--list"]) == 1
        out = capsys.readouterr().out
        assert "A title of more words than fit on a line of 60" in out


def test_a_report_on_standard_output_equals_the_one_in_a_file(
    project: Project, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["run", "--output", "run.md", "--output", "-", "--format", "md"]) == 0
    assert capsysbinary.readouterr().out == Path("run.md").read_bytes()
    assert main(["run", "--output", "-", "--format", "jsonl"]) == 0
    assert len(capsysbinary.readouterr().out.splitlines()) == 3
    assert main(["record", "-", "-q"]) == 0
    assert len(capsysbinary.readouterr().out.splitlines()) == 3
    assert not Path("-").exists()


COMMANDS = ("check", "discover", "explain", "fuzz", "import-har", "import-openapi",
            "load", "merge", "record", "run", "serve", "show", "sweep")  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_the_options_that_hints_mention(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    assert "-v" in capsys.readouterr().out


def test_piped_progress_is_one_line_for_each_tenth(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watch(iter([50, *[5] * 190]), 1000, "sending", quiet=False)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(", about")[0] for line in lines] == [
        f"comparison: sending: {number}00 of 1,000" for number in range(1, 10)
    ]
    assert all(line.endswith("0 s left") for line in lines)
    watch(iter([50, 950]), 1000, "sending", quiet=True)
    assert capsys.readouterr().err == ""
