"""Request methods, usual and unusual, and which of them a rule allows."""

from quart import Blueprint, jsonify, request
from quart.typing import ResponseReturnValue

blueprint = Blueprint("request_methods", __name__)

UNUSUAL = ["QUERY", "PROPFIND"]


@blueprint.get("/request-methods/get")
async def only_get() -> ResponseReturnValue:
    """A rule for GET answers HEAD and OPTIONS too."""
    return jsonify(method=request.method)


@blueprint.post("/request-methods/post")
async def only_post() -> ResponseReturnValue:
    """A rule for POST answers OPTIONS too, but not HEAD."""
    return jsonify(method=request.method)


@blueprint.patch("/request-methods/patch")
async def only_patch() -> ResponseReturnValue:
    """PATCH has a body, and its own decorator."""
    changes = await request.get_json()
    return jsonify(method=request.method, changes=changes)


@blueprint.route("/request-methods/unusual", methods=UNUSUAL)
async def unusual() -> ResponseReturnValue:
    """A rule may name any method."""
    body = await request.get_data(as_text=True)
    return jsonify(method=request.method, body=body)


@blueprint.route("/request-methods/options", methods=["GET", "OPTIONS"])
async def own_options() -> ResponseReturnValue:
    """A rule that lists OPTIONS handles it itself."""
    return jsonify(method=request.method)


@blueprint.get("/request-methods/no-options", provide_automatic_options=False)
async def no_options() -> ResponseReturnValue:
    """A rule may disable the automatic OPTIONS."""
    return jsonify(method=request.method)


@blueprint.get("/request-methods/split")
async def split_read() -> ResponseReturnValue:
    """Two rules may share a path, each with other methods."""
    return jsonify(view="read")


@blueprint.delete("/request-methods/split")
async def split_delete() -> ResponseReturnValue:
    """OPTIONS and 405 name the methods of both."""
    return jsonify(view="delete")
