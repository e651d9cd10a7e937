"""Views as classes: one instance a request, one method for each HTTP method."""

from collections.abc import Callable
from typing import Any, ClassVar

from quart import Blueprint, Quart, current_app, jsonify, request
from quart.typing import ResponseReturnValue
from quart.views import MethodView, View

blueprint = Blueprint("class_views", __name__)


class Counter(View):
    """Count on the instance: by default every request has a new one."""

    def __init__(self, start: int) -> None:
        """Start to count at a number."""
        self.count = start

    async def dispatch_request(self, **values: Any) -> Any:
        """Count once more."""
        self.count += 1
        return str(self.count)


class SharedCounter(Counter):
    """Count on the instance that all requests share."""

    init_every_request = False


class MethodName(View):
    """Name the methods, and answer all of them in one function."""

    methods = ("GET", "POST")

    async def dispatch_request(self, **values: Any) -> Any:
        """Return the method of the request."""
        return request.method


class WithoutOptions(MethodName):
    """Disable the automatic answer to OPTIONS."""

    provide_automatic_options = False


class Unfinished(View):
    """Forget to write dispatch_request."""


class Item(MethodView):
    """Have a method for each HTTP method."""

    async def get(self, name: str) -> Any:
        """Answer GET, and HEAD because the class lacks a method for it."""
        return {"name": name}, {"X-Method": "get"}

    async def put(self, name: str) -> ResponseReturnValue:
        """Answer PUT."""
        return {"stored": name}, 201

    async def delete(self, name: str) -> ResponseReturnValue:
        """Answer DELETE."""
        return "", 200, {"X-Deleted": name}


class Special(Item):
    """Inherit the methods and add to them."""

    async def get(self, name: str) -> Any:
        """Return the answer of the parent with another status."""
        body, headers = await super().get(name)
        return body, 203, headers

    async def patch(self, name: str) -> ResponseReturnValue:
        """Answer PATCH."""
        return {"patched": name}


class Explained(MethodView):
    """Answer OPTIONS by hand."""

    async def get(self) -> Any:
        """Answer GET."""
        return "explained"

    async def options(self) -> ResponseReturnValue:
        """Answer OPTIONS with more than a header."""
        return "Ask me for GET", {"Allow": "GET, OPTIONS"}


class HeadOnly(MethodView):
    """Answer HEAD by hand, apart from GET."""

    async def get(self) -> Any:
        """Answer GET."""
        return "", {"X-Method": "get"}

    async def head(self) -> ResponseReturnValue:
        """Answer HEAD."""
        return "", {"X-Method": "head"}


class Promising(MethodView):
    """Promise a method in the route that the class doesn't have."""

    methods = ("GET", "PATCH")

    async def get(self) -> Any:
        """Answer GET."""
        return "kept"


class Plain(MethodView):
    """Have plain methods; in the Quart app one of them is async."""

    def get(self) -> Any:
        """Answer GET without async."""
        return "plain get"

    async def post(self) -> ResponseReturnValue:
        """Answer POST."""
        return "post"


Function = Callable[..., Any]


def exclaim(function: Function) -> Function:
    """Decorate as a decorator should: the wrapper waits for the view."""

    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return f"{await function(*args, **kwargs)}!"

    return wrapper


def question(function: Function) -> Function:
    """Decorate likewise."""

    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return f"{await function(*args, **kwargs)}?"

    return wrapper


def log(function: Function) -> Function:
    """Decorate with a wrapper that does not await the view."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        current_app.logger.debug("called")
        return function(*args, **kwargs)

    return wrapper


class Decorated(MethodName):
    """Have two decorators: the last of the list is the outermost."""

    decorators: ClassVar = [exclaim, question]


class Logged(MethodName):
    """Have a wrapper that does not await the view."""

    decorators: ClassVar = [log]


async def handle_unimplemented(error: Exception) -> ResponseReturnValue:
    """Answer for a method that the class promises but lacks."""
    return jsonify(error=type(error).__name__), 501


blueprint.register_error_handler(AssertionError, handle_unimplemented)
blueprint.register_error_handler(NotImplementedError, handle_unimplemented)

for rule, view in (
    ("counter", Counter.as_view("counter", 10)),
    ("ask", MethodName.as_view("ask")),
    ("without-options", WithoutOptions.as_view("without_options")),
    ("unfinished", Unfinished.as_view("unfinished")),
    ("items/<name>", Item.as_view("item")),
    ("special/<name>", Special.as_view("special")),
    ("explained", Explained.as_view("explained")),
    ("head", HeadOnly.as_view("head")),
    ("promising", Promising.as_view("promising")),
    ("plain", Plain.as_view("plain")),
    ("decorated", Decorated.as_view("decorated")),
    ("logged", Logged.as_view("logged")),
):
    blueprint.add_url_rule(f"/class-views/{rule}", view_func=view)


def init_app(app: Quart) -> None:
    """Add the view whose one instance lives as long as the app."""
    shared = SharedCounter.as_view("class_views_shared", start=10)
    app.add_url_rule("/class-views/shared", view_func=shared)
