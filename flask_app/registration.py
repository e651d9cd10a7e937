"""Register the topics of an app: all of them, or those that a setting names.

Compiling the rules of all routes takes most of the time of ``create_app``. Tests and
comparisons that need one route therefore name it in the setting ``TOPICS``.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from flask import Flask

from .harness import HARNESS
from .topics import TOPICS

MODULES = {
    "index": ".index",
    **{name: f".{name}" for name in TOPICS},
    **{name: f".harness.{name}" for name in HARNESS},
}


def register_topics(app: Flask) -> None:
    """Register the topics and routes in the setting ``TOPICS``, by default all topics.

    A topic of which single routes are named keeps its hooks and its error handlers.
    Raises ValueError for an unknown name.
    """
    names = app.config.get("TOPICS")
    if names is None:
        import_and_register(app, MODULES)
        return
    topics = {name.partition(".")[0] for name in names}
    with only_selected_routes(app, names):
        import_and_register(app, [name for name in MODULES if name in topics])
    check_names(app, names)


def import_and_register(app: Flask, topics: Iterable[str]) -> None:
    """Import topics by name, and register their blueprints."""
    for name in topics:
        topic = import_module(MODULES[name], __package__)
        app.register_blueprint(topic.blueprint)
        if hasattr(topic, "init_app"):
            topic.init_app(app)


@contextmanager
def only_selected_routes(app: Flask, names: Iterable[str]) -> Iterator[None]:
    """Let the app ignore rules of blueprints unless a name selects them."""
    add_url_rule = app.add_url_rule

    def add_if_selected(
        rule: str, endpoint: str | None = None, *args: Any, **options: Any
    ) -> None:
        if endpoint is None or is_selected(endpoint, names):
            add_url_rule(rule, endpoint, *args, **options)

    # A subclass would do, but error messages and traces show the class of an app.
    vars(app)["add_url_rule"] = add_if_selected
    try:
        yield
    finally:
        del vars(app)["add_url_rule"]


def is_selected(endpoint: str, names: Iterable[str]) -> bool:
    """Check whether a name selects the route or its blueprint.

    Routes of the app itself, outside of any blueprint, are always selected.
    """
    return "." not in endpoint or any(
        f"{endpoint}.".startswith(f"{name}.") for name in names
    )


def check_names(app: Flask, names: Iterable[str]) -> None:
    """Raise ValueError for the first name that is unknown, with the nearest name."""
    for name in names:
        if name not in registered_names(app):
            everything = Flask(app.import_name)
            import_and_register(everything, MODULES)
            near = get_close_matches(name, registered_names(everything), n=1)
            hint = f". Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"TOPICS: unknown topic or route {name!r}{hint}")


def registered_names(app: Flask) -> list[str]:
    """Return the names of blueprints and of their routes."""
    return [*app.blueprints, *(name for name in app.view_functions if "." in name)]
