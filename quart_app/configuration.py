"""Settings that change the response."""

from collections.abc import Iterator
from time import sleep
from typing import NoReturn

from quart import (
    Blueprint,
    Quart,
    abort,
    current_app,
    jsonify,
    make_response,
    render_template_string,
    request,
)
from quart.typing import ResponseReturnValue

blueprint = Blueprint("configuration", __name__)


@blueprint.get("/configuration/fail")
async def fail() -> NoReturn:
    """Raise an exception that has no handler."""
    password = "a local variable"
    raise LookupError(f"No such shelf ({len(password)})")


@blueprint.get("/configuration/missing")
async def missing() -> NoReturn:
    """Abort, which raises an HTTP exception."""
    abort(404)


@blueprint.get("/configuration/handled")
async def handled() -> NoReturn:
    """Raise an exception that has a handler."""
    raise ZeroDivisionError


@blueprint.errorhandler(ZeroDivisionError)
async def handle(error: ZeroDivisionError) -> ResponseReturnValue:
    """Answer for an exception, with any settings."""
    return "Handled", 409


@blueprint.get("/configuration/key")
async def key() -> ResponseReturnValue:
    """Read a query parameter that may be missing."""
    return request.args["title"]


@blueprint.post("/configuration/json")
async def read_json() -> ResponseReturnValue:
    """Read a body that may not be JSON."""
    return jsonify(await request.get_json())


@blueprint.get("/configuration/object")
async def write_object() -> ResponseReturnValue:
    """Return a dictionary."""
    return {"b": [1, 2], "a": "Zoë"}


@blueprint.get("/configuration/value/<name>")
async def value(name: str) -> ResponseReturnValue:
    """Return the value of a setting."""
    return jsonify(str(current_app.config[name]))


@blueprint.get("/configuration/cookie/<int:size>")
async def cookie(size: int) -> ResponseReturnValue:
    """Set a cookie of any size."""
    response = await make_response("Set")
    response.set_cookie("big", "x" * size)
    return response


@blueprint.get("/configuration/template")
async def template() -> ResponseReturnValue:
    """Read a setting in a template."""
    return await render_template_string("{{ config.GREETING }}, {{ config['NAME'] }}")


@blueprint.get("/configuration/stream")
async def stream() -> ResponseReturnValue:
    """Pause between two parts of the body."""
    pause = current_app.config.get("PAUSE", 0.0)

    def generate() -> Iterator[str]:
        yield "first "
        sleep(pause)
        yield "second"

    return generate()


async def name_failure(error: Exception) -> ResponseReturnValue:
    """Answer a failure of the whole app."""
    return f"Failure: {type(error).__name__}", 500


def init_app(app: Quart) -> None:
    """Register a handler for the whole app if the setting CONFIGURATION names one."""
    if app.config.get("CONFIGURATION") == "failure handler":
        app.register_error_handler(500, name_failure)
