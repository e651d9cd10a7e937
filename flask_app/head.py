"""HEAD and OPTIONS: the automatic answers and one's own."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, request
from flask.typing import ResponseReturnValue
from flask.views import MethodView

blueprint = Blueprint("head", __name__)


@blueprint.get("/head/text")
def text() -> ResponseReturnValue:
    """A route for GET, asked for its head."""
    return "Hello", {"X-Method": request.method}


@blueprint.get("/head/object")
def an_object() -> ResponseReturnValue:
    """A dict, asked for its head."""
    return {"message": "Hello"}


@blueprint.get("/head/pieces")
def pieces() -> ResponseReturnValue:
    """A list of pieces, asked for its head."""
    return Response(["Hel", "lo"])


@blueprint.get("/head/stream")
def stream() -> Any:
    """A generator, asked for its head."""
    return (piece for piece in ("Hel", "lo"))


@blueprint.get("/head/counted")
def counted() -> Any:
    """A generator that leaves a mark when it runs."""
    marks = current_app.extensions.setdefault("head", [])

    def lines() -> Any:
        marks.append("ran")
        yield b""

    return lines()


@blueprint.get("/head/count")
def count() -> ResponseReturnValue:
    """How often the generator ran."""
    return str(len(current_app.extensions.get("head", [])))


@blueprint.get("/head/declared")
def declared() -> Any:
    """A generator with a Content-Length given by hand."""
    return (piece for piece in ("Hel", "lo")), {"Content-Length": "5"}


@blueprint.get("/head/moved")
def moved() -> ResponseReturnValue:
    """A redirect, asked for its head."""
    return redirect("/head/text")


@blueprint.get("/head/nothing")
def nothing() -> ResponseReturnValue:
    """A response without content, asked for its head."""
    return Response(status=204)


@blueprint.get("/head/broken")
def broken() -> ResponseReturnValue:
    """A view that fails, asked for its head."""
    raise RuntimeError("broken")


@blueprint.route("/head/own", methods=["HEAD"])
def own() -> ResponseReturnValue:
    """A route for HEAD alone."""
    return "", {"X-Size": "5"}


@blueprint.route("/head/own-with-body", methods=["GET", "HEAD"])
def own_with_body() -> ResponseReturnValue:
    """A view that knows it was asked for the head only, and skips the work."""
    if request.method == "HEAD":
        return Response(headers={"Content-Length": "5"})
    return "Hello"


class Job(MethodView):
    """A class with a method for GET and none for HEAD."""

    def get(self) -> ResponseReturnValue:
        """Answers HEAD as well."""
        return request.method

    def put(self) -> ResponseReturnValue:
        """Another method, for OPTIONS to name."""
        return "Stored"


class Probe(MethodView):
    """A class with methods for HEAD and OPTIONS of its own."""

    def head(self) -> ResponseReturnValue:
        """Only the head."""
        return "", {"X-Answered-By": "head"}

    def options(self) -> ResponseReturnValue:
        """What can be done here."""
        return "", 204, {"Allow": "HEAD, OPTIONS"}


blueprint.add_url_rule("/head/job", view_func=Job.as_view("job"))
blueprint.add_url_rule("/head/probe", view_func=Probe.as_view("probe"))


def forced() -> ResponseReturnValue:
    """A view that wants OPTIONS to be answered for it."""
    return request.method


view: Any = forced
view.provide_automatic_options = True
view.required_methods = ["OPTIONS"]
blueprint.add_url_rule("/head/forced", view_func=view, methods=["POST"])


@blueprint.route("/head/writable", methods=["POST", "DELETE"])
def writable() -> ResponseReturnValue:
    """A view that only changes things."""
    return request.method
