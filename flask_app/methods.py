"""Answers of the router: HEAD, OPTIONS, 405, redirects and 404."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

blueprint = Blueprint("methods", __name__)


@blueprint.get("/methods/read")
def read() -> ResponseReturnValue:
    """A route for GET answers HEAD and OPTIONS as well."""
    return "Hello"


@blueprint.post("/methods/write")
def write() -> ResponseReturnValue:
    """A route for POST alone answers neither GET nor HEAD."""
    return "Written"


@blueprint.route("/methods/several", methods=["GET", "PUT", "PATCH", "DELETE"])
def several() -> ResponseReturnValue:
    """One view answers several methods, and reads which it is."""
    return request.method


@blueprint.get("/methods/split")
def split_read() -> ResponseReturnValue:
    """Two views share a path: this one reads."""
    return "Read"


@blueprint.put("/methods/split")
def split_write() -> ResponseReturnValue:
    """Two views share a path: this one writes."""
    return "Written"


@blueprint.route("/methods/own-options", methods=["GET", "OPTIONS"])
def own_options() -> ResponseReturnValue:
    """A view that lists OPTIONS handles it itself."""
    return request.method, {"X-Answered-By": "view"}


@blueprint.get("/methods/no-options", provide_automatic_options=False)
def no_options() -> ResponseReturnValue:
    """The automatic answer to OPTIONS can be turned off."""
    return "Hello"


@blueprint.get("/methods/folder/")
def folder() -> ResponseReturnValue:
    """A rule that ends in a slash is also found without it, by a redirect."""
    return "Folder"


@blueprint.get("/methods/file")
def file() -> ResponseReturnValue:
    """A rule without a slash is not found with one."""
    return "File"


@blueprint.get("/methods/either", strict_slashes=False)
def either() -> ResponseReturnValue:
    """A rule that matches with and without the slash."""
    return "Either"
