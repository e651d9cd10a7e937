"""The source of an app about which facts are stated."""

from pathlib import Path

import pytest

FILE = "stated_shop.py"


SOURCE = """\
import threading
from contextvars import ContextVar
from flask import url_for
import stated_far as far

local = threading.local()
current: ContextVar[str] = ContextVar("current")
plain = dict()
app.config["SERVER_NAME"] = "shop.example"
app.asgi_app = Wrapped(app.asgi_app)

class Shelf:
    size = 3
    def __init__(self):
        self.books = []
    def open(self):
        pass
    def _close(self):
        pass

@app.get("/")
async def view():
    shelf = Shelf()
    stream = request.environ["wsgi.input"]
    stream.peek(3)
    form = request.form["a"]
    name = request.environ.get("REMOTE_USER")
    if "HTTP_X" in request.environ and "other" in stock:
        pass
    threading.Thread(target=work, args=(1,)).start()
    asyncio.to_thread(copying)
    executor.submit(functools.partial(work))
    return save()

def work():
    helper()
    return local.user, far.remote.user

def helper():
    return current.get()

def copying():
    return local.user

@app.before_request
def hook():
    local.user = 1
    current.set("a")
    plain["a"] = 1

@functools.lru_cache(maxsize=3)
async def rates():
    pass

@app.memoize
async def more():
    pass

@other
async def never():
    pass

@functools.cache
def sync():
    pass
"""


FAR = """\
import threading
remote = threading.local()
"""


@pytest.fixture(autouse=True)
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / FILE).write_text(SOURCE)
    (tmp_path / "stated_far.py").write_text(FAR)


def line_of(text: str) -> int:
    return SOURCE[: SOURCE.index(text)].count("\n") + 1
