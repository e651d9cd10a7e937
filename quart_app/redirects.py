"""Where a client is sent, and how the place is written."""

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
    """To one of several places."""
    return redirect(PLACES[name])


@blueprint.get("/redirects/by-header/<name>")
async def by_header(name: str) -> ResponseReturnValue:
    """To one of several places, by a header of one's own."""
    return "Over there", 302, {"Location": PLACES[name]}


@blueprint.get("/redirects/created")
async def created() -> ResponseReturnValue:
    """The place of something new, which is no redirect."""
    return "Created", 201, {"Location": "/jobs/r\xe9sum\xe9"}


@blueprint.route("/redirects/code/<int:code>", methods=["GET", "POST"])
async def by_code(code: int) -> ResponseReturnValue:
    """With a code of one's own."""
    return redirect("/redirects/here", code)


@blueprint.get("/redirects/code-text")
async def code_text() -> Any:
    """With a code and a reason in one."""
    code: Any = "303 Look There"
    return redirect("/redirects/here", code)


@blueprint.get("/redirects/made-absolute")
async def made_absolute() -> Any:
    """With the wish that the place be made absolute."""
    response = redirect("/redirects/here")
    response.autocorrect_location_header = True
    return response


@blueprint.get("/redirects/by-class")
async def by_class() -> Any:
    """With a class for the response."""
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
    """To a view by its name, with an argument that has to be encoded."""
    return redirect(url_for(".to", name="caf\xe9 1", page=2))


@blueprint.get("/redirects/named-absolute")
async def named_absolute() -> ResponseReturnValue:
    """To a view by its name, with scheme and host."""
    return redirect(url_for(".named", _external=True))
