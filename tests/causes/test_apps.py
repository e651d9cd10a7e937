"""Explanations whose evidence is the app itself: settings, middleware, methods."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from comparison import Case, Request, TargetError, compare
from comparison.causes import load_explanations, why_not_answered
from comparison.causes.load import DATA
from comparison.models import Comparison
from tests.targets.waiting import needs

from . import apps, asynchronous, configured, elsewhere, moved, variables, views
from .views import Pair, skip_other_versions

HEAD = """\
import asyncio, os
from FRAMEWORK import Blueprint, NAME, Response, request, send_from_directory, url_for
app = NAME(__name__)
"""


def _source(text: str, framework: str) -> str:
    head = HEAD.replace("FRAMEWORK", framework).replace("NAME", framework.title())
    return head + dedent(text)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the apps, which are imported from it, and forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("FLASK_GREETING", "")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.txt").write_text("a")
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.endswith(("_of_flask", "_of_quart")):
            del sys.modules[name]


def _compared(pair: Pair, root: Path) -> Comparison:
    for framework in ("flask", "quart"):
        source = _source(getattr(pair, framework), framework)
        (root / f"{pair.id}_of_{framework}.py").write_text(source)
    specs = (f"{pair.id}_of_flask:app", f"{pair.id}_of_quart:app")
    fields: dict[str, Any] = {"method": "GET", "path": "/"} | pair.request
    setup = [Request("GET", path) for path in pair.setup]
    case = Case("pair", Request(**fields), setup=setup)
    (found,) = compare(specs[0], specs[1], [case])
    return found


PAIRS = [
    *apps.PAIRS,
    *elsewhere.PAIRS,
    *moved.PAIRS,
    *asynchronous.PAIRS,
    *configured.PAIRS,
    *variables.PAIRS,
]
MORE = (pytest.mark.slow, pytest.mark.one_of_many)
EACH = [
    pytest.param(pair, id=pair.id, marks=MORE if number % 6 else [])
    for number, pair in enumerate(PAIRS)
]
"""Each pair starts processes. The quick tests have every sixth."""


@pytest.mark.parametrize("pair", EACH)
def test_a_pair_of_apps_gives_its_expected_causes(pair: Pair, root: Path) -> None:
    skip_other_versions(pair)
    found = _compared(pair, root)
    assert found.verdict in ("different", "failed")
    if not pair.cause:
        assert not {each.cause for each in found.findings} & load_explanations().keys()
        return
    first = found.findings[0]
    assert first.cause.removesuffix("-without-end") == pair.cause
    lines = _source(pair.quart, "quart").splitlines()
    place = [n for n, text in enumerate(lines, 1) if text.endswith("# here")]
    expected = f"{pair.id}_of_quart.py:{place[0]}" if place else ""
    assert first.place == expected
    assert pair.remedy in first.remedy


@pytest.mark.parametrize(("statement", "remedy"), apps.STARTUP.items())
def test_startup(statement: str, remedy: str, root: Path) -> None:
    (root / "stuck_of_quart.py").write_text(_source(statement, "quart"))
    with pytest.raises(TargetError) as raised:
        list(compare("stuck_of_quart:app", "stuck_of_quart:app", [_CASE]))
    assert "(stuck_of_quart.py:4)" in str(raised.value)
    assert remedy in str(raised.value)


@pytest.mark.parametrize(
    "statement",
    [
        "1 / 0",
        "app.nothing",
        "app.before_first_requests(print)",
        "import missing_module",
        "from collections import url_quote",
        "if app: raise SystemError(1)",
    ],
)
def test_startup_without_known_cause(statement: str, root: Path) -> None:
    (root / "stuck_of_quart.py").write_text(_source(statement, "quart"))
    with pytest.raises(TargetError) as raised:
        list(compare("stuck_of_quart:app", "stuck_of_quart:app", [_CASE]))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("statement", "explained"),
    [("from werkzeug.urls import url_encode", True), ("import flask_patch", False)],
)
def test_startup_of_a_module_without_quart(
    statement: str, explained: bool, root: Path
) -> None:
    (root / "links_of_quart.py").write_text(statement)
    (root / "stuck_of_quart.py").write_text(_source("import links_of_quart", "quart"))
    with pytest.raises(TargetError) as raised:
        list(compare("stuck_of_quart:app", "stuck_of_quart:app", [_CASE]))
    assert "(links_of_quart.py:1)" in str(raised.value)
    assert ("urllib.parse" in str(raised.value)) == explained


SERVING = """
@app.while_serving
async def settings():
    app.{name} = "memory"
    yield

