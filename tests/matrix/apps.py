"""A pair of apps that takes as long as the environment says, and leaves a sign.

The sign is a file, `reached`, in the folder where the command was started.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import flask
import quart

PAUSE = float(os.environ.get("COMPARISON_TEST_PAUSE", "0"))
REACHED = Path("reached").resolve()


def _sign() -> None:
    if PAUSE:
        REACHED.touch()


def flask_app() -> flask.Flask:
    """Make the Flask app."""
    app = flask.Flask("matrix")

    @app.get("/n/<int:number>")
    def one(number: int) -> Any:
        _sign()
        time.sleep(PAUSE)
        return {"number": number, "differs": "flask" if number == 1 else ""}

    return app


def quart_app() -> quart.Quart:
    """Make the Quart app, which says something else to one request."""
    app = quart.Quart("matrix")

    @app.get("/n/<int:number>")
    async def one(number: int) -> Any:
        _sign()
        await asyncio.sleep(PAUSE)
        return {"number": number, "differs": "quart" if number == 1 else ""}

    return app


def slow_factory() -> flask.Flask:
    """Make the Flask app, and take the time to do it."""
    _sign()
    time.sleep(PAUSE)
    return flask_app()
