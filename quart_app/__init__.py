"""One of two matching apps: the same routes, once without and once with asyncio.

Each topic is a module of its own with a ``blueprint`` and, where it needs the whole
app, an ``init_app(app)``. To add a topic, import its module and name it in ``TOPICS``.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import quart

from . import (
    async_views,
    bodies,
    no_content,
    caching,
    class_views,
    status_types,
    composed,
    configuration,
    contexts,
    cookies,
    custom,
    decorators,
    errors,
    headers,
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
    response_objects,
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
    async_views,
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
    no_content,
    caching,
    status_types,
    cookies,
    headers,
    head,
    response_objects,
    ranges,
    redirects,
    returns,
    static,
    streaming,
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


# Errors name the class of an app, and so do traces: it keeps the framework's name.
class Quart(quart.Quart):
    """The framework's app, able to leave out the routes that ``TOPICS`` doesn't name.

    To compile the rules of routes takes most of the time in which an app is made, and
    whoever asks for one thing needs one of them.
    """

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, *args: Any, **options: Any
    ) -> None:
        """Add a rule, if its route is wanted."""
        names = self.config.get("TOPICS")
        if names is None or endpoint is None or wanted(endpoint, names):
            super().add_url_rule(rule, endpoint, *args, **options)


def wanted(endpoint: str, names: Iterable[str]) -> bool:
    """Tell whether a route is named, or its blueprint is, or it belongs to no topic."""
    return "." not in endpoint or any(
        f"{endpoint}.".startswith(f"{name}.") for name in names
    )


def create_app(settings: Mapping[str, Any] | None = None) -> Quart:
    """Make an app with every topic, and with state of its own.

    ``settings`` are upper-case configuration keys. They are in ``app.config`` before
    the first topic is registered. Where not everything is wanted, ``TOPICS`` names
    topics, or single routes by their endpoints: a topic of which routes are named is
    registered without its other routes. Raises ValueError for an unknown name.
    """
    app = Quart(__name__)
    app.config.from_mapping(settings or {})
    names = app.config.get("TOPICS")
    topics = {name.partition(".")[0] for name in names or ()}
    for topic in TOPICS:
        if names is not None and topic.blueprint.name not in topics:
            continue
        app.register_blueprint(topic.blueprint)
        if hasattr(topic, "init_app"):
            topic.init_app(app)
    known = known_names(app) if names else []
    for name in names or ():
        if name not in known:
            near = get_close_matches(name, known_names(create_app()), n=1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"TOPICS: there is no topic or route {name!r}{hint}")
    return app


def known_names(app: Quart) -> list[str]:
    """Give the names that ``TOPICS`` can have: those of blueprints and their routes."""
    return [*app.blueprints, *(name for name in app.view_functions if "." in name)]
