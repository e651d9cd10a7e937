"""JSON request bodies: parsed, rejected, and cached."""

from math import isnan

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

blueprint = Blueprint("json_bodies", __name__)


@blueprint.post("/json-bodies/echo")
def echo() -> ResponseReturnValue:
    """get_json parses the body if the content type says that it is JSON."""
    value = request.get_json()
    return jsonify(value)


@blueprint.post("/json-bodies/silent")
def silent() -> ResponseReturnValue:
    """silent=True gives None instead of an error."""
    value = request.get_json(silent=True)
    return jsonify(value)


@blueprint.post("/json-bodies/forced")
def forced() -> ResponseReturnValue:
    """force=True parses the body with any content type."""
    value = request.get_json(force=True)
    return jsonify(value)


@blueprint.post("/json-bodies/item")
def item() -> ResponseReturnValue:
    """request.json is get_json() without arguments."""
    order = request.json
    return jsonify(item=order["item"])


@blueprint.post("/json-bodies/nan")
def nan() -> ResponseReturnValue:
    """Not a number can come in, but should not go out again."""
    value = request.get_json()
    return jsonify(is_nan=isnan(value))


@blueprint.post("/json-bodies/uncached")
def uncached() -> ResponseReturnValue:
    """cache=False drops the body: nothing is left to parse again."""
    first = request.get_json(cache=False)
    second = request.get_json(silent=True)
    return jsonify(first=first, second=second)


@blueprint.post("/json-bodies/remembered")
def remembered() -> ResponseReturnValue:
    """A second get_json returns the object the first one made."""
    request.get_json()["seen"] = True
    return jsonify(request.get_json())


@blueprint.post("/json-bodies/shared")
def shared() -> ResponseReturnValue:
    """get_json(silent=True) returns the object that get_json parsed."""
    request.get_json()["seen"] = True
    return jsonify(request.get_json(silent=True))


@blueprint.post("/json-bodies/silent-then-loud")
def silent_then_loud() -> ResponseReturnValue:
    """get_json still raises after get_json(silent=True) returned None."""
    request.get_json(silent=True)
    return jsonify(request.get_json())


@blueprint.post("/json-bodies/raw")
def raw() -> ResponseReturnValue:
    """The bytes are still there after they were parsed."""
    value = request.get_json()
    text = request.get_data(as_text=True)
    return jsonify(value=value, text=text)


@blueprint.route("/json-bodies/looks", methods=["GET", "POST"])
def looks() -> ResponseReturnValue:
    """is_json goes by the content type and never looks at the body."""
    return jsonify(is_json=request.is_json, mimetype=request.mimetype)
