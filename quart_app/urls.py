"""URLs that are built: by endpoint, with values, in and out of a request."""

from typing import Any

from quart import Blueprint, Quart, current_app, redirect, url_for
from quart.typing import ResponseReturnValue
from werkzeug.routing import BuildError

blueprint = Blueprint("urls", __name__)


@blueprint.get("/urls/items/<int:number>")
async def item(number: int) -> ResponseReturnValue:
    """Have a value in the path."""
    return str(number)


@blueprint.get("/urls/files/<path:name>")
async def file(name: str) -> ResponseReturnValue:
    """Have a path in the path."""
    return name


@blueprint.get("/urls/things")
@blueprint.post("/urls/things/new")
async def things() -> ResponseReturnValue:
    """Have a path for each of two methods."""
    return "things"


@blueprint.get("/urls/pages/", defaults={"page": 1})
@blueprint.get("/urls/pages/<int:page>")
async def pages(page: int) -> ResponseReturnValue:
    """Have a default for a value."""
    return str(page)


BUILDS: dict[str, tuple[str, dict[str, Any]]] = {
    "value": (".item", {"number": 3}),
    "relative": (".things", {}),
    "path": (".file", {"name": "a b/ç?.txt"}),
    "query": (".things", {"q": "a b&c", "page": 2}),
    "list": (".things", {"tag": ["b", "a", "b"]}),
    "none": (".things", {"tag": None, "page": 0}),
    "non-ascii": (".things", {"name": "Zoë"}),
    "external": (".item", {"number": 3, "_external": True}),
    "no-scheme": (".item", {"number": 3, "_external": True, "_scheme": ""}),
    "scheme-not-external": (
        ".item",
        {"number": 3, "_external": False, "_scheme": "https"},
    ),
    "anchor": (".things", {"_anchor": "part 2/ü"}),
    "default": (".pages", {"page": 1}),
    "missing-value": (".item", {}),
    "wrong-type": (".item", {"number": "three"}),
    "other-app-static": ("static", {"filename": "a.css"}),
    "self": (".things", {"self": "me"}),
}


@blueprint.get("/urls/build/<name>")
async def build(name: str) -> ResponseReturnValue:
    """Build one of the URLs above."""
    endpoint, values = BUILDS[name]
    return url_for(endpoint, **values)


@blueprint.get("/urls/attempt/<name>")
async def attempt(name: str) -> ResponseReturnValue:
    """Build one of the URLs above, and say what was raised."""
    endpoint, values = BUILDS[name]
    try:
        return url_for(endpoint, **values)
    except (BuildError, ValueError) as error:
        return f"{type(error).__name__}: {error}", 422


@blueprint.get("/urls/redirect")
async def redirected() -> ResponseReturnValue:
    """Redirect to an endpoint."""
    return redirect(url_for(".item", number=3, q="a b"))


@blueprint.get("/urls/redirect/<int:code>")
async def redirected_with(code: int) -> ResponseReturnValue:
    """Redirect to an endpoint with a status of one's own."""
    return redirect(url_for(".things", _external=True), code=code)


@blueprint.get("/urls/redirect-name/<name>")
async def redirected_to_name(name: str) -> ResponseReturnValue:
    """Redirect to a path that was built, with characters outside ASCII."""
    return redirect(url_for(".file", name=name))


@blueprint.get("/urls/outside")
async def outside() -> Any:
    """Build a URL as it is built outside of any request."""
    adapter: Any = current_app.create_url_adapter(None)
    return adapter.build("urls.things", force_external=True)


def refuse_build_error(error: Exception, endpoint: str, values: dict[str, Any]) -> Any:
    """Know no URL either: the exception is raised."""


def init_app(app: Quart) -> None:
    """Add a handler for URLs that can't be built if the setting URLS names one."""
    if app.config.get("URLS") == "refuse":
        app.url_build_error_handlers.append(refuse_build_error)
