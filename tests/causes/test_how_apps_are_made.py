"""Explanations by how both apps are made, wrapped, and changed by earlier cases."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from comparison import Case, Request, compare
from comparison.models import Comparison

HEAD = "from NAME import Blueprint, CLASS, render_template, request, url_for\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the apps, with a template and a static file in other folders."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for name in ("pages/hello.html", "files/menu.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("soup")
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("kitchen"):
            del sys.modules[name]


def _compared(
    flask: str, quart: str, requests: Sequence[Request], root: Path
) -> list[Comparison]:
    for name, text in (("flask", flask), ("quart", quart)):
        source = HEAD.replace("NAME", name).replace("CLASS", name.title()) + text
        (root / f"kitchen_{name}.py").write_text(source)
    cases = [Case(f"case-{n}", each) for n, each in enumerate(requests)]
    return list(compare("kitchen_flask:app", "kitchen_quart:app", cases))


def _twins(text: str, **parts: tuple[str, str]) -> tuple[str, str]:
    """Return the source of both apps; a part has one text for each."""
    flask = quart = text
    words = {**parts, "aw": ("", "await "), "a": ("", "async ")}
    for name, (one, other) in words.items():
        flask = flask.replace(f"{{{name}}}", one)
        quart = quart.replace(f"{{{name}}}", other)
    return flask, quart


class Kitchen(NamedTuple):
    """Two apps whose last request differs by a cause; its line ends with `# here`."""

    id: str
    cause: str
    text: str
    parts: dict[str, tuple[str, str]]
    request: Request
    remedy: str = ""


MADE = """
app = {made}  # here

@app.get("/")
{a}def index():
    return {view}
"""
BLUEPRINT = """
menu = Blueprint("menu", __name__{made})  # here

@menu.get("/")
{a}def index():
    return {aw}render_template("hello.html")

app = {app}
app.register_blueprint(menu)
"""
WRAPPED = """
class Cook:
    def __init__(self, inner):
        self.inner = inner

    def __call__(self, environ, start_response):
        {does}

        def start(status, headers, *rest):
            return start_response(status, [*headers, ("X-Cook", "ann")], *rest)

        return self.inner(environ, start)

app = {app}
{wrapped}

@app.get("/")
{a}def index():
    return {view}

@app.delete("/soup")
{a}def soup():
    return "eaten"
"""
APP = ("Flask(__name__)", "Quart(__name__)")
WRAPS = ("app.wsgi_app = Cook(app.wsgi_app)  # here", "")
OVERRIDE = 'environ["REQUEST_METHOD"] = environ.get("HTTP_X_METHOD", "GET")'
PAGE = '{aw}render_template("hello.html")'
PROXIED = """
from werkzeug.middleware.proxy_fix import ProxyFix

app = {app}
{wrapped}

@app.get("/")
{a}def index():
    return {view}
"""
MOUNTED = """
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

app = {app}
{wrapped}

@app.get("/")
{a}def index():
    return {view}