@app.before_serving
async def connect():
    app.database = app.settings
"""


@pytest.mark.parametrize("name", ["settings", "other"])
def test_a_startup_error_caused_by_hook_order_is_explained(
    name: str, root: Path
) -> None:
    (root / "stuck_of_quart.py").write_text(
        _source(SERVING.replace("{name}", name), "quart")
    )
    with pytest.raises(TargetError) as raised:
        list(compare("stuck_of_quart:app", "stuck_of_quart:app", [_CASE]))
    assert "(stuck_of_quart.py:12)" in str(raised.value)
    explained = "before those of `while_serving`" in str(raised.value)
    assert explained == (name == "settings")


def test_a_server_that_ends_shows_what_the_app_raised(root: Path) -> None:
    needs("uvicorn-h11")
    text = "@app.before_serving\nasync def open_shop():\n    app.config['SHELF']"
    (root / "closed_of_quart.py").write_text(_source(text, "quart"))
    spec = "closed_of_quart:app@uvicorn"
    with pytest.raises(TargetError) as raised:
        list(compare("closed_of_quart:app", spec, [_CASE]))
    last = str(raised.value).splitlines()[-1]
    assert last == "`open_shop` raised KeyError: 'SHELF' (closed_of_quart.py:6)."


OUTBOX = """
import threading
sent = []

{kind} send():
    sent.append("a")

@app.get("/send")
{kind} start():
    thread = threading.Thread(target=send)
    thread.start()
    thread.join()
    return "ok"

@app.get("/")
{kind} view():
    return str(sent)
"""


def test_work_lost_by_an_earlier_request(root: Path) -> None:
    texts = (OUTBOX.replace("{kind}", kind) for kind in ("def", "async def"))
    pair = Pair("outbox", "", *texts, setup=("/send",))
    found = _compared(pair, root)
    fields = {field for each in found.findings for field in each.fields}
    assert {each.cause for each in found.findings} == {"coroutine-function-in-thread"}
    assert fields >= {"effect", "body"}


@pytest.mark.parametrize(
    ("wait", "explained"),
    [
        ("return await lock[0]", True),
        ("raise RuntimeError('nothing to take')", False),
    ],
)
def test_loop_of_each_function_of_flask(wait: str, explained: bool, root: Path) -> None:
    flask = elsewhere.SAME_LOOP.format(delay=30, wait=wait)
    quart = elsewhere.SAME_LOOP.format(delay=0, wait="return await lock[0]")
    found = _compared(Pair("loops", "", flask, quart, setup=("/",)), root)
    causes = {each.cause for each in found.findings}
    assert ("event-loop-of-each-function" in causes) == explained


KEPT = """
import contextvars

guest = contextvars.ContextVar("guest", default="nobody")

@app.get("/")
{kind} view():
    before = guest.get()
    token = guest.set("ann"){here}
    {after}
    return before{other}
