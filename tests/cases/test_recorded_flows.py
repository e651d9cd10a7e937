"""Recorded flows: values that the app made become captures, and a dead flow fails."""

import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask
import pytest
import quart

from comparison import compare
from comparison.cases import load_cases
from comparison.cli import main
from comparison.models import Case
from tests.apps import FRAMEWORKS, App, new_app

HTML = "text/html; charset=utf-8"
FORM = "application/x-www-form-urlencoded"


def shop(framework: str, *, rejects: bool = False) -> App:
    """An app with a CSRF token in the login form, and orders with random numbers."""
    app = new_app(framework)
    app.secret_key = "only for this test"
    library: Any = flask if framework == "flask" else quart
    orders: dict[str, str] = {}

    async def form() -> Any:
        values = library.request.form
        return values if framework == "flask" else await values

    def login_form() -> str:
        library.session["csrf"] = secrets.token_urlsafe(16)
        return page(library.session["csrf"])

    async def login() -> Any:
        values = await form()
        if rejects or values.get("csrf_token") != library.session.get("csrf"):
            return page("again")
        library.session["user"] = values["user"]
        return library.redirect("/home")

    async def order() -> Any:
        if "user" not in library.session:
            return "log in", 401
        number = str(secrets.randbelow(10**6))
        orders[number] = (await form())["article"]
        return {"id": int(number)}, 201, {"Location": f"/orders/{number}"}

    def show(number: str) -> Any:
        return {"id": int(number), "article": orders[number], "next": None}

    def home() -> Any:
        return "welcome" if "user" in library.session else "please log in"

    app.add_url_rule("/login", "form", login_form)
    app.add_url_rule("/login", "login", login, methods=["POST"])
    app.add_url_rule("/orders", "order", order, methods=["POST"])
    app.add_url_rule("/orders/<number>", "show", show)
    app.add_url_rule("/home", "home", home)
    return app


def page(token: str) -> str:
    return f'<form method=post><input type=hidden name="csrf_token" value="{token}"></form>'


def entry(
    method: str,
    path: str,
    status: int,
    text: str,
    mime: str,
    *headers: Any,
    form: Any = None,
) -> dict[str, Any]:
    given = [("Content-Type", FORM)] if form else []
    request = {
        "method": method,
        "url": f"http://127.0.0.1:5000{path}",
        "headers": [{"name": n, "value": v} for n, v in given],
        "postData": {"mimeType": FORM, "text": urlencode(form)} if form else None,
    }
    response = {
        "status": status,
        "headers": [
            {"name": n, "value": v} for n, v in (("Content-Type", mime), *headers)
        ],
        "content": {"mimeType": mime, "text": text},
    }
    return {"request": request, "response": response}


TOKEN = "l3hXEBpqSCJmmOrd91MDFA"
SESSION = ("Set-Cookie", "session=recorded; Path=/")
LOGIN = [
    entry("GET", "/login", 200, page(TOKEN), HTML, SESSION),
    entry("POST", "/login", 302, "", HTML, SESSION, ("Location", "/home"),
          form={"csrf_token": TOKEN, "user": "ada"}),
    entry("GET", "/home", 200, "welcome", HTML),
]  # fmt: skip
ORDER = [
    *LOGIN,
    entry("POST", "/orders", 201, '{"id":408131}', "application/json",
          ("Location", "/orders/408131"), form={"article": "tea"}),
    entry("GET", "/orders/408131", 200, '{"article":"tea","id":408131,"next":null}\n',
          "application/json"),
]  # fmt: skip


def imported(folder: Path, entries: Any, *options: str) -> list[Case]:
    har = folder / "flow.har"
    har.write_text(json.dumps({"log": {"entries": entries}}), "utf-8")
    out = folder / "cases.toml"
    command = ["import-har", str(har), "--output", str(out), "--force", "--sequence"]
    assert main([*command, *options]) == 0
    drafted = out.read_text("utf-8")
    assert TOKEN not in drafted
    assert "408131" not in drafted
    return load_cases(out)


@pytest.mark.parametrize("entries", [LOGIN, ORDER], ids=["login", "order"])
def test_a_recorded_flow_replays_on_both_apps(entries: Any, tmp_path: Path) -> None:
    cases = imported(tmp_path, entries, "--expect")
    (found,) = compare(*map(shop, FRAMEWORKS), cases)
    assert found.expectation.failures == ()
    assert {each.field for each in found.differences} <= {"header:vary"}
    statuses = [each["response"]["status"] for each in entries]
    for recording in found.recordings.values():
        exchanges = (*recording.setup, recording.exchange)
        assert [e.response and e.response.status for e in exchanges] == statuses


def test_a_flow_fails_if_both_apps_reject_its_login(tmp_path: Path) -> None:
    cases = imported(tmp_path, LOGIN, "--expect")
    apps = [shop(name, rejects=True) for name in FRAMEWORKS]
    (found,) = compare(*apps, cases)
    assert found.verdict in ("failed", "different")
    failures = {(f.request, f.field) for f in found.expectation.failures}
    assert (2, "status") in failures


def test_values_that_the_client_chose_are_not_captured(tmp_path: Path) -> None:
    search = [
        entry("GET", "/orders/7", 200, '{"id":7,"key":"abc12345"}', "application/json"),
        entry("GET", "/orders/7?q=tea", 200, '["tea", 8]', "application/json"),
        entry("POST", "/orders", 201, "", HTML, form={"article": "tea", "count": "8"}),
    ]
    (case,) = imported(tmp_path, search)
    assert [request.capture for request in case.setup] == [{}, {}]
    assert (case.setup[1].path, case.request.form) == (
        "/orders/7?q=tea", {"article": "tea", "count": "8"},
    )  # fmt: skip


def test_the_token_of_the_right_form_is_captured(tmp_path: Path) -> None:
    forms = (
        '<form action="/search"><input type=hidden name=csrf_token value=other></form>'
        '<form action="/login"><input type=hidden name=csrf_token value=mine></form>'
        f"<script>var key = '{TOKEN}';</script>"
    )
    flow = [
        entry("GET", "/login", 200, forms, HTML),
        entry("POST", "/login", 302, "", HTML, form={"csrf_token": "mine"}),
        entry("GET", f"/items?key={TOKEN}", 200, "", HTML),
    ]
    (case,) = imported(tmp_path, flow)
    one, other = case.setup[0].capture.values()
    assert (one.css, one.attribute) == (
        'form[action="/login"] input[name=csrf_token]', "value",
    )  # fmt: skip
    assert other.regex
    assert case.request.path == "/items?key=${capture:token}"
