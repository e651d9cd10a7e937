"""Request bodies as bytes: their length, limits, and repeated reading."""

from typing import IO

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

blueprint = Blueprint("uploads", __name__)


@blueprint.route("/uploads/text", methods=["POST", "DELETE"])
def text() -> ResponseReturnValue:
    """get_data(as_text=True) decodes the body as UTF-8."""
    body = request.get_data(as_text=True)
    return jsonify(text=body)


@blueprint.post("/uploads/size")
def size() -> ResponseReturnValue:
    """The length of what arrived, next to the length that was announced."""
    body = request.get_data()
    return jsonify(received=len(body), announced=request.content_length)


@blueprint.post("/uploads/unread")
def unread() -> ResponseReturnValue:
    """A body that the view does not read does no harm."""
    return jsonify(read=False)


@blueprint.post("/uploads/twice")
def read_two_times() -> ResponseReturnValue:
    """get_data caches what it reads."""
    first = request.get_data(as_text=True)
    second = request.get_data(as_text=True)
    return jsonify(first=first, second=second)


@blueprint.post("/uploads/once")
def once() -> ResponseReturnValue:
    """With cache=False the body can be read once."""
    first = request.get_data(cache=False, as_text=True)
    second = request.get_data(as_text=True)
    return jsonify(first=first, second=second)


@blueprint.post("/uploads/kept")
def cached() -> ResponseReturnValue:
    """cache=False does not drop what get_data has cached."""
    request.get_data()
    request.get_data(cache=False)
    again = request.get_data(as_text=True)
    return jsonify(again=again)


@blueprint.post("/uploads/stream")
def stream() -> ResponseReturnValue:
    """request.stream reads the body piece by piece."""
    body: IO[bytes] = request.stream
    return jsonify(start=body.read(5).decode())


@blueprint.get("/uploads/limit")
def limit() -> ResponseReturnValue:
    """The limit that holds for this request, in bytes."""
    return jsonify(limit=request.max_content_length)


@blueprint.post("/uploads/own-limit")
def own_limit() -> ResponseReturnValue:
    """A view may set its own limit before the body is read."""
    request.max_content_length = 5
    body = request.get_data(as_text=True)
    return jsonify(text=body)


@blueprint.post("/uploads/form")
def form() -> ResponseReturnValue:
    """The limit holds for forms too."""
    pairs = request.form
    return jsonify(pairs)


@blueprint.post("/uploads/files")
def files() -> ResponseReturnValue:
    """The limit holds for files too."""
    received = request.files
    return jsonify({name: len(upload.read()) for name, upload in received.items()})