"""


@pytest.mark.parametrize(
    ("after", "others", "explained"),
    [
        ("pass", ("", ""), True),
        ("guest.reset(token)", ("", ' + "!"'), False),
        ("pass", ("", ' + "!"'), False),
    ],
)
def test_variable_that_a_thread_of_flask_keeps(
    after: str, others: tuple[str, str], explained: bool, root: Path
) -> None:
    texts = (
        KEPT.format(kind=kind, here=here, after=after, other=other)
        for kind, here, other in zip(
            ("def", "async def"), ("  # here", ""), others, strict=True
        )
    )
    found = _compared(Pair("guests", "", *texts, setup=("/",)), root)
    causes = {each.cause: each for each in found.findings}
    assert ("variable-of-earlier-request" in causes) == explained
    if explained:
        place = causes["variable-of-earlier-request"].place
        file, line = place.split(":")
        assert (root / file).read_text().splitlines()[int(line) - 1].endswith("# here")


COPIED = """
import concurrent.futures
from FRAMEWORK import copy_current_request_context, g

pool = concurrent.futures.ThreadPoolExecutor()

@app.get("/")
{kind} view():
    g.name = "ann"

    @copy_current_request_context
    {kind} inner():
        return {inner}

    return {{"name": {calls}, "size": {size}}}
"""


@pytest.mark.parametrize(
    ("inner", "size", "explained"),
    [
        ('g.get("name")', ("1", "1"), True),
        ("g.name", ("1", "1"), True),
        ('"ann"', ("1", "2"), False),
        ("request.path", ("g.pop('name') and 1", "g.pop('name') and 2"), False),
    ],
)
def test_g_in_a_copied_context(
    inner: str, size: tuple[str, str], explained: bool, root: Path
) -> None:
    texts = [
        COPIED.format(kind=kind, inner=inner, calls=calls, size=each).replace(
            "FRAMEWORK", framework
        )
        for kind, calls, each, framework in (
            ("def", "pool.submit(inner).result()", size[0], "flask"),
            ("async def", "await asyncio.create_task(inner())", size[1], "quart"),
        )
    ]
    pair = Pair("copied", "", *texts, versions="<0.23" if explained else "")
    skip_other_versions(pair)
    found = _compared(pair, root)
    assert found.verdict == "different"
    causes = {each.cause for each in found.findings}
    assert ("g-in-copied-context" in causes) == explained


ENDLESS = """
{imports}

@app.before_serving
async def start():
    {does}
"""


@pytest.mark.parametrize(
    ("imports", "does", "after", "remedy"),
    [
        ("", "while True:\n        await asyncio.sleep(1)", "", "add_background_task"),
        (
            "from hypercorn.middleware import AsyncioWSGIMiddleware, DispatcherMiddleware",
            "pass",
            'app.asgi_app = DispatcherMiddleware({"/a": AsyncioWSGIMiddleware(print)})',
            "Pass only HTTP on",
        ),
        ("", "await asyncio.Event().wait()", "", ""),
    ],
)
def test_a_start_without_end(
    imports: str, does: str, after: str, remedy: str, root: Path
) -> None:
    text = ENDLESS.format(imports=imports, does=does) + after
    (root / "endless_of_quart.py").write_text(_source(text, "quart"))
    why = why_not_answered("endless_of_quart:app")
    assert bool(why) == bool(remedy)
    assert remedy in why


@pytest.mark.slow
def test_a_start_without_end_is_explained_in_process(root: Path) -> None:
    text = ENDLESS.format(
        imports="", does="while True:\n        await asyncio.sleep(1)"
    )
    (root / "endless_of_quart.py").write_text(_source(text, "quart"))
    with pytest.raises(TargetError) as raised:
        list(compare("endless_of_quart:app", "endless_of_quart:app", [_CASE]))
    assert "add_background_task" in str(raised.value)
    assert "(endless_of_quart.py:9)" in str(raised.value)


FILE = """
from FRAMEWORK import send_file

@app.after_request
{kind} measure(response):
    response.headers["X-Size"] = str({size})
    return response

@app.get("/")
{kind} view():
    return {wait}send_file(__file__)
