"""Response objects: attributes, bodies, and how they are sent."""

from typing import Any

from flask import Blueprint, Response, jsonify, make_response
from flask.typing import ResponseReturnValue

blueprint = Blueprint("response_objects", __name__)


@blueprint.get("/objects/nothing-made")
def nothing_made() -> ResponseReturnValue:
    """Without arguments make_response makes an empty response."""
    return make_response()


@blueprint.get("/objects/list-body")
def list_body() -> ResponseReturnValue:
    """A response over a list of pieces: its length could be counted."""
    return Response(["Hel", "lo"])


@blueprint.get("/objects/empty-response")
def empty_response() -> ResponseReturnValue:
    """A response without a body."""
    return Response(status=202)


@blueprint.get("/objects/number-response")
def number_response() -> Any:
    """A number where a response expects a body."""
    body: Any = 42
    return Response(body)


@blueprint.get("/objects/passthrough")
def passthrough() -> Any:
    """An argument that passes the pieces to the server unchecked."""
    arguments: dict[str, Any] = {"direct_passthrough": True}
    return Response(iter([b"Hello"]), **arguments)


@blueprint.get("/objects/assigned-body")
def assigned_body() -> Any:
    """The body's pieces, assigned to an existing response."""
    response: Any = Response("Hello")
    response.response = ["Good", "bye"]
    response.content_length = 7
    return response


@blueprint.get("/objects/frozen")
def frozen() -> Any:
    """A frozen response can be stored and sent again."""
    response = Response(piece for piece in ("Hel", "lo"))
    response.freeze()
    return response


@blueprint.get("/objects/sequence-made")
def sequence_made() -> Any:
    """A stream turned into a sequence has a length."""
    response = Response(piece for piece in ("Hel", "lo"))
    response.make_sequence()
    return response


@blueprint.get("/objects/json-read-back")
def json_read_back() -> Any:
    """A response's JSON, read back before it is sent."""
    response = jsonify(name="report")
    return (response.get_json())["name"]


@blueprint.get("/objects/broken-json")
def broken_json() -> Any:
    """A response that says it is JSON, and isn't, read back silently."""
    response = Response("{", mimetype="application/json")
    return str(response.get_json(silent=True))


@blueprint.get("/objects/broken-json-aloud")
def broken_json_aloud() -> Any:
    """A response that says it is JSON, and isn't, read back with errors raised."""
    response = Response("{", mimetype="application/json")
    return str(response.get_json())


@blueprint.get("/objects/length-asked")
def body_length() -> Any:
    """The length of the body of a response."""
    response: Any = Response(["Hel", "lo"])
    return str(response.calculate_content_length())


@blueprint.get("/objects/written")
def written() -> Any:
    """A response has a stream to write its body to."""
    response: Any = Response()
    response.stream.write(b"Hello")
    return response


@blueprint.get("/objects/iterator-response")
def iterator_response() -> ResponseReturnValue:
    """Any iterator can be put into a response by hand."""
    return Response(map(str, range(3)), mimetype="text/plain")
