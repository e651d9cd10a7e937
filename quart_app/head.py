"""HEAD and OPTIONS: the automatic answers and one's own."""

from typing import Any

from quart import Blueprint, Response, current_app, redirect, request
from quart.typing import ResponseReturnValue
from quart.views import MethodView

blueprint = Blueprint("head", __name__)


@blueprint.get("/head/text")
async def text() -> ResponseReturnValue:
    """A route for GET, asked for its head."""
    return "Hello", {"X-Method": request.method}


@blueprint.get("/head/object")
async def an_object() -> ResponseReturnValue:
    """A dict, asked for its head."""
    return {"message": "Hello"}


@blueprint.get("/head/pieces")
async def pieces() -> ResponseReturnValue:
    """A list of pieces, asked for its head."""
    return Response(["Hel", "lo"])


@blueprint.get("/head/stream")
async def stream() -> Any:
    """A generator, asked for its head."""
    return (piece for piece in ("Hel", "lo"))


@blueprint.get("/head/counted")
async def counted() -> Any:
    """A generator that leaves a mark when it runs."""
    marks = current_app.extensions.setdefault("head", [])

    async def lines() -> Any:
        marks.append("ran")
        yield b""

    return lines()


@blueprint.get("/head/count")
async def count() -> ResponseReturnValue:
    """How often the generator ran."""
    return str(len(current_app.extensions.get("head", [])))


@blueprint.get("/head/declared")
async def declared() -> Any:
    """A generator with a Content-Length given by hand."""
    return (piece for piece in ("Hel", "lo")), {"Content-Length": "5"}


@blueprint.get("/head/moved")
async def moved() -> ResponseReturnValue:
    """A redirect, asked for its head."""
    return redirect("/head/text")


@blueprint.get("/head/nothing")
async def nothing() -> ResponseReturnValue:
    """A response without content, asked for its head."""
    return Response(status=204)


@blueprint.get("/head/broken")
async def broken() -> ResponseReturnValue:
    """A view that fails, asked for its head."""
    raise RuntimeError("broken")


@blueprint.route("/head/own", methods=["HEAD"])
async def own() -> ResponseReturnValue:
    """A route for HEAD alone."""
    return "", {"X-Size": "5"}


@blueprint.route("/head/own-with-body", methods=["GET", "HEAD"])
async def own_with_body() -> ResponseReturnValue:
    """A view that knows it was asked for the head only, and skips the work."""
    if request.method == "HEAD":
        return Response(headers={"Content-Length": "5"})
    return "Hello"


class Job(MethodView):
    """A class with a method for GET and none for HEAD."""

    async def get(self) -> ResponseReturnValue:
        """Answers HEAD as well."""
        return request.method

    async def put(self) -> ResponseReturnValue:
        """Another method, for OPTIONS to name."""
        return "Stored"


class Probe(MethodView):
    """A class with methods for HEAD and OPTIONS of its own."""

    async def head(self) -> ResponseReturnValue:
        """Only the head."""
        return "", {"X-Answered-By": "head"}

    async def options(self) -> ResponseReturnValue:
        """What can be done here."""
        return "", 204, {"Allow": "HEAD, OPTIONS"}


blueprint.add_url_rule("/head/job", view_func=Job.as_view("job"))
blueprint.add_url_rule("/head/probe", view_func=Probe.as_view("probe"))


async def forced() -> ResponseReturnValue:
    """A view that wants OPTIONS to be answered for it."""
    return request.method


view: Any = forced
view.provide_automatic_options = True
view.required_methods = ["OPTIONS"]
blueprint.add_url_rule("/head/forced", view_func=view, methods=["POST"])


@blueprint.route("/head/writable", methods=["POST", "DELETE"])
async def writable() -> ResponseReturnValue:
    """A view that only changes things."""
    return request.method
