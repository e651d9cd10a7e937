"""Fixtures that give a test both frameworks, one after the other."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import flask
import pytest
import quart

import flask_app
import quart_app

from .client import App, Client, ClientOfView

TESTED = ("custom", "tuples", "statuses", "bodies", "errors", "jobs", "async_views")


@pytest.fixture(params=["flask", "quart"])
def framework(request: pytest.FixtureRequest) -> str:
    """The name of the framework that the test is about."""
    name: str = request.param
    return name


@pytest.fixture
def twin(framework: str) -> ModuleType:
    """The package of the twin made with the framework."""
    return {"flask": flask_app, "quart": quart_app}[framework]


@pytest.fixture
def client(twin: ModuleType) -> Client:
    """A client of a twin with its own state and the topics that the test needs."""
    return Client(twin.create_app({"TOPICS": TESTED}))


@pytest.fixture
def client_of_view(framework: str) -> ClientOfView:
    """Make a client of an app that has one view, a plain function, at ``/``."""

    def make(view: Callable[..., Any]) -> Client:
        app: App
        app = flask.Flask("one") if framework == "flask" else quart.Quart("one")
        app.add_url_rule("/", view_func=view, endpoint="view")
        return Client(app)

    return make


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep the log of exceptions that a test provokes out of its report."""
    caplog.set_level("CRITICAL")
