"""Code objects of two files may be equal; what is recorded of them is not mixed up."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.apps import app_of, comparison_of, event

SOURCE = """
def view():
    if __name__ == "never":
        return "never"
    return "Hello", 202
"""


def module(path: Path) -> ModuleType:
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.mark.parametrize("lines", [False, True])
def test_equal_code_in_two_files_is_recorded_separately(
    tmp_path: Path, lines: bool
) -> None:
    views: list[Any] = [module(tmp_path / f"{name}.py").view for name in ("one", "two")]
    assert views[0].__code__ == views[1].__code__
    apps = [app_of("flask", view) for view in views]
    recordings = comparison_of(*apps, lines=lines).recordings
    for recording, file in zip(recordings.values(), ("one.py", "two.py"), strict=True):
        returned = event(recording, "view_returned")
        assert (returned.file, returned.source) == (file, 'return "Hello", 202')
        ran = [e.file for e in recording.trace if e.event == "line"]
        assert ran == ([file, file] if lines else [])
