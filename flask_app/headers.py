"""Every form in which a view can give header fields."""

from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, after_this_request, current_app
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

blueprint = Blueprint("headers", __name__)

FIELDS: dict[str, Any] = {
    "pair-tuple": (("X-Step", "3"), ("X-Lesson", "fields")),
    "two-cases": {"X-Step": "3", "x-step": "4"},
    "repeated": [("X-Step", "3"), ("X-Step", "4")],
    "proxy": MappingProxyType({"X-Step": "3"}),
    "empty-list": [],
    "empty-tuple": (),
    "text": "X-Step: 3",
    "number": {"X-Step": 3},
    "bytes": {"X-Step": b"3"},
    "none": {"X-Step": None},
    "list-in-pair": [("X-Step", ["3", "4"])],
    "tuple-value": {"X-Step": ("3", "4")},
    "empty-list-value": {"X-Step": []},
    "empty-value": {"X-Step": ""},
    "line-break": {"X-Step": "3\r\nX-Lesson: fields"},
    "latin": {"X-Name": "caf\xe9"},
    "beyond-latin": {"X-Name": "\u6771\u4eac"},
    "short-length": {"Content-Length": "3"},
    "long-length": {"Content-Length": "9"},
    "right-length": {"Content-Length": "5"},
    "type": {"content-type": "text/plain"},
    "location": {"Content-Location": "/caf\xe9 1"},
    "number-name": {7: "seven"},
}


def shared() -> Headers:
    """Return the object with the app's common header fields."""
    headers = Headers({"X-Lesson": "fields"})
    stored: Headers = current_app.extensions.setdefault("headers", headers)
    return stored


@blueprint.get("/fields/two/<name>")
def two(name: str) -> Any:
    """Header fields in second place of a tuple."""
    return "Hello", FIELDS[name]


@blueprint.get("/fields/three/<name>")
def three(name: str) -> Any:
    """Header fields in third place of a tuple."""
    return "Hello", 200, FIELDS[name]


@blueprint.get("/fields/json/<name>")
def json(name: str) -> Any:
    """Header fields beside a dict."""
    return {"message": "Hello"}, FIELDS[name]


@blueprint.get("/fields/response/<name>")
def response(name: str) -> Any:
    """Header fields as an argument of the response."""
    return Response("Hello", headers=FIELDS[name])


@blueprint.get("/fields/stream/<name>")
def stream(name: str) -> Any:
    """Header fields beside a generator."""
    return (piece for piece in ("Hel", "lo")), FIELDS[name]


@blueprint.get("/fields/headers-object")
def headers_object() -> Any:
    """Header fields as a Headers object, which may repeat a name."""
    return "Hello", Headers([("X-Step", "3"), ("X-Step", "4")])


@blueprint.get("/fields/type-and-charset")
def type_and_charset() -> ResponseReturnValue:
    """A text type given as mimetype gets a charset."""
    return Response("a,b\n", mimetype="text/csv")


@blueprint.get("/fields/type-verbatim")
def type_verbatim() -> ResponseReturnValue:
    """A type given as content_type is sent unchanged."""
    return Response("a,b\n", content_type="text/csv; header=present")


@blueprint.get("/fields/type-twice")
def two_types() -> ResponseReturnValue:
    """A type in the headers and as an argument: the argument wins."""
    return Response(
        "{}", headers={"Content-Type": "text/csv"}, mimetype="application/json"
    )


@blueprint.get("/fields/type-removed")
def type_removed() -> ResponseReturnValue:
    """A response may have no type at all."""
    made = Response("Hello")
    del made.headers["Content-Type"]
    return made


@blueprint.get("/fields/added")
def added() -> ResponseReturnValue:
    """Adding repeats a field where assigning replaces it."""
    made = Response("Hello")
    made.headers.add("X-Step", "3")
    made.headers.add("X-Step", "4")
    return made


@blueprint.get("/fields/appended")
def appended() -> ResponseReturnValue:
    """A field with parameters, quoted where they need it."""
    made = Response("Hello")
    made.headers.add("X-Step", "three", title="the third", of=4)
    return made


@blueprint.get("/fields/cookie-and-fields")
def cookie_and_headers() -> ResponseReturnValue:
    """A response that sets a cookie, in a tuple that gives other fields."""
    made = Response("Hello")
    made.set_cookie("one", "1")
    return made, {"X-Step": "3"}


@blueprint.get("/fields/shared")
def shared_headers() -> Any:
    """Two views return the same object as header fields: this is one."""
    return "Hello", shared()


@blueprint.get("/fields/shared-personal")
def shared_personal() -> Any:
    """The other view adds a field to its response."""

    @after_this_request
    def name_user(made: Any) -> Any:
        """Add the name of the user."""
        made.headers["X-User"] = "ada"
        return made

    return "Hello, Ada", shared()
