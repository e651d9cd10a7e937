"""One of two matching apps: the same routes, once without and once with asyncio.

Each topic is a module of its own with a ``blueprint`` and, where it needs the whole
app, an ``init_app(app)``. To add a topic, import its module and name it in ``TOPICS``.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import (
    asynchronous,
    bodies,
    custom,
    errors,
    jobs,
    methods,
    statuses,
    tuples,
)

TOPICS = (
    custom,
    tuples,
    statuses,
    bodies,
    errors,
    jobs,
    methods,
    asynchronous,
)


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Make an app with every topic, and with state of its own.

    ``settings`` are upper-case configuration keys. They are in ``app.config`` before
    the first topic is registered.
    """
    app = Flask(__name__)
    app.config.from_mapping(settings or {})
    for topic in TOPICS:
        app.register_blueprint(topic.blueprint)
        if hasattr(topic, "init_app"):
            topic.init_app(app)
    return app
