"""Prefixes: blueprints under blueprints, and the URLs they build."""

from quart import Blueprint, Quart, jsonify, request, url_for
from quart.typing import ResponseReturnValue

blueprint = Blueprint("prefixes", __name__, url_prefix="/prefixes")
shop = Blueprint("shop", __name__, url_prefix="/shop")
orders = Blueprint("orders", __name__, url_prefix="/<language>/orders")


@blueprint.get("/where")
async def where() -> ResponseReturnValue:
    """Without a mount point the root path is empty."""
    return jsonify(script_root=request.script_root, root_path=request.root_path)


@blueprint.get("/links")
async def links() -> ResponseReturnValue:
    """A leading dot means this blueprint. A full name means any blueprint."""
    near = url_for(".where")
    far = url_for("prefixes.shop.index")
    return jsonify(near=near, far=far)


@blueprint.get("/anchor")
async def anchor() -> ResponseReturnValue:
    """Unknown values become the query, _anchor comes last."""
    return jsonify(link=url_for(".where", page=2, _anchor="top of page"))


@blueprint.get("/by-method")
async def by_method() -> ResponseReturnValue:
    """_method chooses among rules of one endpoint."""
    return jsonify(link=url_for(".forms", _method="POST"))


@blueprint.get("/form", endpoint="forms")
@blueprint.post("/form-target", endpoint="forms")
async def forms() -> ResponseReturnValue:
    """Two rules, one endpoint."""
    return jsonify(path=request.path)


@blueprint.get("/unknown")
async def unknown() -> ResponseReturnValue:
    """A name that no rule has goes to the app's build error handlers."""
    return jsonify(link=url_for("nowhere", page=2, _external=True))


@shop.get("")
async def index() -> ResponseReturnValue:
    """An empty rule is the prefix itself."""
    return jsonify(path=request.path)


@shop.get("/")
async def window() -> ResponseReturnValue:
    """A slash is a different rule."""
    return jsonify(path=request.path)


@orders.url_value_preprocessor
def take_language(endpoint: str | None, values: dict[str, str] | None) -> None:
    """Take the language out of the values, so that no view has to."""
    if values is not None:
        values.pop("language", None)


@orders.url_defaults
def keep_language(endpoint: str, values: dict[str, str]) -> None:
    """Put a language into every address of this blueprint."""
    values.setdefault("language", "en")


@orders.get("/<int:number>")
async def order(number: int) -> ResponseReturnValue:
    """The endpoint, and its blueprints from the inside out."""
    return jsonify(
        number=number, endpoint=request.endpoint, blueprints=request.blueprints
    )


@orders.get("/next/<int:number>")
async def following(number: int) -> ResponseReturnValue:
    """url_defaults supplies values that the caller omits."""
    return jsonify(link=url_for(".order", number=number + 1))


shop.register_blueprint(orders)
blueprint.register_blueprint(shop)


def describe(error: Exception, endpoint: str, values: dict[str, object]) -> str:
    """Return the endpoint and the names of the values instead of a URL."""
    return f"{endpoint} {sorted(values)}"


async def door() -> ResponseReturnValue:
    """The root of the app, under any mount point."""
    return jsonify(path=request.path, root_path=request.root_path)


async def lost(error: Exception) -> ResponseReturnValue:
    """Return the path that matches no rule."""
    return jsonify(path=request.path, url=request.url), 404


def init_app(app: Quart) -> None:
    """Answer for unknown endpoints, the root and unknown paths, if settings say so."""
    if app.config.get("PREFIXES_DOOR"):
        app.add_url_rule("/", view_func=door)
    if app.config.get("PREFIXES_LOST"):
        app.register_error_handler(404, lost)
    if app.config.get("PREFIXES_DESCRIBE"):
        app.url_build_error_handlers.append(describe)