"""
MOUNTS = (
    'app.wsgi_app = DispatcherMiddleware(NotFound(), {"/menu": app.wsgi_app})  # here',
    "",
)
FIXED = ("app.wsgi_app = ProxyFix(app.wsgi_app, x_host=1)  # here", "")
FORWARDED = Request("GET", "/", headers=(("X-Forwarded-Host", "soup.example"),))

KITCHENS = [
    Kitchen(
        "templates", "made-otherwise", MADE,
        {"made": ('Flask(__name__, template_folder="pages")', APP[1]), "view": (PAGE,) * 2},
        Request("GET", "/"), "Quart(__name__, template_folder='pages')",
    ),
    Kitchen(
        "static-files", "made-otherwise", MADE,
        {"made": ('Flask(__name__, static_folder="files")', APP[1]), "view": ('"ok"',) * 2},
        Request("GET", "/files/menu.txt"), "static_folder='files'",
    ),
    Kitchen(
        "static-address", "made-otherwise", MADE,
        {
            "made": ('Flask(__name__, static_url_path="/a")', APP[1]),
            "view": ('url_for("static", filename="menu.txt")',) * 2,
        },
        Request("GET", "/"), "static_url_path='/a'",
    ),
    Kitchen(
        "blueprint", "made-otherwise", BLUEPRINT,
        {"made": (', template_folder="pages"', ""), "app": APP},
        Request("GET", "/"), "template_folder='pages'",
    ),
    Kitchen(
        "other-folder", "", MADE,
        {"made": ('Flask(__name__, static_folder="files")', APP[1]), "view": ('"one"', '"two"')},
        Request("GET", "/"),
    ),
    Kitchen(
        "header", "middleware-missing", WRAPPED,
        {"does": ("pass", "pass"), "app": APP, "wrapped": WRAPS, "view": ('"ok"',) * 2},
        Request("GET", "/"), "app.asgi_app = Cook(app.asgi_app)",
    ),
    Kitchen(
        "method", "middleware-missing", WRAPPED,
        {"does": (OVERRIDE, "pass"), "app": APP, "wrapped": WRAPS, "view": ('"ok"',) * 2},
        Request("POST", "/soup", headers=(("X-Method", "DELETE"),)), "ASGI middleware",
    ),
    Kitchen(
        "other-cook", "", WRAPPED.replace("X-Cook", "X-Chef"),
        {"does": ("pass", "pass"), "app": APP, "wrapped": ("", ""), "view": ('"one"', '"two"')},
        Request("GET", "/"),
    ),
    Kitchen(
        "mounted", "middleware-missing", MOUNTED,
        {"app": APP, "wrapped": MOUNTS, "view": ('"ok"',) * 2},
        Request("GET", "/menu/"), 'DispatcherMiddleware({"/menu": app.asgi_app})',
    ),
    Kitchen(
        "forwarded", "proxy-fix-missing", PROXIED,
        {"app": APP, "wrapped": FIXED, "view": ("request.host",) * 2},
        FORWARDED, "ProxyFixMiddleware(app.asgi_app",
    ),
    Kitchen(
        "not-forwarded", "", PROXIED,
        {"app": APP, "wrapped": FIXED, "view": ('"one"', '"two"')},
        Request("GET", "/"),
    ),
]  # fmt: skip
CAUSES = ("made-otherwise", "middleware-missing", "proxy-fix-missing")


MORE = (pytest.mark.slow, pytest.mark.one_of_many)
EACH = [
    pytest.param(each, id=each.id, marks=MORE if number % 3 else [])
    for number, each in enumerate(KITCHENS)
]
"""The quick tests have every third."""


@pytest.mark.parametrize("kitchen", EACH)
def test_what_only_one_app_is_made_or_wrapped_with(
    kitchen: Kitchen, root: Path
) -> None:
    apps = _twins(kitchen.text, **kitchen.parts)
    (found,) = _compared(*apps, [kitchen.request], root)
    causes = [each.cause for each in found.findings]
    if not kitchen.cause:
        assert found.verdict == "different"
        assert not set(causes) & set(CAUSES)
        return
    assert causes == [kitchen.cause]
    (finding,) = found.findings
    source = (root / finding.file).read_text().splitlines()
    assert source[finding.line - 1].endswith("# here")
    assert kitchen.remedy in finding.remedy


LIST = """
app = {app}
soups = []
guests = {guests}

@app.post("/soups")
{a}def add():
    data = {forgotten}request.get_json()
    soups.append(data["name"])
    return "added", 201

@app.get("/soups")
{a}def show():
    return soups

@app.get("/guests")
{a}def others():
    return [*guests]
"""


@pytest.mark.parametrize(("path", "follows"), [("/soups", True), ("/guests", False)])
def test_a_case_follows_from_an_earlier_one_with_the_same_data(
    path: str, follows: bool, root: Path
) -> None:
    twins = _twins(LIST, app=APP, guests=('["ann"]', '["bob"]'), forgotten=("", ""))
    requests = [Request("POST", "/soups", json={"name": "pea"}), Request("GET", path)]
    first, second = _compared(*twins, requests, root)
    (cause,) = first.findings
    places = [each.place for each in second.findings]
    assert (places == [cause.place]) is follows
    assert (
        any("case-0" in text for f in second.findings for text in f.evidence) is follows
    )


GUARDED = """
from NAME import abort, g

app = {app}
menu = Blueprint("menu", __name__)

@{hook}
{a}def count():
    g.guest = "ann"

@{handler}
{a}def missing(error):
    return "no soup", 404

@menu.get("/menu")
{a}def index():
    return request.headers.get("X-Guest", "no guest")

@app.get("/")
{a}def home():
    if "soup" in request.args:
        abort(404)
    return g.get("guest", "nobody")

