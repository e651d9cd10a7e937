"""Apps with several modules: the line that decides is named, in whichever module it is."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from comparison import Case, Request, compare
from comparison.models import Comparison

APP = """
from FRAMEWORK import NAME, g, request, session
from .tools.access import permissions
from .views import pages

def create_app():
    app = NAME(__name__)
    app.secret_key = "a"
    app.config["MAX_CONTENT_LENGTH"] = 9
    app.register_blueprint(pages)

    @app.before_request
    async def look_up():
        g.permissions = permissions()
        session.permanent = False

    @app.errorhandler(404)
    async def missing(error):
        return {"error": "There is no such page."}, 404

    return app
"""
ACCESS = """
from FRAMEWORK import request

def permissions():
    if "token" in request.args:
        return ["read", "write"]
    return ["read"]

def target():
    found = [request.args.get("next"), request.referrer, "/start"]
    for each in found:
        if each:
            return each
"""
JOBS = """
from threading import Thread

def threaded(function):
    def start(*arguments):
        thread = Thread(target=function, args=arguments)
        thread.start()
        thread.join()
    return start

@threaded
def count(seen):
    seen.append(len(seen))
"""
VIEWS = """
import uuid
from FRAMEWORK import Blueprint, Response, abort, g, redirect, request
from FRAMEWORK.views import MethodView
from .tools.access import target
from .tools.jobs import count

pages = Blueprint("pages", __name__)
FILES = {}

class Pages(MethodView):
    async def get(self):
        number = len(request.args)
        if not number:
            abort(404)
        answer = Response("page")
        answer.headers["X-Number"] = str(number)
        return answer

    async def post(self):
        if "write" not in g.permissions:
            abort(403)
        return "written"

class Files(MethodView):
    async def get(self):
        answer = Response(FILES["text"])
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    async def post(self):
        name = uuid.uuid4().hex
        text = request.args["text"]
        size = len(text)
        FILES["text"] = text[:size]
        return redirect(target() + "?name=" + name)

class Jobs(MethodView):
    async def get(self):
        seen = []
        count(seen)
        return {"jobs": seen}

    async def post(self):
        return {"size": len(AWAITrequest.get_data())}

