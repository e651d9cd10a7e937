"""HEAD and OPTIONS, answered by the framework or by a view."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, request
from flask.typing import ResponseReturnValue
from flask.views import MethodView

blueprint = Blueprint("head", __name__)


@blueprint.get("/head/text")
def text() -> ResponseReturnValue:
    """A route for GET also answers HEAD."""
    return "Hello", {"X-Method": request.method}


@blueprint.get("/head/object")
def an_object() -> ResponseReturnValue:
    """A dict has the same headers with HEAD."""
    return {"message": "Hello"}


@blueprint.get("/head/pieces")
def pieces() -> ResponseReturnValue:
    """A body in pieces has the same headers with HEAD."""
    return Response(["Hel", "lo"])


@blueprint.get("/head/stream")
def stream() -> Any:
    """A generator has the same headers with HEAD."""
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
    """Count the runs of the generator."""
    return str(len(current_app.extensions.get("head", [])))


@blueprint.get("/head/declared")
def declared() -> Any:
    """A generator with a Content-Length given by hand."""
    return (piece for piece in ("Hel", "lo")), {"Content-Length": "5"}


@blueprint.get("/head/moved")
def moved() -> ResponseReturnValue:
    """A redirect also answers HEAD."""
    return redirect("/head/text")


@blueprint.get("/head/nothing")
def nothing() -> ResponseReturnValue:
    """A response without content also answers HEAD."""
    return Response(status=204)


@blueprint.get("/head/broken")
def broken() -> ResponseReturnValue:
    """A view that fails also fails with HEAD."""
    raise RuntimeError("broken")


@blueprint.route("/head/own", methods=["HEAD"])
def own() -> ResponseReturnValue:
    """A route for HEAD alone."""
    return "", {"X-Size": "5"}


@blueprint.route("/head/own-with-body", methods=["GET", "HEAD"])
def own_with_body() -> ResponseReturnValue:
    """A view that skips the work if the method is HEAD."""
    if request.method == "HEAD":
        return Response(headers={"Content-Length": "5"})
    return "Hello"


class Job(MethodView):
    """A class with a method for GET and none for HEAD."""

    def get(self) -> ResponseReturnValue:
        """Answer GET and HEAD."""
        return request.method

    def put(self) -> ResponseReturnValue:
        """Answer PUT, which OPTIONS lists."""
        return "Stored"


class Probe(MethodView):
    """A class with methods for HEAD and OPTIONS."""

    def head(self) -> ResponseReturnValue:
        """Answer HEAD."""
        return "", {"X-Answered-By": "head"}

    def options(self) -> ResponseReturnValue:
        """List the methods."""
        return "", 204, {"Allow": "HEAD, OPTIONS"}


blueprint.add_url_rule("/head/job", view_func=Job.as_view("job"))
blueprint.add_url_rule("/head/probe", view_func=Probe.as_view("probe"))


def forced() -> ResponseReturnValue:
    """A view that enables the automatic answer to OPTIONS."""
    return request.method


view: Any = forced
view.provide_automatic_options = True
view.required_methods = ["OPTIONS"]
blueprint.add_url_rule("/head/forced", view_func=view, methods=["POST"])


@blueprint.route("/head/writable", methods=["POST", "DELETE"])
def writable() -> ResponseReturnValue:
    """A view that only changes things."""
    return request.method
