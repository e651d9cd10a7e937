"""A view that the request describes: a JSON value in the query.

The method, the headers and the body of the request are free for other uses.
"""

import json
from typing import Any

from flask import Blueprint, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from .descriptions import Described, Malformed, field, is_a

blueprint = Blueprint("composed", __name__, url_prefix="/composed")
handled = Blueprint("handled", __name__, url_prefix="/handled")

LONGEST = 2000  # characters of a description
DEEPEST = 20  # arrays and objects inside each other
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def nested(value: Any, deeper: int) -> bool:
    """Check for arrays and objects nested more than this deep."""
    if type(value) not in (dict, list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return deeper == 0 or any(nested(each, deeper - 1) for each in inner)


def described() -> Described:
    """The description that the request brings; raises Malformed."""
    text = request.args.get("view", "{}")
    if len(text) > LONGEST:
        raise Malformed(f"view: has more than {LONGEST} characters")
    try:
        view = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("view: is not JSON") from None
    if nested(view, DEEPEST):
        raise Malformed(f"view: is nested more than {DEEPEST} deep")
    with field("view"):
        return Described(is_a(dict, view))


def answer() -> Any:
    """Act on the description."""
    view = described()
    if view.fail is not None:
        view.fail()
    if view.made != "make_response":
        return view.finished()
    response = make_response(view.shaped(view.body))
    view.change(response)
    return response


@blueprint.route("", methods=METHODS)
@handled.route("", methods=METHODS)
def native() -> Any:
    """The view in the usual style of the framework."""
    return answer()


@blueprint.route("/async", methods=METHODS)
@handled.route("/async", methods=METHODS)
async def asynchronous() -> Any:
    """The view with async, in either app."""
    return answer()


@blueprint.route("/sync", methods=METHODS)
@handled.route("/sync", methods=METHODS)
def synchronous() -> Any:
    """The view without async, in either app."""
    view = described()
    if view.fail is not None:
        view.fail()
    if view.made == "make_response":
        raise Malformed("view.made: a view without async cannot await make_response")
    return view.finished()


@blueprint.errorhandler(Malformed)
@handled.errorhandler(Malformed)
def malformed(error: Malformed) -> ResponseReturnValue:
    """Say which field of a description is wrong."""
    return f"{error}\n", 400, {"Content-Type": "text/plain; charset=utf-8"}


@handled.errorhandler(HTTPException)
def handle_http(error: HTTPException) -> ResponseReturnValue:
    """Answer for an HTTP exception, and for an internal error."""
    return f"Handled {error.code}", error.code or 500


@handled.errorhandler(Exception)
def handle_exception(error: Exception) -> ResponseReturnValue:
    """Answer for another exception of the view."""
    return f"Handled {type(error).__name__}", 409


blueprint.register_blueprint(handled)
