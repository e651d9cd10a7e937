"""A module that starts its app on import is rejected, also before a framework is imported."""

import importlib
import sys
from pathlib import Path

import pytest

from comparison.targets import importing
from comparison.targets.importing import AppStarted, starting_rejected

FRAMEWORK = """
class App:
    def run(self):
        return "started"
"""


@pytest.mark.parametrize("before", [True, False], ids=["imported", "not imported"])
def test_an_app_cannot_start_while_its_module_is_imported(
    before: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_framework.py").write_text(FRAMEWORK)
    (tmp_path / "own_module.py").write_text(
        "import own_framework as own\nown.App().run()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(importing, "_STARTING", {"own_framework": ("App", "run")})
    if before:
        importlib.import_module("own_framework")
    try:
        with pytest.raises(AppStarted) as caught, starting_rejected():
            importlib.import_module("own_module")
        assert Path(caught.value.place).name == "own_module.py:2"
        assert sys.modules["own_framework"].App().run() == "started"
    finally:
        for name in ("own_framework", "own_module"):
            sys.modules.pop(name, None)
