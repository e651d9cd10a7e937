"""A project of somebody's: two apps, cases, and a pyproject.toml, in a folder."""

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

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


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The project, from whose folder commands are run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield Project(tmp_path)
    for name in ("shop_flask", "shop_quart"):
        sys.modules.pop(name, None)
