"""Settings that change the response."""

from collections.abc import Iterator
from time import sleep
from typing import NoReturn

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    jsonify,
    make_response,
    render_template_string,
    request,
)
from flask.typing import ResponseReturnValue

blueprint = Blueprint("configuration", __name__)


@blueprint.get("/configuration/fail")
def fail() -> NoReturn:
    """Raise an exception that has no handler."""
    password = "a local variable"
    raise LookupError(f"No such shelf ({len(password)})")


@blueprint.get("/configuration/missing")
def missing() -> NoReturn:
    """Abort, which raises an HTTP exception."""
    abort(404)


@blueprint.get("/configuration/handled")
def handled() -> NoReturn:
    """Raise an exception that has a handler."""
    raise ZeroDivisionError


@blueprint.errorhandler(ZeroDivisionError)
def handle(error: ZeroDivisionError) -> ResponseReturnValue:
    """Answer for an exception, with any settings."""
    return "Handled", 409


@blueprint.get("/configuration/key")
def key() -> ResponseReturnValue:
    """Read a query parameter that may be missing."""
    return request.args["title"]


@blueprint.post("/configuration/json")
def read_json() -> ResponseReturnValue:
    """Read a body that may not be JSON."""
    return jsonify(request.get_json())


@blueprint.get("/configuration/object")
def write_object() -> ResponseReturnValue:
    """Return a dictionary."""
    return {"b": [1, 2], "a": "Zoë"}


@blueprint.get("/configuration/value/<name>")
def value(name: str) -> ResponseReturnValue:
    """Return the value of a setting."""
    return jsonify(str(current_app.config[name]))


@blueprint.get("/configuration/cookie/<int:size>")
def cookie(size: int) -> ResponseReturnValue:
    """Set a cookie of any size."""
    response = make_response("Set")
    response.set_cookie("big", "x" * size)
    return response


@blueprint.get("/configuration/template")
def template() -> ResponseReturnValue:
    """Read a setting in a template."""
    return render_template_string("{{ config.GREETING }}, {{ config['NAME'] }}")


@blueprint.get("/configuration/stream")
def stream() -> ResponseReturnValue:
    """Pause between two parts of the body."""
    pause = current_app.config.get("PAUSE", 0.0)

    def generate() -> Iterator[str]:
        yield "first "
        sleep(pause)
        yield "second"

    return generate()


def name_failure(error: Exception) -> ResponseReturnValue:
    """Answer a failure of the whole app."""
    return f"Failure: {type(error).__name__}", 500


def init_app(app: Flask) -> None:
    """Register a handler for the whole app if the setting CONFIGURATION names one."""
    if app.config.get("CONFIGURATION") == "failure handler":
        app.register_error_handler(500, name_failure)
