"""The whole lesson of /custom, for both frameworks, as it is printed.

After an intended change of the lesson, write the file again: `comparison show custom`.
"""

import re
from pathlib import Path

import pytest

from comparison.cli import main
from tests.apps import options_of_twins

GOLDEN = Path(__file__).parent / "golden"


def masked(text: str) -> str:
    """The lesson without versions and the machine."""
    lines = [line.rstrip() for line in text.splitlines()]
    lines[-1] = re.sub(r"^\S+ .*", "ENVIRONMENT", lines[-1])
    return "\n".join(lines) + "\n"


def test_show_writes_the_complete_lesson(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "custom.txt"
    assert main(["show", "custom", "--output", str(written)]) == 0
    expected = (GOLDEN / "custom.txt").read_text("utf-8")
    assert masked(written.read_text("utf-8")) == expected


@pytest.mark.parametrize("mode", ["table", "transcript"])
def test_show_prints_only_the_selected_mode(
    mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    twins = options_of_twins("custom")
    assert main(["show", "custom", "--mode", mode, *twins]) == 0
    printed = capsys.readouterr().out
    assert ("Execution table: flask and quart" in printed) == (mode == "table")
    assert ("Full transcript: flask and quart" in printed) == (mode == "transcript")
    assert "Visual quiz" not in printed


def test_an_unknown_mode_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "custom", "--mode", "tabel"]) == 2
    assert "tabel" in capsys.readouterr().err
