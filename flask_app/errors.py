"""Ways not to answer: aborting, raising, and returning what is no response."""

from typing import Any, NoReturn

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

blueprint = Blueprint("errors", __name__)


class SoldOutError(Exception):
    """Something an app raises when it can't serve somebody."""


@blueprint.get("/errors/abort/<int:code>")
def abort_with(code: int) -> NoReturn:
    """Stop here and answer with the error page of this status."""
    abort(code)


@blueprint.get("/errors/abort-described")
def abort_described() -> NoReturn:
    """The description becomes the text of the error page."""
    abort(403, "The door is locked.")


@blueprint.get("/errors/gone")
def gone() -> NoReturn:
    """Abort with a status that has an error handler."""
    abort(410)


@blueprint.errorhandler(410)
def handle_gone(error: HTTPException) -> ResponseReturnValue:
    """A handler for a status returns what a view may return."""
    return jsonify(error="gone"), 410


@blueprint.get("/errors/sold-out")
def sold_out() -> NoReturn:
    """Raise an exception that has an error handler."""
    raise SoldOutError("The last ticket is gone")


@blueprint.errorhandler(SoldOutError)
def handle_sold_out(error: SoldOutError) -> ResponseReturnValue:
    """A handler for an exception class chooses the status itself."""
    return jsonify(error=str(error)), 409, {"X-Tickets": "0"}


@blueprint.get("/errors/unhandled")
def unhandled() -> NoReturn:
    """An exception that nobody handles is a 500."""
    raise RuntimeError("Nobody handles this")


@blueprint.get("/errors/nothing")
def nothing() -> Any:
    """A view that forgets to return."""


@blueprint.get("/errors/number")
def number() -> Any:
    """A number is no body: it isn't taken for a status either."""
    return 404


@blueprint.get("/errors/tuple-of-none")
def tuple_of_none() -> Any:
    """None is no body, not even beside a status."""
    return None, 204


@blueprint.get("/errors/empty-tuple")
def empty_tuple() -> Any:
    """A tuple of nothing."""
    return ()


@blueprint.get("/errors/one-item")
def one_item() -> Any:
    """A tuple of one: the comma too many."""
    return ("Hello",)


@blueprint.get("/errors/four-items")
def four_items() -> Any:
    """A tuple of four: there is no fourth part of a response."""
    return "Hello", 200, {}, "text/plain"
