"""Make a small app with either framework that responds with any requested status.

The routes select the body: JSON, no body, or a body piece by piece.
"""

from typing import Any

MESSAGE = '{"message":"Hello"}\n'
PIECES = ("one\n", "two\n")


def make_flask() -> Any:
    """Make the app with Flask."""
    from flask import Flask, jsonify

    app = Flask("status_app")

    @app.get("/json/<int(signed=True):code>")
    def with_json(code: int) -> Any:
        return jsonify(message="Hello"), code

    @app.get("/empty/<int(signed=True):code>")
    def with_nothing(code: int) -> Any:
        return "", code

    @app.get("/stream/<int(signed=True):code>")
    def with_pieces(code: int) -> Any:
        return (piece for piece in PIECES), code

    return app


def make_quart() -> Any:
    """Make the app with Quart."""
    from quart import Quart, jsonify

    app = Quart("status_app")

    @app.get("/json/<int(signed=True):code>")
    async def with_json(code: int) -> Any:
        return jsonify(message="Hello"), code

    @app.get("/empty/<int(signed=True):code>")
    async def with_nothing(code: int) -> Any:
        return "", code

    @app.get("/stream/<int(signed=True):code>")
    async def with_pieces(code: int) -> Any:
        return (piece for piece in PIECES), code

    return app
