"""Types of status codes, and which of them work."""

from typing import Any

from flask import Blueprint, Response, make_response
from flask.typing import ResponseReturnValue

blueprint = Blueprint("status_types", __name__)


class Code:
    """An object that int() converts to a number."""

    def __int__(self) -> int:
        """The number."""
        return 202


CODES: dict[str, Any] = {
    "reason": "202 Accepted",
    "own-reason": "404 Gone Fishing",
    "bytes": b"202",
    "float": 202.0,
    "fraction": 202.9,
    "convertible": Code(),
    "word": "accepted",
    "empty": "",
    "none": None,
    "set": {202},
    "last": 599,
}


@blueprint.get("/codes/tuple/<name>")
def in_tuple(name: str) -> Any:
    """The status in second place of a tuple."""
    return "Hello", CODES[name]


@blueprint.get("/codes/three/<name>")
def in_three(name: str) -> Any:
    """The status between body and headers."""
    return "Hello", CODES[name], {"X-Step": "2"}


@blueprint.get("/codes/json/<name>")
def with_json(name: str) -> Any:
    """The status beside a dict."""
    return {"message": "Hello"}, CODES[name]


@blueprint.get("/codes/response/<name>")
def with_response(name: str) -> Any:
    """The status beside a response that has its own."""
    return Response("Hello", 201), CODES[name]


@blueprint.get("/codes/made/<name>")
def made(name: str) -> Any:
    """The status as an argument of make_response."""
    return make_response("Hello", CODES[name])


@blueprint.get("/codes/argument/<name>")
def argument(name: str) -> Any:
    """The status as an argument of the response."""
    return Response("Hello", status=CODES[name])


@blueprint.get("/codes/assigned/<name>")
def assigned(name: str) -> Any:
    """The status assigned to a response, as text or as a number."""
    response = Response("Hello")
    response.status = CODES[name]
    return response


@blueprint.get("/codes/read-back")
def read_back() -> ResponseReturnValue:
    """A response knows its status as text, with the standard reason in capitals."""
    return Response(status=202).status
