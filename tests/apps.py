"""Small apps, and the shortest ways to send them requests."""

from collections.abc import Callable
from typing import Any

import flask
import quart

from comparison import Case, Request, compare
from comparison.models import Comparison, Event, Recording

App = flask.Flask | quart.Quart
FRAMEWORKS = ("flask", "quart")
# A timeout in seconds where one view hangs and another has to answer, on a busy machine too.
PATIENT = 1.5


def specs_of_twins(*topics: str) -> dict[str, str]:
    """The SPECs of the twins with these topics alone: the others take longer to make."""
    settings = f"{{'TOPICS': {[*topics]}}}"
    return {name: f"{name}_app:create_app({settings})" for name in FRAMEWORKS}


def options_of_twins(*topics: str) -> list[str]:
    """The options of the command line that name those twins as targets."""
    specs = specs_of_twins(*topics).items()
    return [part for name, spec in specs for part in ("--target", f"{name}={spec}")]


def new_app(framework: str) -> App:
    """An app without routes."""
    return flask.Flask("small") if framework == "flask" else quart.Quart("small")


def app_of(framework: str, view: Callable[..., Any], **options: Any) -> App:
    """An app that has one view, at `/` unless a rule is given."""
    app = new_app(framework)
    app.add_url_rule(options.pop("rule", "/"), "view", view, **options)
    return app


def case(path: str = "/", method: str = "GET", **fields: Any) -> Case:
    """A case of one request; `fields` are those of the case."""
    request = fields.pop("request", None) or Request(method, path)
    return Case(fields.pop("id", "small"), request, **fields)


def comparison_of(
    one: Any, other: Any, case_: Case | None = None, **options: Any
) -> Comparison:
    """Send one case to two targets."""
    (found,) = compare(one, other, [case_ or case()], **options)
    return found


def recording_of(app: Any, case_: Case | None = None, **options: Any) -> Recording:
    """Record one case on one app."""
    found = comparison_of(app, app, case_, **options)
    return next(iter(found.recordings.values()))


def events(recording: Recording) -> list[str]:
    """The names of a trace's events, in order."""
    return [event.event for event in recording.trace]


def event(recording: Recording, name: str) -> Event:
    """The one event of this name."""
    (found,) = (event for event in recording.trace if event.event == name)
    return found
