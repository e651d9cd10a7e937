"""A project of somebody's: two apps, cases, and a pyproject.toml, in a folder."""

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from comparison.cli import main

APP = '''
from {framework} import {name}, request

def create_app():
    app = {name}(__name__)

    @app.get("/orders/<int:number>")
    def order(number):
        """One order."""
        return {{"number": number}}, 200, {{"X-Request-Id": "{framework}"}}

    @app.post("/orders")
    def add():
        return "", 201

    @app.get("/greeting")
    def greeting():
        return "{greeting}"

    {more}
    return app
'''
CASES = """
schema_version = 1

[[case]]
id = "order"
title = "One order"
[case.request]
path = "/orders/7"
[case.expect]
status = 200

[[case]]
id = "greeting"
[case.request]
path = "/greeting"
"""
CONFIG = """
[tool.comparison]
cases = ["cases.toml"]

[tool.comparison.targets]
flask = "shop_flask:create_app()"
quart = "shop_quart:create_app()"

[tool.comparison.normalisations]
presence = ["X-Request-Id"]
"""


_ran: dict[
    tuple[tuple[str, ...], frozenset[tuple[str, bytes]]], tuple[int, dict[str, bytes]]
] = {}
"""The exit codes of commands and the files that they wrote, by arguments and files."""


class Project:
    """Writes the files; each may be written again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.app("flask")
        self.app("quart")
        self.write("cases.toml", CASES)
        self.write("pyproject.toml", CONFIG)

    def app(self, framework: str, greeting: str = "Hello", more: str = "") -> None:
        source = APP.format(
            framework=framework, name=framework.title(), greeting=greeting, more=more
        )
        self.write(f"shop_{framework}.py", source)
        # Imported anew, as another process would.
        sys.modules.pop(f"shop_{framework}", None)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def once(self, *arguments: str) -> int:
        """Run a command that writes files, unless an earlier test ran it on the same files.

        Then the files are written again as they were. Returns the exit code. Only the
        first test sees the output of the command.
        """
        before = self._files()
        key = (arguments, frozenset(before.items()))
        if key not in _ran:
            code = main([*arguments])
            written = self._files().items() - before.items()
            _ran[key] = code, dict(written)
        code, files = _ran[key]
        for name, content in files.items():
            (self.root / name).write_bytes(content)
        return code

    def _files(self) -> dict[str, bytes]:
        paths = (path for path in self.root.rglob("*") if path.is_file())
        return {str(path.relative_to(self.root)): path.read_bytes() for path in paths}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The project, from whose folder commands are run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield Project(tmp_path)
    for name in ("shop_flask", "shop_quart"):
        sys.modules.pop(name, None)
