"""Errors: a view aborts, raises, or returns an invalid value."""

from typing import Any, NoReturn

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

blueprint = Blueprint("errors", __name__)


class SoldOutError(Exception):
    """An error of the app."""


@blueprint.get("/errors/abort/<int:code>")
def abort_with(code: int) -> NoReturn:
    """Abort, and answer with the error page of this status."""
    abort(code)


@blueprint.get("/errors/abort-described")
def abort_described() -> NoReturn:
    """The description becomes the text of the error page."""
    abort(403, "The door is locked.")


@blueprint.get("/errors/gone")
def abort_410() -> NoReturn:
    """Abort with a status that has an error handler."""
    abort(410)


@blueprint.errorhandler(410)
def handle_410(error: HTTPException) -> ResponseReturnValue:
    """A handler for a status returns what a view may return."""
    return jsonify(error="gone"), 410


@blueprint.get("/errors/sold-out")
def sold_out() -> NoReturn:
    """Raise an exception that has an error handler."""
    raise SoldOutError("No tickets are left")


@blueprint.errorhandler(SoldOutError)
def handle_sold_out(error: SoldOutError) -> ResponseReturnValue:
    """A handler for an exception class chooses the status itself."""
    return jsonify(error=str(error)), 409, {"X-Tickets": "0"}


@blueprint.get("/errors/unhandled")
def unhandled() -> NoReturn:
    """An exception without a handler is a 500."""
    raise RuntimeError("No handler")


@blueprint.get("/errors/nothing")
def nothing() -> Any:
    """A view that forgets to return."""


@blueprint.get("/errors/number")
def number() -> Any:
    """A number is not a body, and not a status either."""
    return 404


@blueprint.get("/errors/tuple-of-none")
def tuple_of_none() -> Any:
    """None is not a body, even with a status."""
    return None, 204


@blueprint.get("/errors/empty-tuple")
def empty_tuple() -> Any:
    """A tuple of nothing."""
    return ()


@blueprint.get("/errors/one-item")
def one_item() -> Any:
    """A tuple of one item, from a trailing comma."""
    return ("Hello",)


@blueprint.get("/errors/four-items")
def four_items() -> Any:
    """A tuple of four: a response has three parts at most."""
    return "Hello", 200, {}, "text/plain"
