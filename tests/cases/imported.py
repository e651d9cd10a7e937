"""Case files that are drafted from the files of other tools."""

from pathlib import Path

import pytest

from comparison.cases import load_cases
from comparison.cli import main
from comparison.models import Case


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TOKEN", "AUTHORIZATION", "AUTHORIZATION_2", "BASE", "X_KEY"):
        monkeypatch.setenv(name, f"{name.lower()}-value")
    (tmp_path / "notes.txt").write_text("notes")
    monkeypatch.chdir(tmp_path)


def drafted(command: str, text: str, *options: str) -> dict[str, Case]:
    Path("source.txt").write_text(text, "utf-8")
    assert main([command, "source.txt", "--output", "cases.toml", *options]) == 0
    return {case.id: case for case in load_cases("cases.toml")}