app.register_blueprint(menu, url_prefix="")
"""


@pytest.mark.parametrize(
    ("hooks", "handlers", "path", "remedy"),
    [
        (("menu.before_app_request", "menu.before_request  # here"), ("app.errorhandler(404)",) * 2, "/", "@menu.before_app_request"),
        (("app.before_request", "menu.before_request  # here"), ("app.errorhandler(404)",) * 2, "/", "@menu.before_app_request"),
        (("app.before_request",) * 2, ("app.errorhandler(404)", "menu.errorhandler(404)  # here"), "/?soup", "@menu.app_errorhandler(404)"),
        (("app.before_request", "menu.after_app_request"), ("app.errorhandler(404)",) * 2, "/", ""),
    ],
)  # fmt: skip
def test_a_hook_or_handler_is_for_one_blueprint_only(
    hooks: tuple[str, str],
    handlers: tuple[str, str],
    path: str,
    remedy: str,
    root: Path,
) -> None:
    parts = {"app": APP, "hook": hooks, "handler": handlers}
    twins = [
        text.replace("NAME", name)
        for text, name in zip(_twins(GUARDED, **parts), ("flask", "quart"), strict=True)
    ]
    (found,) = _compared(*twins, [Request("GET", path)], root)
    causes = [each.cause for each in found.findings]
    if not remedy:
        assert found.verdict == "different"
        assert "for-blueprint-only" not in causes
        return
    assert causes[0] == "for-blueprint-only"
    finding = found.findings[0]
    source = (root / finding.file).read_text().splitlines()
    assert source[finding.line - 1].endswith("# here")
    assert remedy in finding.remedy


STORED = """
app = {app}
soups = []

{a}def season(name):
    return name + " with salt"

@app.post("/soups")
{a}def add():
    soups.append(season("pea"))  # here
    return "added", 201

@app.get("/soups")
{a}def show():
    return [str(soup) for soup in soups]

@app.get("/label")
{a}def label():
    return {label}
"""


def test_a_case_shows_the_coroutine_that_an_earlier_one_stored(root: Path) -> None:
    labels = ('"pea"', '"<coroutine object pea at 0x1>"')
    twins = _twins(STORED, app=APP, label=labels)
    paths = [("POST", "/soups"), ("GET", "/soups"), ("GET", "/label")]
    _, shown, other = _compared(*twins, [Request(*each) for each in paths], root)
    (finding,) = shown.findings
    assert "coroutine-in-response" not in {each.cause for each in other.findings}
    source = (root / "kitchen_quart.py").read_text().splitlines()
    assert finding.file == "kitchen_quart.py"
    assert source[finding.line - 1].endswith("# here")


def test_an_extension_that_calls_the_app_is_blamed_alone(root: Path) -> None:
    pytest.importorskip("flask_cors")
    text = """
import flask_cors

app = {app}
flask_cors.CORS(app)

@app.get("/")
{a}def index():
    return "ok"
"""
    (found,) = _compared(*_twins(text, app=APP), [Request("GET", "/")], root)
    assert [each.cause for each in found.findings] == ["flask-extension-in-quart"]


FILE = """
from pathlib import Path
from NAME import make_response, send_file

app = {app}

@app.get("/")
{a}def index():
    return {aw}send_file(Path(__file__).parent / "{folder}" / "{file}")  # here

@app.get("/text")
{a}def text():
    response = {aw}make_response("soup")
    response.set_etag("{file}")
    return response
"""


def test_etags_of_two_files_are_explained_and_those_of_an_app_are_not(
    root: Path,
) -> None:
    (root / "files" / "hello.html").write_text("soup")
    flask, quart = _twins(
        FILE, app=APP, folder=("pages", "files"), file=("hello.html", "menu.txt")
    )
    texts = (flask.replace("NAME", "flask"), quart.replace("NAME", "quart"))
    requests = [Request("GET", "/"), Request("GET", "/text")]
    sent, own = _compared(*texts, requests, root)
    causes = {f.cause: f for f in sent.findings if "header:etag" in f.fields}
    assert causes["etag-of-another-file"].line == 10
    assert "etag-of-another-file" not in [each.cause for each in own.findings]


VISITS = """
from NAME import session
from kitchen_conf_NAME import Config

app = {app}
app.config.from_object(Config)

@app.get("/enter")
{a}def enter():
    session["guest"] = "ann"
    return "entered"

@app.get("/")
{a}def index():
    return {"guest": session["guest"]}
"""


def test_a_lost_session_is_explained_by_a_setting_of_another_module(root: Path) -> None:
    for name, path in (("flask", "/"), ("quart", "/enter")):
        text = (
            f'class Config:\n    SECRET_KEY = "k"\n    SESSION_COOKIE_PATH = "{path}"\n'
        )
        (root / f"kitchen_conf_{name}.py").write_text(text)
        source = VISITS.replace("NAME", name)
        twins = _twins(source, app=APP)
        (root / f"kitchen_{name}.py").write_text(
            HEAD.replace("NAME", name).replace("CLASS", name.title())
            + twins[name == "quart"]
        )
    case = Case("visit", Request("GET", "/"), setup=[Request("GET", "/enter")])
    (found,) = compare("kitchen_flask:app", "kitchen_quart:app", [case])
    first, *others = found.findings
    assert first.cause == "session-cookie-setting"
    assert first.place == "kitchen_conf_quart.py:3"
    assert "status" in first.fields
    assert all(each.cause for each in others)
