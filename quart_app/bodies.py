"""Bodies of many types, and how each is sent."""

from typing import Any

from quart import Blueprint, jsonify, request
from quart.typing import ResponseReturnValue

blueprint = Blueprint("bodies", __name__)


@blueprint.get("/bodies/text")
async def text() -> ResponseReturnValue:
    """A str is sent as HTML in UTF-8."""
    return "<p>Hello</p>"


@blueprint.get("/bodies/raw")
async def raw() -> ResponseReturnValue:
    """Bytes are sent unchanged."""
    return b"\x00\x01\xfe\xff", {"Content-Type": "application/octet-stream"}


@blueprint.get("/bodies/mapping")
async def mapping() -> ResponseReturnValue:
    """A dict becomes a JSON object, its keys sorted."""
    return {"name": "report", "done": True, "pages": 3}


@blueprint.get("/bodies/sequence")
async def sequence() -> ResponseReturnValue:
    """A list becomes a JSON array."""
    return [1, "two", 3.5]


@blueprint.get("/bodies/empty")
async def empty() -> ResponseReturnValue:
    """An empty str is a body too: one of length 0."""
    return ""


@blueprint.get("/bodies/jsonify-keywords")
async def jsonify_keywords() -> ResponseReturnValue:
    """Keyword arguments become the members of an object."""
    return jsonify(name="report", pages=3)


@blueprint.get("/bodies/jsonify-single")
async def jsonify_single() -> ResponseReturnValue:
    """A single argument is sent as it is."""
    return jsonify("report")


@blueprint.get("/bodies/jsonify-positional")
async def jsonify_positional() -> ResponseReturnValue:
    """Several arguments become an array."""
    return jsonify("report", 3, True)


@blueprint.get("/bodies/jsonify-nothing")
async def jsonify_nothing() -> ResponseReturnValue:
    """No argument at all becomes null."""
    return jsonify()


@blueprint.get("/bodies/stream")
async def stream() -> Any:
    """A generator is sent piece by piece, without a known length."""

    async def lines() -> Any:
        yield "one\n"
        yield "two\n"

    return lines()


@blueprint.get("/bodies/iterator")
async def iterator() -> Any:
    """Any other iterator is sent piece by piece, too."""
    return iter(["one\n", "two\n"])


@blueprint.get("/bodies/non-ascii")
async def non_ascii() -> ResponseReturnValue:
    """A str outside ASCII is encoded as UTF-8, and its length counted in bytes."""
    return "Grüße aus 東京 ☕"


@blueprint.get("/bodies/non-ascii-json")
async def non_ascii_json() -> ResponseReturnValue:
    """JSON escapes characters outside ASCII."""
    return {"message": "Grüße aus 東京 ☕"}


@blueprint.get("/bodies/greeting/<name>")
async def greeting(name: str) -> ResponseReturnValue:
    """A part of the path arrives decoded, in any alphabet."""
    return f"Hello, {name}!", {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.post("/bodies/echo")
async def echo() -> ResponseReturnValue:
    """The request's body, byte for byte."""
    data = await request.get_data()
    return data, {"Content-Type": "application/octet-stream"}
