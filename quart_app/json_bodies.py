"""JSON request bodies: parsed, rejected, and cached."""

from math import isnan

from quart import Blueprint, jsonify, request
from quart.typing import ResponseReturnValue

blueprint = Blueprint("json_bodies", __name__)


@blueprint.post("/json-bodies/echo")
async def echo() -> ResponseReturnValue:
    """get_json parses the body if the content type says that it is JSON."""
    value = await request.get_json()
    return jsonify(value)


@blueprint.post("/json-bodies/silent")
async def silent() -> ResponseReturnValue:
    """silent=True gives None instead of an error."""
    value = await request.get_json(silent=True)
    return jsonify(value)


@blueprint.post("/json-bodies/forced")
async def forced() -> ResponseReturnValue:
    """force=True parses the body with any content type."""
    value = await request.get_json(force=True)
    return jsonify(value)


@blueprint.post("/json-bodies/item")
async def item() -> ResponseReturnValue:
    """request.json is get_json() without arguments."""
    order = await request.json
    return jsonify(item=order["item"])


@blueprint.post("/json-bodies/nan")
async def nan() -> ResponseReturnValue:
    """Not a number can come in, but should not go out again."""
    value = await request.get_json()
    return jsonify(is_nan=isnan(value))


@blueprint.post("/json-bodies/uncached")
async def uncached() -> ResponseReturnValue:
    """cache=False drops the body: nothing is left to parse again."""
    first = await request.get_json(cache=False)
    second = await request.get_json(silent=True)
    return jsonify(first=first, second=second)


@blueprint.post("/json-bodies/remembered")
async def remembered() -> ResponseReturnValue:
    """A second get_json returns the object the first one made."""
    (await request.get_json())["seen"] = True
    return jsonify(await request.get_json())


@blueprint.post("/json-bodies/shared")
async def shared() -> ResponseReturnValue:
    """get_json(silent=True) returns the object that get_json parsed."""
    (await request.get_json())["seen"] = True
    return jsonify(await request.get_json(silent=True))


@blueprint.post("/json-bodies/silent-then-loud")
async def silent_then_loud() -> ResponseReturnValue:
    """get_json still raises after get_json(silent=True) returned None."""
    await request.get_json(silent=True)
    return jsonify(await request.get_json())


@blueprint.post("/json-bodies/raw")
async def raw() -> ResponseReturnValue:
    """The bytes are still there after they were parsed."""
    value = await request.get_json()
    text = await request.get_data(as_text=True)
    return jsonify(value=value, text=text)


@blueprint.route("/json-bodies/looks", methods=["GET", "POST"])
async def looks() -> ResponseReturnValue:
    """is_json goes by the content type and never looks at the body."""
    return jsonify(is_json=request.is_json, mimetype=request.mimetype)
