"""Names of files and texts that are long, or are not Unicode."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from comparison import Case, Expect, Request, compare
from comparison.cli import main
from comparison.core.processes.folders import make_folder
from tests.apps import app_of
from tests.project import Project, project

__all__ = ["project"]

LONG = "a" * 300
NAMES = [
    ["run", "--cases", LONG], ["run", "--known", LONG], ["run", "--output", f"{LONG}.json"],
    ["record", f"{LONG}.jsonl"], ["check", f"{LONG}.jsonl"], ["merge", LONG, LONG],
    ["import-har", LONG], ["import-openapi", LONG], ["load", "--from", LONG],
    ["load", "--locustfile", LONG], ["load", "--output", f"{LONG}.md"],
    ["sweep", "--from", LONG], ["fuzz", "--write-cases", f"{LONG}.toml"],
    ["discover", "shop_flask:create_app()", "--output", f"{LONG}.toml"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", NAMES, ids=lambda a: " ".join(a)[:24])
def test_a_file_name_that_is_too_long_is_an_error(
    project: Project, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 2
    assert "File name too long" in capsys.readouterr().err


@pytest.mark.parametrize("field", ["cases", "known"])
def test_a_file_name_that_is_too_long_in_pyproject_is_an_error(
    project: Project, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    project.write("pyproject.toml", f'[tool.comparison]\n{field} = ["{LONG}"]')
    assert main(["run"]) == 2
    assert f"pyproject.toml:2: {field}: '{LONG}': File name" in capsys.readouterr().err


def test_an_integer_beyond_64_bits_is_an_error_with_its_line(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    # TOML 1.0.0, Integer: what cannot be represented losslessly is an error.
    for number in ("0x" + "f" * 5000, "9" * 5000, str(2**63)):
        case = '[[case]]\nid = "a"\n[case.request]\n[case.expect]\nstatus = '
        project.write("cases.toml", f"{case}{number}\n")
        assert main(["run"]) == 2
        assert "cases.toml:5: an integer has more than 64" in capsys.readouterr().err


SURROGATES = [
    lambda: Request("GET", "/?q=\udcff"),
    lambda: Request("POST", "/", text="\udcff"),
    lambda: Request("POST", "/", json={"a": ["\udcff"]}),
    lambda: Request("GET", "/", headers={"X-A": "\udcff"}),
    lambda: Expect(text="\udcff"),
    lambda: Case("\udcff", Request()),
]


@pytest.mark.parametrize("made", SURROGATES)
def test_an_unpaired_surrogate_cannot_be_sent(made: object) -> None:
    with pytest.raises(ValueError, match="lone surrogate"):
        made()  # type: ignore[operator]


def test_an_unpaired_surrogate_from_an_app_is_escaped(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    raises = (
        '@app.get("/bad")\n    def bad():\n'
        '        raise ValueError("no file " + chr(0xDCE9))\n'
    )
    for framework in ("flask", "quart"):
        project.app(framework, more=raises)
    project.write("cases.toml", '[[case]]\nid = "bad"\nrequest = { path = "/bad" }\n')
    for format_ in ("json", "jsonl", "md", "junit", "html", "text"):
        assert main(["run", "--format", format_]) == 0, format_
        assert capsys.readouterr().out.encode()


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has no such names")
def test_a_case_file_may_have_a_name_that_is_not_utf_8(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode(b"caf\xe9.toml")
    shutil.copy(project.root / "cases.toml", project.root / name)
    code = main(["run", "--cases", name, "--format", "json", "-k", "order"])
    assert (code, "caf\\\\udce9.toml" in capsys.readouterr().out) == (0, True)


def test_sockets_are_created_in_a_folder_with_a_short_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("b" * 120)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    folder = make_folder()
    folder.rmdir()
    assert len(str(folder)) < 60
    monkeypatch.setattr("comparison.core.processes.folders._SHORT", (str(long),))
    with pytest.raises(
        Exception, match="Set TMPDIR to a folder whose path has at most"
    ):
        make_folder()


def test_a_server_target_works_with_a_long_tmpdir(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("b" * 120)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    app = app_of("flask", lambda: "Hello")
    served = "flask_app:create_app({'TOPICS': ['custom']})@"
    (found,) = compare(app, served, [Case("a", Request("GET", "/custom"))])
    assert found.recordings["flask_app"].exchange.response is not None