"""


@pytest.mark.parametrize("size", ["len({wait}response.get_data())", "{wait}other()"])
def test_body_of_a_file_in_flask(size: str, root: Path) -> None:
    other = "\n{} other():\n    {}\n"
    texts = []
    for framework, kind, wait, body in (
        ("flask", "def", "", "raise RuntimeError('no size')"),
        ("quart", "async def", "await ", "return 1"),
    ):
        text = FILE.format(kind=kind, wait=wait, size=size.format(wait=wait))
        text = text.replace("FRAMEWORK", framework)
        texts.append(text + other.format(kind, body))
    found = _compared(Pair("filed", "", *texts), root)
    causes = {each.cause for each in found.findings}
    assert ("body-of-file-in-flask" in causes) == ("get_data" in size)


def test_exception_after_a_changed_statement(root: Path) -> None:
    found = _compared(Pair("changed", "", *map(dedent, elsewhere.CHANGED)), root)
    first = found.findings[0]
    assert first.cause == "changed-code-raises"
    assert first.place == "changed_of_quart.py:10"
    assert 'request.args.get("day", "mon")' in first.summary
    assert "changed_of_flask.py:10" in first.remedy


DECORATED = """
import functools

def logged(view):
    @functools.wraps(view)
    {kind} inner({values}):
        return {wait}view({values})
    return inner

@app.get("/")
@app.get("/<int:number>")
@logged
{kind} view(number=0):
    return str(number)
"""


def test_exception_outside_the_code_of_the_app(root: Path) -> None:
    flask = DECORATED.format(kind="def", wait="", values="**values")
    quart = DECORATED.format(kind="async def", wait="await ", values="*values")
    found = _compared(Pair("decorated", "", flask, quart, {"path": "/3"}), root)
    first = found.findings[0]
    assert first.cause == "changed-code-raises"
    assert first.source == "async def inner(*values):"


SEVERAL_LINES = """
{kind} rows():
    return [1, 2]

@app.get("/")
{kind} view():
    return (
        str([row for row in rows()]),
        200,
    )
"""


def test_one_finding_for_a_statement_of_several_lines(root: Path) -> None:
    texts = (SEVERAL_LINES.format(kind=kind) for kind in ("def", "async def"))
    flask, quart = texts
    found = _compared(Pair("several", "", flask, quart), root)
    assert [each.cause for each in found.findings] == ["coroutine-in-expression"]


@pytest.mark.parametrize(
    ("path", "cause", "source", "output"),
    [
        (
            "/value",
            "",
            "module = Request.__module__",
            "`module` is another `str` in {quart}",
        ),
        (
            "/shown",
            "",
            "size = len(Request.__module__)",
            "`size` is 22 in {quart}, and 14 in",
        ),
        (
            "/secret",
            "",
            "password = len(Request.__module__)",
            "`password` is another `int` in {quart}",
        ),
        ("/branch", "", 'if name.startswith("flask"):', "other lines"),
        (
            # The condition of `check` was the last line before, and led nowhere else.
            "/helper",
            "",
            'size = check("tea") or (small if len(Request.__module__) < 20 else large)()',
            "`size` is 'large' in {quart}, and 'small' in",
        ),
        ("/same", "code-differs", 'return {"name": name, "text": str(2)}', "str(1)"),
    ],
)
def test_where_two_apps_diverge(
    path: str, cause: str, source: str, output: str, root: Path
) -> None:
    sources = (
        elsewhere.WEIGHTS.format(low=low, kind=kind, value=value)
        for low, kind, value in (("flask", "def", 1), ("quart", "async def", 2))
    )
    name = path.strip("/")
    found = _compared(Pair(name, "", *sources, {"path": path}), root)
    first = found.findings[0]
    assert (first.cause, first.source) == (cause, source)
    assert first.file == f"{name}_of_quart.py"
    assert output.format(quart=first.target) in first.summary


VISITS = """
from FRAMEWORK import session
from FRAMEWORK.sessions import SecureCookieSessionInterface

class Short(SecureCookieSessionInterface):
    def save_session(self, *args):
        return super().save_session(*args)

app.secret_key = "dev"
app.session_interface = Short()

