"""One of two matching apps: the same routes, once without and once with asyncio.

Each topic is a module of its own with a ``blueprint`` and, where it needs the whole
app, an ``init_app(app)``. To add a topic, import its module and name it in ``TOPICS``.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import (
    async_sync,
    asynchronous,
    bodies,
    bodyless,
    caching,
    class_views,
    codes,
    composed,
    configuration,
    contexts,
    cookies,
    custom,
    decorators,
    errors,
    fields,
    flashing,
    forgotten,
    forms,
    handlers,
    head,
    hooks,
    hosts,
    jobs,
    json_bodies,
    json_output,
    methods,
    multipart,
    negotiation,
    objects,
    paths,
    prefixes,
    queries,
    ranges,
    redirects,
    request_methods,
    returns,
    sessions,
    signals,
    static,
    statuses,
    streaming,
    templates,
    tuples,
    uploads,
    urls,
    work,
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
    json_bodies,
    forms,
    multipart,
    uploads,
    queries,
    paths,
    hosts,
    prefixes,
    sessions,
    negotiation,
    request_methods,
    bodyless,
    caching,
    codes,
    cookies,
    fields,
    head,
    objects,
    ranges,
    redirects,
    returns,
    static,
    streaming,
    async_sync,
    class_views,
    composed,
    configuration,
    contexts,
    decorators,
    flashing,
    forgotten,
    handlers,
    hooks,
    json_output,
    signals,
    templates,
    urls,
    work,
)


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Make an app with every topic, and with state of its own.

    ``settings`` are upper-case configuration keys. They are in ``app.config`` before
    the first topic is registered. ``TOPICS`` names the topics to register, where not
    all of them are wanted.
    """
    app = Flask(__name__)
    app.config.from_mapping(settings or {})
    wanted = app.config.get("TOPICS")
    for topic in TOPICS:
        if wanted is not None and topic.blueprint.name not in wanted:
            continue
        app.register_blueprint(topic.blueprint)
        if hasattr(topic, "init_app"):
            topic.init_app(app)
    return app
