"""Cookies, in every form in which they can be set."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

blueprint = Blueprint("cookies", __name__)

LATER = datetime(2040, 1, 1, tzinfo=UTC)

COOKIES: dict[str, dict[str, Any]] = {
    "plain": {"value": "tea"},
    "attributes": {
        "value": "tea",
        "path": "/cookies",
        "secure": True,
        "httponly": True,
    },
    "no-path": {"value": "tea", "path": None},
    "path": {"value": "tea", "path": "/caf\xe9; x"},
    "domain": {"value": "tea", "domain": ".example.com"},
    "domain-idn": {"value": "tea", "domain": "b\xfccher.example"},
    "lax": {"value": "tea", "samesite": "lax"},
    "cross-site": {"value": "tea", "samesite": "None", "secure": True},
    "samesite-wrong": {"value": "tea", "samesite": "Sometimes"},
    "partitioned": {"value": "tea", "partitioned": True},
    "expires": {"value": "tea", "expires": LATER},
    "expires-number": {"value": "tea", "expires": 0},
    "max-age": {"value": "tea", "max_age": timedelta(minutes=1), "expires": LATER},
    "quoted": {"value": 'milk, "sugar"; tea'},
    "non-ascii": {"value": "th\xe9 \u6771"},
    "line-break": {"value": "tea\r\nX-Step: 3"},
    "number": {"value": 3},
    "long": {"value": "x" * 5000},
}


@blueprint.get("/cookies/set/<name>")
def set_one(name: str) -> Any:
    """One cookie, in one of many forms."""
    response = Response("Hello")
    response.set_cookie("drink", **COOKIES[name])
    return response


@blueprint.get("/cookies/set-two")
def set_two() -> ResponseReturnValue:
    """Two cookies of one name for two paths, and a third."""
    response = Response("Hello")
    response.set_cookie("drink", "tea")
    response.set_cookie("drink", "coffee", path="/cookies")
    response.set_cookie("cake", "lemon")
    return response


@blueprint.get("/cookies/set-key")
def set_key() -> ResponseReturnValue:
    """A cookie whose name is outside ASCII."""
    response = Response("Hello")
    response.set_cookie("th\xe9", "1")
    return response


@blueprint.get("/cookies/set-key-broken")
def set_key_broken() -> ResponseReturnValue:
    """A cookie with a line break in its name."""
    response = Response("Hello")
    response.set_cookie("a\r\nb", "1")
    return response


@blueprint.get("/cookies/delete")
def delete() -> ResponseReturnValue:
    """A deleted cookie expires in the past."""
    response = Response("Hello")
    response.delete_cookie("drink")
    return response


@blueprint.get("/cookies/delete-same")
def delete_same() -> ResponseReturnValue:
    """To delete a cookie, repeat the attributes that it was set with."""
    response = Response("Hello")
    response.delete_cookie("drink", path="/cookies", secure=True, samesite="strict")
    return response


@blueprint.get("/cookies/read")
def read() -> ResponseReturnValue:
    """The cookies that the client sent, as JSON."""
    return dict(request.cookies)


@blueprint.get("/cookies/read-all")
def read_all() -> ResponseReturnValue:
    """The values of one name, all of them."""
    return request.cookies.getlist("drink")
