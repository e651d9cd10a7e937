"""Building URLs by endpoint and values, in and outside of requests."""

from typing import Any

from flask import Blueprint, Flask, current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import BuildError

blueprint = Blueprint("urls", __name__)


@blueprint.get("/urls/items/<int:number>")
def item(number: int) -> ResponseReturnValue:
    """Return a value in the path."""
    return str(number)


@blueprint.get("/urls/files/<path:name>")
def file(name: str) -> ResponseReturnValue:
    """Return a path in the path."""
    return name


@blueprint.get("/urls/things")
@blueprint.post("/urls/things/new")
def collection() -> ResponseReturnValue:
    """Have two rules, one for each method."""
    return "things"


@blueprint.get("/urls/pages/", defaults={"page": 1})
@blueprint.get("/urls/pages/<int:page>")
def pages(page: int) -> ResponseReturnValue:
    """Return a value that has a default."""
    return str(page)


BUILDS: dict[str, tuple[str, dict[str, Any]]] = {
    "value": (".item", {"number": 3}),
    "relative": (".collection", {}),
    "path": (".file", {"name": "a b/ç?.txt"}),
    "query": (".collection", {"q": "a b&c", "page": 2}),
    "list": (".collection", {"tag": ["b", "a", "b"]}),
    "none": (".collection", {"tag": None, "page": 0}),
    "non-ascii": (".collection", {"name": "Zoë"}),
    "external": (".item", {"number": 3, "_external": True}),
    "no-scheme": (".item", {"number": 3, "_external": True, "_scheme": ""}),
    "scheme-not-external": (
        ".item",
        {"number": 3, "_external": False, "_scheme": "https"},
    ),
    "anchor": (".collection", {"_anchor": "part 2/ü"}),
    "default": (".pages", {"page": 1}),
    "missing-value": (".item", {}),
    "wrong-type": (".item", {"number": "three"}),
    "other-app-static": ("static", {"filename": "a.css"}),
    "self": (".collection", {"self": "me"}),
}


@blueprint.get("/urls/build/<name>")
def build(name: str) -> ResponseReturnValue:
    """Build one of the URLs above."""
    endpoint, values = BUILDS[name]
    return url_for(endpoint, **values)


@blueprint.get("/urls/attempt/<name>")
def attempt(name: str) -> ResponseReturnValue:
    """Build one of the URLs above, or report the error."""
    endpoint, values = BUILDS[name]
    try:
        return url_for(endpoint, **values)
    except (BuildError, ValueError) as error:
        return f"{type(error).__name__}: {error}", 422


@blueprint.get("/urls/redirect")
def redirected() -> ResponseReturnValue:
    """Redirect to an endpoint."""
    return redirect(url_for(".item", number=3, q="a b"))


@blueprint.get("/urls/redirect/<int:code>")
def redirected_with(code: int) -> ResponseReturnValue:
    """Redirect to an endpoint with a given status."""
    return redirect(url_for(".collection", _external=True), code=code)


@blueprint.get("/urls/redirect-name/<name>")
def redirected_to_name(name: str) -> ResponseReturnValue:
    """Redirect to a path that was built, with characters outside ASCII."""
    return redirect(url_for(".file", name=name))


@blueprint.get("/urls/outside")
def outside() -> Any:
    """Build a URL as outside of any request."""
    adapter: Any = current_app.create_url_adapter(None)
    return adapter.build("urls.collection", force_external=True)


def refuse_build_error(error: Exception, endpoint: str, values: dict[str, Any]) -> Any:
    """Return None: the app raises the exception."""


def init_app(app: Flask) -> None:
    """Add a handler for URLs that can't be built if the setting URLS names one."""
    if app.config.get("URLS") == "refuse":
        app.url_build_error_handlers.append(refuse_build_error)
