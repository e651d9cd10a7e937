"""A mistake is named although another cause has its line, or an earlier request differs."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from comparison import Case, Request, compare
from comparison.models import Comparison

APP = """
from pathlib import Path
from FRAMEWORK import NAME, send_file, session

FILE = Path("FRAMEWORK.txt").absolute()

def create_app():
    app = NAME(__name__)
    app.secret_key = "a"

    @app.get("/login")
    async def login():
        session["user"] = "ada"
        session["languages"] = ["de"]
        session["articles"] = []
        return "hello"

    @app.get("/file")
    async def show():
        return SENT

    return app
"""
SENT = {
    "flask": "send_file(FILE, max_age=60)",
    "quart": "await send_file(FILE, cache_timeout=6000)",
}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of both apps, each with a file of another time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for number, (framework, sent) in enumerate(SENT.items()):
        source = APP.replace("FRAMEWORK", framework).replace("SENT", sent)
        source = source.replace("NAME", framework.title())
        Path(f"files_{framework}.py").write_text(source)
        Path(f"{framework}.txt").write_text("text")
        os.utime(f"{framework}.txt", (10**9 + number, 10**9 + number))
    yield tmp_path
    for framework in SENT:
        sys.modules.pop(f"files_{framework}", None)


def test_a_static_file_has_no_place_in_the_framework() -> None:
    for number, framework in enumerate(SENT):
        folder = Path(f"static_{framework}")
        folder.mkdir()
        (folder / "a.css").write_text("a")
        os.utime(folder / "a.css", (10**9 + number, 10**9 + number))
        source = APP.replace("FRAMEWORK", framework).replace("SENT", '""')
        source = source.replace(
            "__name__", f'__name__, static_folder="{folder}", static_url_path="/static"'
        )
        source = source.replace("NAME", framework.title())
        Path(f"files_{framework}.py").write_text(source)
    specs = [f"files_{framework}:create_app()" for framework in SENT]
    case = Case("static", Request("GET", "/static/a.css"))
    (found,) = compare(*specs, [case])
    (etag,) = (f for f in found.findings if f.cause == "etag-of-another-file")
    assert etag.place == ""


def _compared(*setup: str) -> Comparison:
    specs = [f"files_{framework}:create_app()" for framework in SENT]
    before = [Request("GET", path) for path in setup]
    (found,) = compare(*specs, [Case("file", Request("GET", "/file"), setup=before)])
    return found


@pytest.mark.parametrize("setup", [(), ("/login",)], ids=["alone", "after a login"])
def test_another_lifetime_of_a_file_is_named_beside_its_other_etag(
    setup: tuple[str, ...],
) -> None:
    found = _compared(*setup)
    fields = {each.cause: {*each.fields} for each in found.findings}
    assert "header:etag" in fields["etag-of-another-file"]
    assert {"header:cache-control", "header:expires"} <= fields["code-differs"]
    (changed,) = (each for each in found.findings if each.cause == "code-differs")
    assert changed.remedy.startswith("Write it as in files_flask.py:")
