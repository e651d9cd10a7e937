"""Two apps for the samples of the reference, written once for both frameworks."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from flask import Blueprint as FlaskBlueprint
from flask import request as flask_request
from quart import Blueprint as QuartBlueprint
from quart import request as quart_request

from comparison.models import Response
from tests.apps import new_app


def app_of(framework: str) -> Any:
    """Return the app of the samples for a framework."""
    app = new_app(framework)
    article = {"name": "tea", "code": "TEA-17", "rows": [{"price": 3}]}

    @app.route("/articles", methods=["POST"])
    def add() -> Any:
        return article, 201

    @app.get("/articles/<int:number>")
    def show(number: int) -> Any:
        return article

    @app.get("/page")
    def page() -> Any:
        return "<h1>Shop</h1>"

    flask = framework == "flask"

    @app.get("/richer/<int:number>")
    def richer(number: int) -> Any:
        row = {"price": 3} if flask else {"price": 3, "currency": "EUR"}
        return {"rows": [row]}, {} if flask else {"X-Served-By": "one"}

    @app.get("/feed")
    def feed() -> Any:
        if flask:
            return '<feed b="1" a="2"><at>2026-11-30</at></feed>'
        return '<feed a="2" b="1">\n <!-- now --> <at>2026-12-01</at>\n</feed>'

    @app.get("/form")
    def form() -> Any:
        if flask:
            return '<form><input name=token value="csrf-1a"><p class="a b">Hi</form>'
        return (
            "<form>\n<input value='csrf-2b' name='token'><p class='b a'>Hi</p></form>"
        )

    @app.get("/order")
    def order_form() -> Any:
        token = "order-1a" if flask else "order-2b"
        return f'<form><input name="csrf_token" value="{token}"></form>'

    @app.post("/order")
    def order() -> Any:
        return "", 302, {"Location": "/page"}

    @app.get("/rows")
    def rows() -> Any:
        return "a b" if flask else "b a"

    baskets = new_blueprint(framework, "baskets")
    if flask:
        baskets.before_request(log_request)

    def basket(number: int) -> Any:
        tea, milk = {"name": "tea"}, {"name": "milk"}
        found = {"id": str(uuid4())}
        if flask:
            items = [{**tea, "created": 1}, {**milk, "created": 2}]
            varying = {"code": "TEA-1", "at": "2026-11-29", "total": 3.0}
            return {**found, **varying, "items": items}, {"ETag": '"a"'}
        items = [{**milk, "created": 3}, {**tea, "created": 4}]
        varying = {"code": "TEA-22", "at": "2026-11-30", "total": 3.009}
        return {**found, **varying, "items": items}, {"ETag": '"b"'}

    baskets.add_url_rule("/baskets/<int:number>", "basket", basket)
    app.register_blueprint(baskets)
    closing = new_blueprint(framework, "closing")
    closing.teardown_request(close_db)
    closing.add_url_rule("/closed", "closed", lambda: "closed")
    app.register_blueprint(closing)
    sent_by = flask_request if flask else quart_request

    @app.post("/parcels")
    def send() -> Any:
        number = "parcel-81f3" if flask else "parcel-9c20"
        sent = {"parcel": {"number": number}, "weight": 1200}
        cookie = "place=warehouse-7; Path=/"
        return sent, 201, {"ETag": f'"{number}-1"', "Set-Cookie": cookie}

    @app.get("/parcels/<number>")
    def parcel(number: str) -> Any:
        version = sent_by.headers["If-Match"].strip('"')
        return {"number": number, "place": sent_by.args["at"], "version": version}

    def account(sent: Any) -> Any:
        assert isinstance(sent["number"], int) and isinstance(sent["age"], int)
        return sent

    if flask:

        def add_of_flask() -> Any:
            return account(flask_request.json)

        app.add_url_rule("/accounts", "add_account", add_of_flask, methods=["POST"])
    else:

        async def add_account() -> Any:
            return account(await quart_request.json)

        app.add_url_rule("/accounts", "add_account", add_account, methods=["POST"])
    return app


def new_blueprint(framework: str, name: str) -> Any:
    """Return a blueprint without routes."""
    made: Any = FlaskBlueprint if framework == "flask" else QuartBlueprint
    return made(name, __name__)


def log_request() -> None:
    """Run before a request in one of the apps."""


def close_db(error: BaseException | None) -> None:
    """Run after a request in both apps."""


def as_sets(reference: Response, candidate: Response) -> Iterator[tuple[str, Any, Any]]:
    """Compare bodies as sets of words, as the page shows it."""
    ours, theirs = (set(each.body.split()) for each in (reference, candidate))
    if ours != theirs:
        yield "words", sorted(ours - theirs), sorted(theirs - ours)
