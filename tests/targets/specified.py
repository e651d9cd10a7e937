"""A folder that targets are loaded from."""

from pathlib import Path
from typing import Any

import pytest


def long(environ: Any, start_response: Any, more: Any) -> Any: ...


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path
