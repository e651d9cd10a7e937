"""Redirects, and how the Location header is written."""

from typing import Any

from quart import Blueprint, Response, abort, redirect, url_for
from quart.typing import ResponseReturnValue

blueprint = Blueprint("redirects", __name__)

PLACES = {
    "path": "/redirects/here",
    "relative": "here?x=1#top",
    "absolute": "https://example.com/here",
    "encoded": "/caf%C3%A9?q=a%20b",
    "non-ascii": "/caf\xe9/\u6771\u4eac?q=\xfc#\xdf",
    "space": "/two words",
    "host": "https://b\xfccher.example/",
    "capitals": "https://EXAMPLE.com/Here",
    "empty-query": "/redirects/here?",
    "markup": '/here?a=1&b="<2>"',
    "bad-port": "https://example.com:port/",
    "line-break": "/here\r\nX-Step: 3",
    "empty": "",
}


@blueprint.get("/redirects/to/<name>")
async def to(name: str) -> ResponseReturnValue:
    """Redirect to one of several places."""
    return redirect(PLACES[name])


@blueprint.get("/redirects/by-header/<name>")
async def by_header(name: str) -> ResponseReturnValue:
    """Redirect to one of several places with a header that the view sets."""
    return "Over there", 302, {"Location": PLACES[name]}


@blueprint.get("/redirects/created")
async def created() -> ResponseReturnValue:
    """The URL of a new resource, which is not a redirect."""
    return "Created", 201, {"Location": "/jobs/r\xe9sum\xe9"}


@blueprint.route("/redirects/code/<int:code>", methods=["GET", "POST"])
async def by_code(code: int) -> ResponseReturnValue:
    """Redirect with a given status code."""
    return redirect("/redirects/here", code)


@blueprint.get("/redirects/code-text")
async def code_text() -> Any:
    """Redirect with a status code and a reason in one str."""
    code: Any = "303 Look There"
    return redirect("/redirects/here", code)


@blueprint.get("/redirects/made-absolute")
async def made_absolute() -> Any:
    """Redirect with an attribute that makes the URL absolute."""
    response = redirect("/redirects/here")
    response.autocorrect_location_header = True
    return response


@blueprint.get("/redirects/by-class")
async def by_class() -> Any:
    """Redirect with a response class."""
    arguments: dict[str, Any] = {"Response": Response}
    return redirect("/redirects/here", **arguments)


@blueprint.get("/redirects/in-tuple")
async def in_tuple() -> ResponseReturnValue:
    """A redirect in a tuple, which gives it another code and a header."""
    return redirect("/redirects/here"), 307, {"X-Step": "2"}


@blueprint.get("/redirects/with-cookie")
async def with_cookie() -> ResponseReturnValue:
    """A redirect that sets a cookie on the way."""
    response = redirect("/redirects/here")
    response.set_cookie("seen", "1")
    return response


@blueprint.get("/redirects/aborted")
async def aborted() -> ResponseReturnValue:
    """A redirect that ends the view from anywhere in it."""
    answer: Any = redirect("/redirects/here")
    abort(answer)


@blueprint.get("/redirects/changed")
async def changed() -> ResponseReturnValue:
    """A redirect whose place is changed afterwards."""
    response = redirect("/redirects/here")
    response.location = "/redirects/there"
    return response


@blueprint.get("/redirects/named")
async def named() -> ResponseReturnValue:
    """Redirect to a view by its name, with an argument that needs encoding."""
    return redirect(url_for(".to", name="caf\xe9 1", page=2))


@blueprint.get("/redirects/named-absolute")
async def named_absolute() -> ResponseReturnValue:
    """Redirect to a view by its name, with scheme and host."""
    return redirect(url_for(".named", _external=True))