@app.get("/")
{kind} view():
    session["visits"] = 1
    return "ok"
"""


def test_session_that_is_not_saved(root: Path) -> None:
    texts = (
        VISITS.replace("{kind}", kind).replace("FRAMEWORK", framework)
        for kind, framework in (("def", "flask"), ("async def", "quart"))
    )
    found = _compared(Pair("visits", "", *texts), root)
    assert [each.cause for each in found.findings] == ["coroutine-never-awaited"]


@pytest.mark.parametrize("reference", ["/feed", "/other"])
def test_http_to_a_rule_for_websockets(reference: str, root: Path) -> None:
    flask = f"""
    @app.get("{reference}")
    def view():
        return "ok"
    """
    quart = """
    @app.websocket("/feed")
    async def view():
        return None
    """
    pair = Pair("feed", "", flask, quart, {"path": "/feed"})
    (found,) = _compared(pair, root).findings
    assert "for websockets only" in found.summary
    assert found.place == "feed_of_quart.py:5"


_CASE = Case("pair", Request("GET", "/"))


FORWARDED = """
@app.get("/")
{kind} view():
    return request.url
"""


def _forwarded(root: Path, stacks: tuple[str, str]) -> list[str]:
    """Return the causes of a difference between two apps behind a proxy with TLS."""
    specs = []
    for framework, server in zip(("flask", "quart"), stacks, strict=True):
        text = FORWARDED.format(kind="def" if framework == "flask" else "async def")
        (root / f"proxied_of_{framework}.py").write_text(_source(text, framework))
        specs.append(f"proxied_of_{framework}:app@{server}")
    headers = {"X-Forwarded-Proto": "https", "Host": "books.example"}
    case = Case("pair", Request("GET", "/", headers=headers))
    (found,) = compare(specs[0], specs[1], [case])
    return [each.cause for each in found.findings if "body" in each.fields]


def test_scheme_that_gunicorn_trusts(root: Path) -> None:
    assert _forwarded(root, ("gunicorn", "hypercorn")) == ["forwarded-scheme"]


def test_scheme_that_neither_server_trusts(root: Path) -> None:
    assert _forwarded(root, ("waitress", "hypercorn")) == []


def test_file_has_two_causes(root: Path) -> None:
    (pair,) = (each for each in apps.PAIRS if each.id == "file_of_the_app")
    found = _compared(pair, root)
    causes = {field: each.cause for each in found.findings for field in each.fields}
    assert causes["header:content-disposition"] == "name-of-inline-file"
    assert causes["header:cache-control"] == "files-cached-for-twelve-hours"


def test_every_explanation_is_proven() -> None:
    proven = {pair.cause for pair in (*PAIRS, *views.PAIRS)}
    proven |= {"forwarded-scheme", "name-of-inline-file"}
    proven |= {"event-loop-of-each-function", "body-cut-by-client"}
    proven.add("body-of-file-in-flask")
    # On servers, in `test_two_frameworks_on_servers`.
    proven |= {"event-loop-blocked", "generator-exit-not-raised"}
    proven |= {"request-to-itself-blocks-the-loop", "body-read-by-middleware"}
    proven |= {"thread-lock-held-across-await", "value-of-thread-shared"}
    proven |= {"local-of-thread-shared", "connection-of-all-requests"}
    proven |= {"variable-of-earlier-request", "g-in-copied-context"}
    proven.add("connection-of-thread-shared")
    # In test_how_apps_are_made.py.
    proven |= {"proxy-fix-missing", "etag-of-another-file", "coroutine-in-response"}
    proven.add("octets-in-query-not-utf-8")  # in test_views.py
    # It is what the newest Quart does with the pair of `response-timeout`.
    proven.add("response-timeout-without-end")
    files = ("coroutines", "exceptions", "values")
    text = "".join((DATA / f"{name}.toml").read_text() for name in files)
    assert set(re.findall(r'^id = "(.+)"$', text, re.MULTILINE)) <= proven
