"""Two small apps whose answers are hostile, slow, or never come."""

import itertools
import threading
import time
from typing import Any

import flask
import quart

HOSTILE = (
    "<script>document.title='taken'</script><img src=x onerror=alert(1)>\"'{{7*7}}"
)
released = threading.Event()


def make_flask() -> Any:
    """The app on Flask."""
    return with_views(flask.Flask(__name__))


def make_quart() -> Any:
    """The app on Quart."""
    return with_views(quart.Quart(__name__))


def with_views(app: Any) -> Any:
    """Views that both frameworks run on a thread."""

    @app.get("/hostile")
    def hostile() -> Any:
        return HOSTILE, 200, {"X-Hostile": HOSTILE}

    @app.get("/never")
    def never() -> Any:
        waited = "for ever"
        released.wait()
        return waited

    @app.get("/slow")
    def slow() -> Any:
        time.sleep(0.15)
        return "slow"

    counting = itertools.count(1)

    @app.get("/count")
    def count(*, counter: Any = counting) -> Any:  # a closure cannot be changed
        return {"count": next(counter)}, 202

    sent = flask.request if isinstance(app, flask.Flask) else quart.request

    @app.get("/token")
    def token(*, request: Any = sent) -> Any:
        return {"length": len(request.headers["Authorization"])}, 202

    changing = itertools.count(1)

    @app.post("/changes")
    def changes(*, counter: Any = changing) -> Any:
        return "changed", 200, {"X-Count": str(next(counter))}

    return app
