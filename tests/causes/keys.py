"""Two apps that answer with the keys that their server passes on with a request."""

from typing import Any

import flask
import quart

flask_app = flask.Flask(__name__)
quart_app = quart.Quart(__name__)


@flask_app.get("/")
def of_environ() -> Any:
    return sorted(flask.request.environ)


@quart_app.get("/")
async def of_scope() -> Any:
    return sorted(quart.request.scope)
