"""Query strings: how the part after the question mark becomes request.args."""

from quart import Blueprint, jsonify, request
from quart.typing import ResponseReturnValue

blueprint = Blueprint("queries", __name__)


@blueprint.get("/queries/echo")
async def echo() -> ResponseReturnValue:
    """items(multi=True) gives every pair, repeated names too."""
    return jsonify(list(request.args.items(multi=True)))


@blueprint.get("/queries/number")
async def number() -> ResponseReturnValue:
    """A value that can't be converted counts as missing."""
    return jsonify(page=request.args.get("page", default=1, type=int))


@blueprint.get("/queries/numbers")
async def numbers() -> ResponseReturnValue:
    """getlist leaves out the values that can't be converted."""
    return jsonify(pages=request.args.getlist("page", type=int))


@blueprint.get("/queries/required")
async def required() -> ResponseReturnValue:
    """Indexing a name that isn't there is a bad request."""
    return jsonify(term=request.args["term"])


@blueprint.get("/queries/raw")
async def raw() -> ResponseReturnValue:
    """query_string is what was sent; full_path always ends in a question mark."""
    sent = request.query_string.decode()
    return jsonify(query_string=sent, full_path=request.full_path, url=request.url)


@blueprint.get("/queries/length")
async def length() -> ResponseReturnValue:
    """Neither framework limits the length of a query; servers do."""
    return jsonify(length=len(request.args["text"]))
