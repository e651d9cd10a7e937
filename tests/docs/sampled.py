"""Two apps for the samples of the reference, written once for both frameworks."""

from collections.abc import Iterator
from typing import Any

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

    def account(sent: Any) -> Any:
        assert isinstance(sent["number"], int) and isinstance(sent["age"], int)
        return sent

    if flask:
        from flask import request

        app.add_url_rule(
            "/accounts", "add_account", lambda: account(request.json), methods=["POST"]
        )
    else:
        from quart import request as quart_request

        async def add_account() -> Any:
            return account(await quart_request.json)

        app.add_url_rule("/accounts", "add_account", add_account, methods=["POST"])
    return app


def as_sets(reference: Response, candidate: Response) -> Iterator[tuple[str, Any, Any]]:
    """Compare bodies as sets of words, as the page shows it."""
    ours, theirs = (set(each.body.split()) for each in (reference, candidate))
    if ours != theirs:
        yield "words", sorted(ours - theirs), sorted(theirs - ours)
