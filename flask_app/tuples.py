"""Tuples of body, status and headers."""

from flask import Blueprint, Response, make_response
from flask.typing import ResponseReturnValue

blueprint = Blueprint("tuples", __name__)


@blueprint.get("/tuples/body")
def body() -> ResponseReturnValue:
    """No tuple at all: the status is 200."""
    return "Hello"


@blueprint.get("/tuples/body-status")
def body_status() -> ResponseReturnValue:
    """Two items, the second a number: body and status."""
    return "Created", 201


@blueprint.get("/tuples/body-headers")
def body_headers() -> ResponseReturnValue:
    """Two items, the second a dict: body and headers. The status stays 200."""
    return "Hello", {"X-Lesson": "tuples"}


@blueprint.get("/tuples/body-status-headers")
def body_status_headers() -> ResponseReturnValue:
    """Three items: body, status and headers, always in this order."""
    return "Accepted", 202, {"X-Lesson": "tuples"}


@blueprint.get("/tuples/header-pairs")
def header_pairs() -> ResponseReturnValue:
    """Headers as a list of pairs, which keeps their order."""
    return "Hello", 200, [("X-Lesson", "tuples"), ("X-Step", "3")]


@blueprint.get("/tuples/repeated-pairs")
def repeated_pairs() -> ResponseReturnValue:
    """Two pairs with the same name become two header fields."""
    return "Page 2", 200, [("Link", "</1>; rel=prev"), ("Link", "</3>; rel=next")]


@blueprint.get("/tuples/two-cookies")
def two_cookies() -> ResponseReturnValue:
    """Two cookies are two Set-Cookie fields: they can't be joined into one."""
    return "Hello", [("Set-Cookie", "one=1"), ("Set-Cookie", "two=2")]


@blueprint.get("/tuples/list-value")
def list_value() -> ResponseReturnValue:
    """A list as the value in a dict: one header field for each item."""
    return "Page 2", {"Link": ["</1>; rel=prev", "</3>; rel=next"]}


@blueprint.get("/tuples/content-type")
def content_type() -> ResponseReturnValue:
    """A Content-Type in the headers replaces the default one."""
    return "name,size\n", {"Content-Type": "text/csv; charset=utf-8"}


@blueprint.get("/tuples/json-status")
def json_status() -> ResponseReturnValue:
    """A dict in a tuple becomes JSON, as it does alone."""
    return {"message": "Created"}, 201


@blueprint.get("/tuples/json-headers")
def json_headers() -> ResponseReturnValue:
    """The first dict is the body, the second the headers."""
    return {"message": "Hello"}, {"X-Lesson": "tuples"}


@blueprint.get("/tuples/response-status")
def response_status() -> ResponseReturnValue:
    """The tuple's status overrides the one the response came with."""
    return Response("Hello", status=201), 202


@blueprint.get("/tuples/response-headers")
def response_headers() -> ResponseReturnValue:
    """The tuple's headers join those the response came with."""
    return Response("Hello", headers={"X-Lesson": "tuples"}), {"X-Step": "3"}


@blueprint.get("/tuples/response-header-replaced")
def response_header_replaced() -> ResponseReturnValue:
    """A header of the same name is replaced, not repeated."""
    return Response("Hello", headers={"X-Step": "2"}), {"X-Step": "3"}


@blueprint.get("/tuples/made")
def made() -> ResponseReturnValue:
    """make_response turns a tuple into a response that the view can change."""
    response = make_response("Hello", 202)
    response.headers["X-Lesson"] = "tuples"
    return response


@blueprint.get("/tuples/made-overridden")
def made_overridden() -> ResponseReturnValue:
    """A made response in a tuple: the status set last is the one that is sent."""
    response = make_response("Hello", 201, {"X-Lesson": "tuples"})
    return response, 202
