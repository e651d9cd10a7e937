"""Apps that a test puts on servers: they count, hang and die."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from itertools import count
from typing import Any


def make_flask(settings: Mapping[str, Any] | None = None) -> Any:
    import flask

    app = flask.Flask("served")
    app.config.from_mapping(settings or {})
    numbers = count(1)
    app.add_url_rule(
        "/headers", "headers", lambda: ",".join(dict(flask.request.headers))
    )
    app.add_url_rule(
        "/count", "count", lambda: f"{next(numbers)} {app.config.get('GREETING')}"
    )
    app.add_url_rule(
        "/where", "where", lambda: f"{flask.request.root_path} {flask.request.path}"
    )
    app.add_url_rule(
        "/processors", "processors", lambda: f"{len(os.sched_getaffinity(0))}"
    )
    app.add_url_rule("/process", "process", lambda: f"{os.getpid()}")
    app.add_url_rule("/hang", "hang", lambda: time.sleep(3) or "late")
    app.add_url_rule("/die", "die", lambda: os._exit(7))
    return app


def make_quart(settings: Mapping[str, Any] | None = None) -> Any:
    import quart

    app = quart.Quart("served")
    app.config.from_mapping(settings or {})
    numbers = count(1)

    @app.get("/headers")
    async def headers() -> str:
        return ",".join(dict(quart.request.headers))

    @app.get("/count")
    async def counted() -> str:
        return f"{next(numbers)} {app.config.get('GREETING')}"

    @app.get("/where")
    async def where() -> str:
        return f"{quart.request.root_path} {quart.request.path}"

    @app.get("/process")
    async def process() -> str:
        return f"{os.getpid()}"

    @app.get("/hang")
    async def hang() -> str:
        await asyncio.sleep(3)
        return "late"

    @app.get("/block")
    async def block() -> str:
        time.sleep(60)  # noqa: ASYNC251  # it holds the loop
        return "late"

    @app.get("/die")
    async def live() -> str:
        return "alive"

    @app.get("/leave")
    async def leave() -> str:
        raise SystemExit(3)

    return app


def make_flask_elsewhere(settings: Mapping[str, Any] | None = None) -> Any:
    """Flask's app, with settings in no process but a server's."""
    if settings and "comparison.targets.servers.child" not in sys.modules:
        raise RuntimeError("not here")
    return make_flask(settings)


def make_ending(settings: Mapping[str, Any] | None = None) -> Any:
    """Flask's app, which ends or holds its process where it is made with settings."""
    match (settings or {}).get("does"):
        case "die":
            os._exit(7)
        case "hang":
            time.sleep(60)
    return make_flask()


def make_picky(settings: Mapping[str, Any] | None = None) -> Any:
    """Quart's app, which does not start with settings."""
    app = make_quart(settings)

    async def start() -> None:
        if settings:
            raise RuntimeError("no database")

    app.before_serving(start)
    return app


def make_broken() -> Any:
    """It raises, without anybody to catch it, before the response and amid it."""
    import quart

    app = quart.Quart("broken")
    app.config["PROPAGATE_EXCEPTIONS"] = True

    @app.get("/at-once")
    async def at_once() -> str:
        raise RuntimeError("at once")

    @app.get("/midway")
    async def midway() -> Any:
        async def pieces() -> Any:
            yield "one"
            raise RuntimeError("midway")

        return pieces()

    return app


def make_nothing() -> Any:
    raise RuntimeError("out of order")


def make_failing() -> Any:
    import quart

    app = quart.Quart("failing")

    @app.before_serving
    async def fail() -> None:
        raise RuntimeError("no startup today")

    return app


failing = make_failing()
