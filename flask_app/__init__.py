"""One of two matching apps, with a module for each topic.

A topic has a ``blueprint`` and, where it needs the whole app, an ``init_app(app)``.
``README.md`` lists the topics in the order in which to learn them.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from .registration import register_topics


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Create an app that shares no state with other apps.

    ``settings`` are configuration keys in upper case. The key ``TOPICS`` names the
    topics and single routes to register, as ``["custom", "hooks.view"]``; the default
    is all of them. Raises ValueError for an unknown name.
    """
    app = Flask(__name__)
    app.config.from_mapping(settings or {})
    register_topics(app)
    return app
