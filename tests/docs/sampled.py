"""Two apps for the samples of the reference, written once for both frameworks."""

from typing import Any

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

    return app
