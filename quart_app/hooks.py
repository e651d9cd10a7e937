"""Hooks: what runs before and after a view, in which order, errors or not."""

from threading import get_ident
from typing import Any

from quart import (
    Blueprint,
    Quart,
    Response,
    abort,
    after_this_request,
    current_app,
    g,
    jsonify,
    request,
    stream_with_context,
    url_for,
)
from quart.typing import ResponseReturnValue

blueprint = Blueprint("hooks", __name__)
inner = Blueprint("inner", __name__)
shelves = Blueprint("shelves", __name__)
closing = Blueprint("closing", __name__)


class HandledError(Exception):
    """An error with a handler."""


def note(line: str) -> None:
    """Add a line to the diary of the app, which outlives the request."""
    current_app.extensions.setdefault("hooks.diary", []).append(line)


def step(name: str) -> None:
    """Remember a step of this request."""
    g.setdefault("steps", []).append(name)


@blueprint.url_value_preprocessor
def preprocess(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Run before every other hook, with the values that routing found."""
    step("preprocessor")


@blueprint.before_request
async def before_first() -> None:
    """Run before the view, in order of registration."""
    step("before 1")


@blueprint.before_request
async def before_second() -> ResponseReturnValue | None:
    """Answer here if the query says so: any value but None is the answer."""
    step("before 2")
    return request.args.get("answer")


@blueprint.before_request
async def before_third() -> None:
    """Abort, when the query says so."""
    if "abort" in request.args:
        abort(int(request.args["abort"]))


@blueprint.before_request
async def before_fourth() -> None:
    """Register a function to run after this request only."""
    if "sign" in request.args:
        after_this_request(signed)


async def signed(response: Any) -> Any:
    """Run before the after_request functions, for this request only."""
    step("after this")
    return response


@blueprint.after_request
async def after_last(response: Response) -> Response | None:
    """Run last of all, and return nothing when the query says so."""
    return None if request.args.get("after") == "nothing" else response


@blueprint.after_request
async def after_first(response: Response) -> Response:
    """Run after the function below: the order is reversed."""
    step("after 1")
    response.headers["X-Steps"] = ", ".join(g.steps)
    return response


@blueprint.after_request
async def after_second(response: Response) -> Response:
    """Run before the function above, and raise when the query says so."""
    step("after 2")
    if request.args.get("after") == "raise":
        raise RuntimeError("after_request failed")
    return response


@blueprint.after_request
async def after_reading(response: Response) -> Response:
    """Read the body of a response that another function made."""
    if "measure" in request.args:
        data = await response.get_data()
        response.headers["X-Length"] = str(len(data))
    return response


@blueprint.teardown_request
async def teardown_first(error: BaseException | None) -> None:
    """Run when the request is over: the order is reversed, so this one is last."""
    note(f"request torn down: {type(error).__name__}")


@blueprint.teardown_request
async def teardown_second(error: BaseException | None) -> None:
    """Fail before the other teardown function when the query says so."""
    if "break" in request.args:
        raise OSError("teardown failed")


@blueprint.errorhandler(HandledError)
async def handle(error: HandledError) -> ResponseReturnValue:
    """Answer an exception of a view."""
    return "handled", 409


@blueprint.get("/hooks/view")
async def view() -> ResponseReturnValue:
    """Run between the hooks."""
    step("view")
    return "view"


@blueprint.get("/hooks/signed")
async def view_signed() -> ResponseReturnValue:
    """Register two functions to run after this request."""
    after_this_request(signed)

    @after_this_request
    async def count(response: Any) -> Any:
        response.headers["X-Count"] = str(len(g.steps))
        return response

    return "signed"


@blueprint.get("/hooks/missing")
async def missing() -> ResponseReturnValue:
    """Answer with an error page that the framework writes."""
    abort(404)


@blueprint.get("/hooks/fail")
async def fail() -> ResponseReturnValue:
    """Raise an exception that has no handler."""
    raise LookupError("The view failed")


@blueprint.get("/hooks/fail-handled")
async def fail_handled() -> ResponseReturnValue:
    """Raise an exception that has a handler."""
    raise HandledError


@blueprint.get("/hooks/stream")
async def stream() -> Any:
    """Stream after the request is over: the diary says so."""
    diary = current_app.extensions.setdefault("hooks.diary", [])

    async def generate() -> Any:
        yield f"{len(diary)} lines in the diary"

    return generate()


@blueprint.get("/hooks/stream-in-context")
async def stream_in_context() -> Any:
    """Stream within the context of the request."""

    async def generate() -> Any:
        yield "streamed"

    in_context: Any = stream_with_context(generate)
    return in_context()


@inner.before_request
async def inner_before() -> None:
    """Run after the hooks of the outer blueprint."""
    step("inner before")


@inner.after_request
async def inner_after(response: Response) -> Response:
    """Run before the hooks of the outer blueprint."""
    step("inner after")
    return response


@inner.get("/hooks/inner")
async def inner_view() -> ResponseReturnValue:
    """Belong to a blueprint within a blueprint."""
    step("inner view")
    return "inner"


@shelves.url_value_preprocessor
def take_shelf(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Remove a value from the URL, so that views need not name it."""
    g.shelf = values.pop("shelf") if values else None
    if g.shelf == "none":
        abort(404)


@shelves.url_defaults
def give_shelf(endpoint: str, values: dict[str, Any]) -> None:
    """Put the value back into every URL that is built."""
    values.setdefault("shelf", g.shelf)


@shelves.get("/hooks/shelves/<shelf>/books")
async def books() -> ResponseReturnValue:
    """Read the shelf without a parameter."""
    return jsonify(shelf=g.shelf, url=url_for(".books"))


@closing.get("/hooks/opened")
async def open_something() -> ResponseReturnValue:
    """Open what only the same thread may close, as sqlite3 connections."""
    g.opened_in = get_ident()
    return "Opened"


@closing.after_request
def close_something(response: Response) -> Response:
    """Report which thread closes it: this hook is not async in either app."""
    same = g.opened_in == get_ident()
    response.headers["X-Closed-By"] = "the same thread" if same else "another thread"
    return response


blueprint.register_blueprint(inner)
blueprint.register_blueprint(shelves)
blueprint.register_blueprint(closing)


async def read_diary() -> ResponseReturnValue:
    """Return the lines of the diary."""
    return jsonify(current_app.extensions.get("hooks.diary", []))


async def app_before() -> None:
    """Run before every request of the app, before the hooks of any blueprint."""
    step("app before")


async def app_after(response: Response) -> Response:
    """Run after every request of the app, after the hooks of any blueprint."""
    response.headers["X-App"] = ", ".join([*g.steps, "app after"])
    return response


async def app_torn_down_first(error: BaseException | None) -> None:
    """Note that the teardown function ran that was registered first."""
    if "steps" in g:
        note(f"app torn down 1: {type(error).__name__}")


async def app_torn_down_second(error: BaseException | None) -> None:
    """Note that the teardown function ran that was registered second."""
    if "steps" in g:
        note(f"app torn down 2: {type(error).__name__}")


async def app_torn_down_outside(error: BaseException | None) -> None:
    """Note the end of an app context in which no hook of a request ran."""
    if "steps" not in g:
        note("torn down outside of any request")


def init_app(app: Quart) -> None:
    """Add the diary, and the hooks of the whole app if the setting HOOKS says so."""
    app.add_url_rule("/hooks/diary", "hooks_diary", read_diary)
    if app.config.get("HOOKS") == "app":
        app.before_request(app_before)
        app.after_request(app_after)
    if app.config.get("HOOKS") == "one teardown":
        app.teardown_appcontext(app_torn_down_first)
    if app.config.get("HOOKS") == "teardown":
        app.teardown_appcontext(app_torn_down_first)
        app.teardown_appcontext(app_torn_down_second)
    if app.config.get("HOOKS") == "outside":
        app.teardown_appcontext(app_torn_down_outside)
