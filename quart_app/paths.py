"""Paths: slashes, odd characters, and converters."""

from quart import Blueprint, jsonify, request
from quart.typing import ResponseReturnValue

blueprint = Blueprint("paths", __name__)


@blueprint.get("/paths/leaf")
async def leaf() -> ResponseReturnValue:
    """A rule without a slash at the end is a leaf: with a slash it isn't found."""
    return jsonify(path=request.path)


@blueprint.route("/paths/branch/", methods=["GET", "POST"])
async def branch() -> ResponseReturnValue:
    """A rule with a slash at the end redirects those who left it out."""
    return jsonify(path=request.path)


@blueprint.get("/paths/text/<value>")
async def text(value: str) -> ResponseReturnValue:
    """The default converter accepts anything but a slash."""
    return jsonify(value=value, path=request.path, url=request.url)


@blueprint.get("/paths/int/<int:value>")
async def integer(value: int) -> ResponseReturnValue:
    """int accepts digits only, so no sign."""
    return jsonify(value=value)


@blueprint.get("/paths/range/<int(min=1, max=9):value>")
async def ranged(value: int) -> ResponseReturnValue:
    """A number out of range isn't found."""
    return jsonify(value=value)


@blueprint.get("/paths/float/<float:value>")
async def floating(value: float) -> ResponseReturnValue:
    """float requires a decimal point."""
    return jsonify(value=value)


@blueprint.get("/paths/path/<path:value>")
async def path(value: str) -> ResponseReturnValue:
    """path accepts slashes, but no empty segments in front."""
    return jsonify(value=value)


@blueprint.get("/paths/raw/<path:value>", merge_slashes=False)
async def raw(value: str) -> ResponseReturnValue:
    """merge_slashes=False preserves doubled slashes."""
    return jsonify(value=value)


@blueprint.get("/paths/uuid/<uuid:value>")
async def identifier(value: object) -> ResponseReturnValue:
    """uuid gives a uuid.UUID, from upper or lower case."""
    return jsonify(value=str(value))


@blueprint.get("/paths/pages/", defaults={"page": 1})
@blueprint.get("/paths/pages/<int:page>")
async def pages(page: int) -> ResponseReturnValue:
    """A value that equals the default redirects to a shorter URL."""
    return jsonify(page=page)