pages.add_url_rule("/pages", view_func=Pages.as_view("all"))
pages.add_url_rule("/files", view_func=Files.as_view("files"))
pages.add_url_rule("/jobs", view_func=Jobs.as_view("jobs"))
"""
FILES = {
    "__init__.py": APP, "views.py": VIEWS, "tools/__init__.py": "",
    "tools/access.py": ACCESS, "tools/jobs.py": JOBS,
}  # fmt: skip
LOGIN = Request("POST", "/files?text=long")


class Mistake(NamedTuple):
    """A line of a file of the app, and the line that a port has instead of it."""

    file: str
    line: str
    instead: str
    request: Request
    setup: tuple[Request, ...] = ()


MISTAKES = {
    "helper of a class": Mistake(
        "tools/access.py",
        'found = [request.args.get("next"), request.referrer, "/start"]',
        'found = [request.args.get("next"), request.headers.get("Referrer"), "/start"]',
        Request("POST", "/files?text=a", headers=[("Referer", "/before")]),
    ),
    "helper of a hook": Mistake(
        "tools/access.py",
        'if "token" in request.args:',
        'if "token" in request.headers:',
        Request("POST", "/pages?token=a"),
    ),
    "one of several methods": Mistake(
        "views.py",
        'answer.headers["X-Content-Type-Options"] = "nosniff"',
        'answer.headers["X-Frame-Options"] = "DENY"',
        Request("GET", "/files"),
        (LOGIN,),
    ),
    "error handler": Mistake(
        "__init__.py",
        'return {"error": "There is no such page."}, 404',
        'return {"error": "There is no such page."}',
        Request("GET", "/pages"),
    ),
    "earlier request": Mistake(
        "views.py",
        "size = len(text)",
        "size = len(request.args) - 1",
        Request("GET", "/files"),
        (LOGIN,),
    ),
}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of both apps."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("shop_")]:
        del sys.modules[name]


def _compared(mistakes: list[tuple[str, str, str]], case: Case) -> Comparison:
    """Compare both apps; each of the mistakes is a file, its line and another line."""
    for framework in ("flask", "quart"):
        for file, text in FILES.items():
            source = text.replace("FRAMEWORK", framework)
            source = source.replace("NAME", framework.title())
            waits = "await " if framework == "quart" else ""
            source = source.replace("AWAIT", waits)
            for where, line, instead in mistakes if framework == "quart" else ():
                if where == file:
                    assert line in source
                    source = source.replace(line, instead)
            path = Path(f"shop_{framework}", file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
    specs = [f"shop_{framework}:create_app()" for framework in ("flask", "quart")]
    (found,) = compare(*specs, [case])
    return found


def _places(found: Comparison) -> dict[str, set[str]]:
    """Return the fields of each line that the findings in the app name."""
    places: dict[str, set[str]] = {}
    for finding in found.findings:
        if finding.layer == "app" and finding.cause:
            lines = Path(finding.file).read_text().splitlines()
            line = lines[finding.line - 1].strip()
            places.setdefault(line, set()).update(finding.fields)
    return places


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_any_module_is_named(name: str) -> None:
    mistake = MISTAKES[name]
    # A change that does not run, or that decides nothing, is not the cause.
    others = [
        ("views.py", 'return "written"', 'return str("written")'),
        ("views.py", "number = len(request.args)", "number = len([*request.args])"),
    ]
    case = Case("case", mistake.request, setup=list(mistake.setup))
    found = _compared([mistake[:3], *others], case)
    assert [*_places(found)] == [mistake.instead]
    named = [each for each in found.findings if each.cause == "code-differs"]
    assert f"shop_quart/{mistake.file}" in {each.file for each in named}
    assert any(mistake.line in each.summary for each in named)


def test_all_statements_that_a_port_replaces_are_named() -> None:
    lines = (
        'answer = Response("page")\n        answer.headers["X-Number"] = str(number)'
    )
    mistake = ("views.py", lines, 'answer = Response("PAGE")')
    found = _compared([mistake], Case("case", Request("GET", "/pages?a=1")))
    source = Path("shop_flask/views.py").read_text().splitlines()
    first = 1 + source.index('        answer = Response("page")')
    place = f"shop_flask/views.py:{first}, up to line {first + 1}."
    assert found.findings[0].remedy == f"Write it as in {place}"


def test_each_of_two_mistakes_accounts_for_its_own_fields() -> None:
    mistakes = [
        ("views.py", "str(number)", "str(number + 1)"),
        ("__init__.py", "session.permanent = False", "pass"),
    ]
    found = _compared(mistakes, Case("case", Request("GET", "/pages?a=1")))
    places = _places(found)
    header, cookie = 'answer.headers["X-Number"] = str(number + 1)', "pass"
    assert places.keys() == {header, cookie}
    assert places[header] == {"header:x-number"}
    assert "header:set-cookie" in places[cookie]


def test_a_coroutine_function_that_a_module_of_another_folder_starts_is_named() -> None:
    mistake = ("tools/jobs.py", "def count(seen)", "async def count(seen)")
    found = _compared([mistake], Case("case", Request("GET", "/jobs")))
    assert {each.file for each in found.findings} == {"shop_quart/tools/jobs.py"}
    assert "count" in found.findings[0].remedy


def test_a_limit_that_another_module_sets_is_named() -> None:
    mistake = ("__init__.py", 'app.config["MAX_CONTENT_LENGTH"] = 9', "pass")
    request = Request("POST", "/jobs", text="more than nine")
    found = _compared([mistake], Case("case", request))
    assert found.findings[0].cause == "limit-of-request-missing"
    assert 'app.config["MAX_CONTENT_LENGTH"] = 9' in found.findings[0].remedy


def test_a_random_value_is_no_reason_to_name_a_changed_line() -> None:
    change = ("tools/access.py", "for each in found:", "for each in list(found):")
    value = (
        "views.py",
        'target() + "?name=" + name',
        'target() + "?name=" + str(name)',
    )
    found = _compared([change, value], Case("case", Request("POST", "/files?text=a")))
    assert "for each in list(found):" not in _places(found)
