"""Files that cases may send: those in the project's folder, unless more is allowed."""

from pathlib import Path

import pytest

from comparison.cases import load_cases
from comparison.cli import main
from comparison.core.errors import DocumentError
from tests.project import CONFIG

CASE = """
[[case]]
id = "upload"
[case.request]
method = "POST"
path = "/orders"
file = "{file}"
"""
PARTS = CASE.replace(
    'file = "{file}"', 'multipart = [{{ name = "a", file = "{file}" }}]'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    project = tmp_path / "project"
    (project / "cases").mkdir(parents=True)
    (project / "beside").write_text("beside", encoding="utf-8")
    return project


def written(folder: Path, file: str, case: str = CASE) -> Path:
    path = folder / "cases" / "a.toml"
    path.write_text(case.format(file=file), encoding="utf-8")
    return path


@pytest.mark.parametrize("case", [CASE, PARTS])
@pytest.mark.parametrize(
    "file", ["../../secret", "{there}/secret", "../link", "../up/secret"]
)
def test_a_file_outside_is_rejected_with_its_line(
    folder: Path, file: str, case: str
) -> None:
    (folder / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "link").symlink_to(folder.parent / "secret")
    (folder / "up").symlink_to(folder.parent)
    path = written(folder, file.replace("{there}", str(folder.parent)), case)
    with pytest.raises(DocumentError) as error:
        load_cases(path)
    (problem,) = error.value.problems
    assert problem.startswith(f"{path}:7: request.")
    assert f"is outside the project's folder {folder}: put it there" in problem
    assert problem.endswith("or allow it with --allow-files")
    assert len(load_cases(path, allow_files=True)) == 1


def test_the_project_is_the_folder_with_the_configuration(folder: Path) -> None:
    path = written(folder, "../beside")
    with pytest.raises(DocumentError, match=f"folder {path.parent}: put"):
        load_cases(path)
    (folder / "pyproject.toml").write_text('[project]\nname = "a"', encoding="utf-8")
    with pytest.raises(DocumentError, match="is outside"):
        load_cases(path)
    (folder / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    assert len(load_cases(path)) == 1


def test_an_error_does_not_reveal_whether_a_file_outside_exists(folder: Path) -> None:
    with pytest.raises(DocumentError, match="is outside"):
        load_cases(written(folder, "/no/such/file"))


def test_allow_files_option_permits_files_outside_the_project(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    path = str(written(folder, "../../secret"))
    target = "flask_app:create_app({'TOPICS': ['custom']})"
    given = [
        "run",
        "--target",
        f"a={target}",
        "--target",
        f"b={target}",
        "--cases",
        path,
    ]
    assert main(given) == 2
    assert "--allow-files" in capsys.readouterr().err
    assert main([*given, "--allow-files"]) == 0


@pytest.mark.parametrize("name", ["a" * 300, r"a\u0000b", "nothing", "."])
def test_an_invalid_file_path_is_reported_with_its_line(
    folder: Path, name: str
) -> None:
    path = written(folder, name)
    with pytest.raises(DocumentError) as error:
        load_cases(path)
    assert error.value.problems[0].startswith(f"{path}:7: request.file: ")
