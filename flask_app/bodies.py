"""Bodies of many types, and how each is sent."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

blueprint = Blueprint("bodies", __name__)


@blueprint.get("/bodies/text")
def text() -> ResponseReturnValue:
    """A str is sent as HTML in UTF-8."""
    return "<p>Hello</p>"


@blueprint.get("/bodies/raw")
def raw() -> ResponseReturnValue:
    """Bytes are sent unchanged."""
    return b"\x00\x01\xfe\xff", {"Content-Type": "application/octet-stream"}


@blueprint.get("/bodies/mapping")
def mapping() -> ResponseReturnValue:
    """A dict becomes a JSON object, its keys sorted."""
    return {"name": "report", "done": True, "pages": 3}


@blueprint.get("/bodies/sequence")
def sequence() -> ResponseReturnValue:
    """A list becomes a JSON array."""
    return [1, "two", 3.5]


@blueprint.get("/bodies/empty")
def empty() -> ResponseReturnValue:
    """An empty str is a body too: one of length 0."""
    return ""


@blueprint.get("/bodies/jsonify-keywords")
def jsonify_keywords() -> ResponseReturnValue:
    """Keyword arguments become the members of an object."""
    return jsonify(name="report", pages=3)


@blueprint.get("/bodies/jsonify-single")
def jsonify_single() -> ResponseReturnValue:
    """A single argument is sent as it is."""
    return jsonify("report")


@blueprint.get("/bodies/jsonify-positional")
def jsonify_positional() -> ResponseReturnValue:
    """Several arguments become an array."""
    return jsonify("report", 3, True)


@blueprint.get("/bodies/jsonify-nothing")
def jsonify_nothing() -> ResponseReturnValue:
    """No argument at all becomes null."""
    return jsonify()


@blueprint.get("/bodies/stream")
def stream() -> Any:
    """A generator is sent piece by piece, without a known length."""

    def lines() -> Any:
        yield "one\n"
        yield "two\n"

    return lines()


@blueprint.get("/bodies/iterator")
def iterator() -> Any:
    """Any other iterator is sent piece by piece, too."""
    return iter(["one\n", "two\n"])


@blueprint.get("/bodies/non-ascii")
def non_ascii() -> ResponseReturnValue:
    """A str outside ASCII is encoded as UTF-8, and its length counted in bytes."""
    return "Grüße aus 東京 ☕"


@blueprint.get("/bodies/non-ascii-json")
def non_ascii_json() -> ResponseReturnValue:
    """JSON escapes characters outside ASCII."""
    return {"message": "Grüße aus 東京 ☕"}


@blueprint.get("/bodies/greeting/<name>")
def greeting(name: str) -> ResponseReturnValue:
    """A part of the path arrives decoded, in any alphabet."""
    return f"Hello, {name}!", {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.post("/bodies/echo")
def echo() -> ResponseReturnValue:
    """The request's body, byte for byte."""
    data = request.get_data()
    return data, {"Content-Type": "application/octet-stream"}
