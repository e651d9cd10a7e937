"""Responses that must not have a body."""

from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

blueprint = Blueprint("no_content", __name__)


@blueprint.get("/bodyless/text/<int:code>")
def text(code: int) -> ResponseReturnValue:
    """Text with a status that may not allow a body."""
    return "Hello", code


@blueprint.get("/bodyless/empty/<int:code>")
def empty(code: int) -> ResponseReturnValue:
    """An empty str, the usual way to send no content."""
    return "", code


@blueprint.get("/bodyless/object/<int:code>")
def an_object(code: int) -> ResponseReturnValue:
    """A dict with a status that may not allow a body."""
    return {}, code


@blueprint.get("/bodyless/stream/<int:code>")
def stream(code: int) -> Any:
    """A generator with a status that may not allow a body."""
    return (piece for piece in ("Hel", "lo")), code


@blueprint.get("/bodyless/response/<int:code>")
def response(code: int) -> ResponseReturnValue:
    """A response made without a body."""
    return Response(status=code)


@blueprint.get("/bodyless/length/<int:code>")
def length(code: int) -> ResponseReturnValue:
    """A Content-Length header on a response without content."""
    return Response(status=code, headers={"Content-Length": "0"})


@blueprint.get("/bodyless/untyped")
def untyped() -> ResponseReturnValue:
    """A response without a body and without a type."""
    answer = Response(status=204)
    del answer.headers["Content-Type"]
    return answer


@blueprint.get("/bodyless/validators/<int:code>")
def validators(code: int) -> ResponseReturnValue:
    """Headers that update what a client has cached."""
    answer = Response(status=code)
    answer.set_etag("v1")
    answer.headers["Cache-Control"] = "max-age=60"
    answer.headers["Last-Modified"] = "Sat, 01 Jan 2022 00:00:00 GMT"
    answer.headers["Content-Language"] = "en"
    return answer


@blueprint.delete("/bodyless/deleted")
def deleted() -> ResponseReturnValue:
    """A deletion answers without a body."""
    return "", 204
