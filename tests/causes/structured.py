"""Traces of two apps, and their sources."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from comparison.causes.facts import Request
from comparison.models import Event, Exchange
from tests.diff.making import SENT, response

FILE = "structured_shop.py"


SOURCE = """\
from structured_near import Wrapped

app = Quart(__name__)
app.register_blueprint(shelf, url_prefix="/books")

@app.websocket("/feed")
async def feed():
    pass

@app.before_request
@other
async def check():
    pass

@app.get("/tea")
async def tea():
    pass
"""


FLASK = SOURCE.replace('url_prefix="/books"', 'url_prefix="/shelf"')


MATCHED = Event("route_matched", name="tea", rule="/tea", file="a.py", line=3)


@pytest.fixture(autouse=True)
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / FILE).write_text(SOURCE)
    (tmp_path / "structured_flask.py").write_text(FLASK)


def request(*trace: Event, path: str = "/tea", method: str = "GET") -> Request:
    sent = replace(SENT, path=path, method=method)
    return Request(Exchange(sent, response()), trace)


def missed(detail: str = "NotFound", name: str = "") -> Event:
    return Event("route_missed", detail=detail, name=name)
