"""Case files drafted from url maps."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import flask.views
import pytest
import werkzeug.routing
from flask import request
from werkzeug.exceptions import NotFound

from comparison import compare
from comparison.cases import load_cases
from comparison.cases.sources.discover import discover, drafts
from comparison.cli import main
from comparison.models import Case
from comparison.models.request import Part
from tests.apps import FRAMEWORKS, new_app
from tests.project import Project, project

__all__ = ["project"]


def drafted(app: object, tmp_path: Path, **options: bool) -> dict[str, Case]:
    path = tmp_path / "cases.toml"
    path.write_text(discover(app, "mine", **options), encoding="utf-8")
    return {case.id: case for case in load_cases(path)}


def view(**arguments: object) -> str:
    """What it shows.

    More of it.
    """
    return repr(arguments)


def app_with(rule: str, framework: str = "flask", **options: object) -> flask.Flask:
    app = new_app(framework)
    app.static_folder = None
    app.add_url_rule(rule, "view", view, **options)  # type: ignore[arg-type]
    return app  # type: ignore[return-value]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize(
    "rule",
    [
        "/",
        "/<name>",
        "/<string(length=2):name>",
        "/<string(minlength=9):name>",
        "/<string(maxlength=3):name>",
        "/<string(minlength=2, maxlength=3):name>",
        "/<int:number>",
        "/<int(min=10):number>",
        "/<int(max=0):number>",
        "/<int(fixed_digits=4):number>",
        "/<int(signed=True):number>",
        "/<float:number>",
        "/<path:where>/end",
        "/<uuid:identifier>",
        "/<any(about, help):page>",
        "/<int:one>/<int:two>.<name>",
    ],
)
def test_a_sample_path_matches_its_rule(framework: str, rule: str) -> None:
    app = app_with(rule, framework)
    found = {draft.id.endswith("-rejected"): draft for draft in drafts(app)}
    adapter = app.url_map.bind("localhost")
    assert adapter.match(found[False].path)[0] == "view"
    takes_all = ("/", "/<name>", "/<path:where>/end")
    assert (True in found) == (rule not in takes_all)
    if True in found:
        with pytest.raises(NotFound):
            adapter.match(found[True].path)


def test_a_generated_path_value_is_marked_with_a_choose_comment(tmp_path: Path) -> None:
    text = discover(app_with("/<int:number>/<uuid:identifier>"), "mine")
    sample = uuid.UUID("00000000-0000-4000-8000-000000000001")
    marked = f'path = "/1/{sample}"  # choose number (int), identifier (uuid)'
    assert marked in text.splitlines()
    text = discover(app_with("/<name>"), "mine")
    assert 'path = "/name"  # choose name (string)' in text.splitlines()


def test_a_docstring_is_the_title(tmp_path: Path) -> None:
    (case,) = drafted(app_with("/"), tmp_path).values()
    assert case.title == "What it shows"


def test_a_view_without_docstring_is_titled_by_its_rule(tmp_path: Path) -> None:
    app = new_app("flask")
    app.add_url_rule("/<name>", "view", lambda name: name)
    assert drafted(app, tmp_path)["get-name"].title == "GET /<name>"


def test_each_method_of_a_class_based_view_has_its_title(tmp_path: Path) -> None:
    class Item(flask.views.MethodView):
        def get(self) -> str:
            """Show it."""
            return ""

        def post(self) -> str:
            """Add it."""
            return ""

    app = new_app("flask")
    app.add_url_rule("/item", view_func=Item.as_view("item"))
    found = drafted(app, tmp_path, all_methods=True)
    assert (found["get-item"].title, found["post-item"].title) == ("Show it", "Add it")


def test_a_class_based_view_without_docstrings_is_titled_by_its_rule(
    tmp_path: Path,
) -> None:
    class Item(flask.views.MethodView):
        def get(self) -> str:
            return ""

    app = new_app("flask")
    app.add_url_rule("/item", view_func=Item.as_view("item"))
    assert drafted(app, tmp_path)["get-item"].title == "GET /item"


def test_cases_with_unsafe_methods_are_commented_out(tmp_path: Path) -> None:
    app = app_with("/", methods=["GET", "POST", "DELETE"])
    assert list(drafted(app, tmp_path)) == ["get"]
    assert "# [[case]]" in (tmp_path / "cases.toml").read_text("utf-8")
    every = drafted(app, tmp_path, all_methods=True)
    assert [case.request.method for case in every.values()] == ["DELETE", "GET", "POST"]


def add_order() -> str:
    return request.form["article"] + request.form.get("note", "")


async def add_order_waiting() -> str:
    sent = await request.form
    return sent["article"] + sent.get("note", "")


def add_json() -> str:
    data = request.get_json()
    return data["article"] + request.args["page"]


def add_file() -> str:
    request.files["picture"].save("/dev/null")
    return request.form["article"]


@pytest.mark.parametrize(
    ("add", "body", "path"),
    [
        (add_order, {"form": {"article": "article", "note": "note"}}, "/"),
        (add_order_waiting, {"form": {"article": "article", "note": "note"}}, "/"),
        (add_json, {"json": {"article": "article"}}, "/?page=page"),
        (add_file, {"multipart": (Part("article", "article"),
                                  Part("picture", "picture", filename="picture.txt"))},
         "/"),
        (view, {"json": {}}, "/"),
        (print, {"json": {}}, "/"),
    ],
    ids=["form", "form of Quart", "json", "files", "nothing", "no source"],
)  # fmt: skip
def test_a_body_has_the_fields_that_the_view_reads(
    add: Any, body: dict[str, Any], path: str, tmp_path: Path
) -> None:
    app = flask.Flask("mine", static_folder=None)
    app.add_url_rule("/", "add", add, methods=["POST"])
    (case,) = drafted(app, tmp_path, all_methods=True).values()
    assert case.request.path == path
    for name, content in body.items():
        assert getattr(case.request, name) == content


def listing() -> str:
    page = request.args["page"]
    size = request.args.get("size", 20, type=int)
    kind = request.values.get("kind")
    key = request.headers["X-Key"]
    theme = request.cookies.get("theme", "dark blue")
    if "X-Trace" in request.headers:
        return str(request.authorization)
    return f"{page}{size}{kind}{key}{theme}"


def by_token() -> str:
    authorization = request.authorization
    return authorization.token if authorization else ""  # type: ignore[return-value]


def test_queries_headers_and_cookies_have_the_fields_that_the_view_reads(
    tmp_path: Path,
) -> None:
    app = flask.Flask("mine", static_folder=None)
    app.add_url_rule("/list", "list", listing)
    app.add_url_rule("/token", "token", by_token)
    found = drafted(app, tmp_path)
    assert list(found) == [
        "get-list", "get-list-with-options", "get-token", "get-token-with-options",
    ]  # fmt: skip
    plain, more = found["get-list"].request, found["get-list-with-options"].request
    assert (plain.path, plain.headers) == ("/list?page=page", {"X-Key": "X-Key"})
    assert more.path == "/list?page=page&size=20&kind=kind"
    assert more.headers == {
        "X-Key": "X-Key", "X-Trace": "X-Trace", "Cookie": "theme=dark%20blue",
        "Authorization": "Basic dXNlcjpwYXNzd29yZA==",
    }  # fmt: skip
    token = found["get-token-with-options"].request
    assert token.headers == {"Authorization": "Bearer token"}
    responses = compare(app, app, list(found.values()))
    exchanges = [next(iter(c.recordings.values())).exchange for c in responses]
    statuses = [e.response.status for e in exchanges if e.response is not None]
    assert statuses == [200] * 4


def test_rules_with_the_same_id_get_distinct_ids(tmp_path: Path) -> None:
    app = app_with("/a-b")
    app.add_url_rule("/a/b", "other", view)
    assert list(drafted(app, tmp_path)) == ["get-a-b", "get-a-b-2"]


def test_an_existing_static_file_becomes_a_case(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "style.css").write_text("")
    app = flask.Flask("mine", root_path=str(tmp_path))
    (case,) = drafted(app, tmp_path).values()
    assert case.request.path == "/static/style.css"


def test_a_static_folder_without_files_is_a_comment(tmp_path: Path) -> None:
    assert drafted(flask.Flask("mine", root_path=str(tmp_path)), tmp_path) == {}
    assert "choose no" not in (tmp_path / "cases.toml").read_text("utf-8")


def test_a_websocket_is_a_comment(tmp_path: Path) -> None:
    app = new_app("quart")
    app.add_websocket("/feed", "feed", view)  # type: ignore[union-attr]
    assert drafted(app, tmp_path) == {}
    assert "websocket" in (tmp_path / "cases.toml").read_text("utf-8")


def test_a_host_rule_sets_the_host_header(tmp_path: Path) -> None:
    app = flask.Flask("mine", static_folder=None, host_matching=True)
    app.add_url_rule("/", "view", view, host="api.example")
    (case,) = drafted(app, tmp_path).values()
    assert case.request.headers == {"Host": "api.example"}


def test_a_custom_converter_is_marked_for_a_manual_choice() -> None:
    class Colour(werkzeug.routing.BaseConverter):
        regex = "red|green"

    app = new_app("flask")
    app.static_folder = None
    app.url_map.converters["colour"] = Colour
    app.add_url_rule("/<colour:shade>", "view", view)
    *_, first, rejected = drafts(app)
    assert (first.choose, rejected.path) == ("shade (colour)", "/x")


def test_a_title_cannot_break_the_file(tmp_path: Path) -> None:
    def odd() -> str:
        return ""

    odd.__doc__ = 'A "quoted" \\ title\x7f with ]'
    app = new_app("flask")
    app.add_url_rule("/", "odd", odd)
    assert drafted(app, tmp_path)["get"].title == odd.__doc__


def test_a_rule_that_looks_like_a_placeholder_is_escaped(tmp_path: Path) -> None:
    (case,) = drafted(app_with("/${env:HOME}"), tmp_path).values()
    assert case.request.path == "/${env:HOME}"


@pytest.fixture
def written(project: Project) -> Iterator[Path]:
    path = project.root / "drafted.toml"
    assert main(["discover", "shop_flask:create_app()", "--output", str(path)]) == 0
    yield path


def test_the_drafted_file_runs_without_changes(project: Project, written: Path) -> None:
    assert main(["run", "-q", "--cases", str(written)]) == 0
    ids = [case.id for case in load_cases(written)]
    assert ids == ["get-orders-number", "get-orders-number-rejected", "get-greeting"]


def test_discover_does_not_overwrite_an_existing_file(
    project: Project, written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written.write_text("mine")
    again = ["discover", "shop_flask", "--output", str(written)]
    assert main(again) == 2
    assert "exists; use --force to replace it" in capsys.readouterr().err
    assert written.read_text() == "mine"
    assert main([*again, "--force"]) == 0


def test_discover_without_an_app_reads_the_project_reference(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["discover"]) == 0
    assert 'id = "get-greeting"' in capsys.readouterr().out


def test_a_reference_on_a_server_is_read_without_starting_it(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    config = (project.root / "pyproject.toml").read_text()
    flask = 'flask = "shop_flask:create_app()'
    project.write("pyproject.toml", config.replace(flask, f"{flask}@"))
    assert main(["discover"]) == 0
    assert 'id = "get-greeting"' in capsys.readouterr().out


def test_discover_can_write_the_file_named_in_the_configuration(
    project: Project,
) -> None:
    (project.root / "cases.toml").unlink()
    assert main(["discover", "--output", "cases.toml"]) == 0
    assert main(["run", "-q"]) == 0


def test_an_app_without_url_map_is_reported(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write("bare.py", "def app(environ, start_response): ...")
    assert main(["discover", "bare:app"]) == 2
    assert "bare:app: has no url map" in capsys.readouterr().err
