"""A shop that hands out numbers, tokens and cookies; its two apps number differently."""

from itertools import count
from typing import Any


def make_flask() -> Any:
    import flask

    app = flask.Flask("ordering")
    numbers = count(1)
    orders: dict[int, str] = {}

    @app.post("/orders")
    def add() -> Any:
        number = next(numbers)
        orders[number] = flask.request.get_json()["article"]
        response = flask.jsonify(
            order={"id": number, "tags": ["new"]}, token=f"t{number}"
        )
        response.headers["Location"] = f"/orders/{number}?from=flask"
        response.set_cookie("basket", f"b{number}")
        return response, 201

    @app.get("/orders/<int:number>")
    def order(number: int) -> Any:
        if number not in orders:
            return {"error": "no such order"}, 404
        return {"id": number, "article": orders[number]}

    @app.route("/echo", methods=["GET", "POST"])
    def echo() -> Any:
        named = flask.request.headers.get("X-Captured", "")
        return flask.request.get_data(), 200, {"X-Captured": named}

    return app


def make_quart() -> Any:
    import quart

    app = quart.Quart("ordering")
    numbers = count(100)
    orders: dict[int, str] = {}

    @app.post("/orders")
    async def add() -> Any:
        number = next(numbers)
        orders[number] = (await quart.request.get_json())["article"]
        response = quart.jsonify(
            order={"id": number, "tags": ["new"]}, token=f"t{number}"
        )
        response.headers["Location"] = f"/orders/{number}?from=quart"
        response.set_cookie("basket", f"b{number}")
        return response, 201

    @app.get("/orders/<int:number>")
    async def order(number: int) -> Any:
        if number not in orders:
            return {"error": "no such order"}, 404
        return {"id": number, "article": orders[number]}

    @app.route("/echo", methods=["GET", "POST"])
    async def echo() -> Any:
        named = quart.request.headers.get("X-Captured", "")
        return await quart.request.get_data(), 200, {"X-Captured": named}

    return app
