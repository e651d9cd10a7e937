"""Decorators on views that may be async."""

from collections.abc import Callable
from functools import lru_cache, partial, wraps
from typing import Any

from quart import (
    Blueprint,
    abort,
    copy_current_request_context,
    current_app,
    g,
    jsonify,
    make_response,
    request,
    session,
    stream_with_context,
)
from quart.typing import ResponseReturnValue

blueprint = Blueprint("decorators", __name__)
guarded = Blueprint("guarded", __name__)
Function = Callable[..., Any]


def transparent(function: Function) -> Function:
    """Return what the view returns, without an await."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def token_required(function: Function) -> Function:
    """Return 401 without a token, else call the view without an await."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if "token" not in request.args:
            return "Token required", 401
        return function(*args, **kwargs)

    return wrapper


def ensured(function: Function) -> Function:
    """Wrap the way the Flask documentation advises for views with async."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        app: Any = current_app
        return app.ensure_sync(function)(*args, **kwargs)

    return wrapper


def waiting(function: Function) -> Function:
    """Wait for the view."""

    @wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    return wrapper


def versioned(function: Function) -> Function:
    """Wait for the view, make its result a response and add a header."""

    @wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        response = await make_response(await function(*args, **kwargs))
        response.headers["X-Version"] = "2"
        return response

    return wrapper


class Greeter:
    """An object that can be called like a view."""

    async def __call__(self) -> ResponseReturnValue:
        """Answer the request."""
        return "Hello from an object"


@blueprint.get("/decorators/transparent")
@transparent
async def behind_transparent() -> ResponseReturnValue:
    """Have a wrapper that does not wait."""
    return "Hello"


@blueprint.get("/decorators/token")
@token_required
async def behind_token() -> ResponseReturnValue:
    """Have a wrapper that sometimes answers itself."""
    return "Come in"


@blueprint.get("/decorators/ensured")
@ensured
async def behind_ensured() -> ResponseReturnValue:
    """Have a wrapper that lets the app adapt the view."""
    return "Ensured"


@blueprint.get("/decorators/waiting")
@waiting
async def behind_waiting() -> ResponseReturnValue:
    """Have a wrapper that waits."""
    return "Waited", 202


@blueprint.get("/decorators/waiting-for-plain")
@waiting
def plain_behind_waiting() -> ResponseReturnValue:
    """Have a wrapper that waits for a view without async."""
    return "Nothing to wait for"


@blueprint.get("/decorators/versioned")
@versioned
async def behind_versioned() -> ResponseReturnValue:
    """Return a tuple that the wrapper turns into a response."""
    return {"version": 2}, 203


@blueprint.get("/decorators/cached")
@lru_cache
async def cached() -> ResponseReturnValue:
    """Have a cache from the standard library."""
    return "Cached"


@versioned
@blueprint.get("/decorators/upside-down")
async def upside_down() -> ResponseReturnValue:
    """Have a decorator above the route, which ignores it."""
    return "Upside down"


async def greet(name: str) -> ResponseReturnValue:
    """Greet the person in an argument."""
    return f"Hello, {name}"


blueprint.add_url_rule("/decorators/partial", "partial", partial(greet, name="Ada"))
blueprint.add_url_rule("/decorators/object", "object", Greeter())


@guarded.before_request
@transparent
async def check() -> None:
    """Check the token in a hook whose wrapper does not wait."""
    if "token" not in request.args:
        abort(401)


@guarded.get("/decorators/guarded")
async def behind_guard() -> ResponseReturnValue:
    """Run after a hook that has a wrapper."""
    return "Guarded"


@blueprint.get("/decorators/cleaned")
async def cleaned() -> ResponseReturnValue:
    """Count the calls of the teardown function below."""
    return str(current_app.extensions.get("decorators.cleaned", 0))


@blueprint.teardown_request
@transparent
async def clean(error: BaseException | None) -> None:
    """Count a teardown, in a function whose wrapper does not wait."""
    count = current_app.extensions.get("decorators.cleaned", 0)
    current_app.extensions["decorators.cleaned"] = count + 1


@blueprint.get("/decorators/copied-request")
async def copied_request() -> Any:
    """Copy the request into a function that could run elsewhere."""

    @copy_current_request_context
    async def work() -> str:
        return f"{request.method} {request.args['name']}"

    return await work()


@blueprint.get("/decorators/copied-g")
async def copied_g() -> Any:
    """Copy the request into a function, and read a value from g."""
    g.name = "Ada"

    @copy_current_request_context
    async def work() -> Any:
        return g.get("name", "nobody")

    return await work()


@blueprint.get("/decorators/copied-arguments")
async def copied_arguments() -> ResponseReturnValue:
    """Call a function that has a copy of the request, with arguments."""

    @copy_current_request_context
    async def add(first: int, *, second: int) -> int:
        return first + second + int(request.args["third"])

    return jsonify(sum=await add(1, second=2), name=add.__name__)


@blueprint.get("/decorators/stream-request")
async def stream_request() -> Any:
    """Read the request while the response is streamed."""

    async def generate() -> Any:
        yield "Hello "
        yield request.args["name"]

    in_context: Any = stream_with_context(generate)
    return in_context()


@blueprint.get("/decorators/stream-session")
async def stream_session() -> Any:
    """Read the session while the response is streamed."""

    async def generate() -> Any:
        yield f"{len(session)} values in the session"

    in_context: Any = stream_with_context(generate)
    return in_context()


blueprint.register_blueprint(guarded)
