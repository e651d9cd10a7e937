"""Types that a view may return, and types that it may not."""

from collections import Counter, UserDict
from collections.abc import AsyncIterator, Callable, Generator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from io import BytesIO
from itertools import chain
from typing import Any, NamedTuple

import markupsafe
from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.wrappers import Response as WerkzeugResponse

blueprint = Blueprint("returns", __name__)


class Level(StrEnum):
    """A word from a fixed list."""

    HIGH = "high"


class Answer(NamedTuple):
    """A tuple whose items have names."""

    body: str
    status: int


@dataclass
class Job:
    """A record, as an app might have it."""

    name: str


class Later:
    """An object that a view could await."""

    def __await__(self) -> Generator[None, None, str]:
        """Wait for nothing."""
        yield
        return "Hello"


class Ticks:
    """An asynchronous iterator that is not a generator."""

    def __init__(self) -> None:
        """Start before the first tick."""
        self.left = 2

    def __aiter__(self) -> AsyncIterator[str]:
        """Iterate over itself."""
        return self

    async def __anext__(self) -> str:
        """Return one of two ticks."""
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return "tick\n"


class WsgiApplication:
    """A WSGI application written as a class."""

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> list[bytes]:
        """Answer as PEP 3333 says."""
        start_response(
            "202 Accepted", [("Content-Type", "text/plain"), ("X-From", "wsgi")]
        )
        return [b"Hello from ", b"WSGI"]


@blueprint.get("/returns/map")
def mapped() -> Any:
    """A map object is an iterator, not a generator."""
    return map(str, range(3))


@blueprint.get("/returns/chain")
def chained() -> Any:
    """An iterator made by itertools, with a status beside it."""
    return chain(["one\n"], ["two\n"]), 202


@blueprint.get("/returns/opened-file")
def opened_file() -> Any:
    """A file in memory is an iterator over its lines."""
    return BytesIO(b"one\ntwo\n")


@blueprint.get("/returns/generator-status")
def generator_status() -> Any:
    """A generator takes a status and headers as any body does."""
    return (line for line in ("a,b\n", "1,2\n")), 202, {"Content-Type": "text/csv"}


@blueprint.get("/returns/generator-view")
def generator_view() -> Any:
    """A view that yields is a generator itself."""
    yield "one\n"
    yield "two\n"


@blueprint.get("/returns/async-generator")
def async_generator() -> Any:
    """An asynchronous generator, made inside the view."""

    async def lines() -> Any:
        yield "one\n"
        yield "two\n"

    return lines()


@blueprint.get("/returns/async-iterator")
def async_iterator() -> Any:
    """An asynchronous iterator of another class."""
    return Ticks()


@blueprint.get("/returns/async-iterator-response")
def async_iterator_response() -> Any:
    """The same iterator, put into a response by hand."""
    ticks: Any = Ticks()
    return Response(ticks)


@blueprint.get("/returns/sync-view")
def sync_view() -> Any:
    """A view without async that returns a generator."""
    return (line for line in ("one\n", "two\n"))


@blueprint.get("/returns/awaitable")
def awaitable() -> Any:
    """An awaitable that the view has not awaited."""
    return Later()


@blueprint.get("/returns/bytearray")
def byte_array() -> Any:
    """Bytes that can be changed in place."""
    return bytearray(b"Hello")


@blueprint.get("/returns/memoryview")
def memory_view() -> Any:
    """A view of bytes that belong to something else."""
    return memoryview(b"Hello")


@blueprint.get("/returns/wsgi-object")
def wsgi_object() -> Any:
    """An object that is a WSGI application."""
    return WsgiApplication()


@blueprint.get("/returns/wsgi-function")
def wsgi_function() -> Any:
    """A function that is a WSGI application, with a status of our own."""

    def application(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["PATH_INFO"].encode()]

    return application, 203


@blueprint.get("/returns/function")
def function() -> Any:
    """A function that is not a WSGI application: the call is missing."""
    return request.get_data


@blueprint.get("/returns/class")
def a_class() -> Any:
    """A class instead of an instance of it."""
    return NotFound


@blueprint.get("/returns/error")
def error() -> Any:
    """An HTTP exception, returned and not raised."""
    return NotFound("No such job")


@blueprint.get("/returns/error-allow")
def error_allow() -> Any:
    """A returned HTTP exception brings its own headers."""
    return MethodNotAllowed(valid_methods=["PUT"])


@blueprint.get("/returns/werkzeug")
def werkzeug() -> Any:
    """A response of the library that Flask and Quart use."""
    return WerkzeugResponse("Hello", 202, {"X-From": "werkzeug"})


@blueprint.get("/returns/werkzeug-list")
def werkzeug_list() -> Any:
    """A response of that library, with a body in pieces."""
    return WerkzeugResponse(["Hel", "lo"])


@blueprint.get("/returns/werkzeug-made")
def werkzeug_made() -> Any:
    """The body of a made response, read back and sent as text."""
    response: Any = make_response(WerkzeugResponse("Hello"))
    return (response.get_data()).upper()


@blueprint.get("/returns/error-made")
def error_made() -> Any:
    """An HTTP exception made into a response is one of the app's class."""
    response = make_response(NotFound())
    return str(isinstance(response, Response))


@blueprint.get("/returns/markup")
def markup() -> ResponseReturnValue:
    """Markup is a str."""
    return markupsafe.Markup("<p>{}</p>").format("a < b")


@blueprint.get("/returns/str-enum")
def str_enum() -> ResponseReturnValue:
    """A member of an Enum that is also a str."""
    return Level.HIGH


@blueprint.get("/returns/counter")
def counter() -> ResponseReturnValue:
    """A Counter is a dict."""
    return Counter("banana")


@blueprint.get("/returns/query")
def query() -> ResponseReturnValue:
    """The query's parameters are a dict of their first values."""
    return request.args


@blueprint.get("/returns/user-dict")
def user_dict() -> Any:
    """A UserDict only behaves like a dict."""
    return UserDict(name="report")


@blueprint.get("/returns/keys")
def keys() -> Any:
    """The keys of a dict are iterable, but not an iterator."""
    return {"name": "report"}.keys()


@blueprint.get("/returns/set")
def a_set() -> Any:
    """JSON has no sets."""
    return {"one"}


@blueprint.get("/returns/number")
def number() -> Any:
    """A number, which is not a body."""
    return 202


@blueprint.get("/returns/decimal-in-dict")
def decimal_in_dict() -> ResponseReturnValue:
    """A Decimal inside a dict is sent as a str."""
    return {"price": Decimal("1.50")}


@blueprint.get("/returns/dataclass")
def a_dataclass() -> Any:
    """A dataclass alone isn't a response."""
    return Job("report")


@blueprint.get("/returns/bytes-in-dict")
def bytes_in_dict() -> Any:
    """JSON has no bytes."""
    return {"name": b"report"}


@blueprint.get("/returns/mixed-keys")
def mixed_keys() -> Any:
    """Keys of two types can't be sorted."""
    return {"one": 1, 2: "two"}


@blueprint.get("/returns/surrogate")
def surrogate() -> ResponseReturnValue:
    """A str that UTF-8 can't hold."""
    return "\ud800"


@blueprint.get("/returns/named-tuple")
def named_tuple() -> Any:
    """A named tuple is a tuple: body and status."""
    return Answer("Accepted", 202)


@blueprint.get("/returns/nested-tuple")
def nested_tuple() -> Any:
    """A tuple in a tuple isn't unpacked again."""
    return ("Created", 201), 202


@blueprint.get("/returns/iterator-made")
def iterator_made() -> Any:
    """An iterator goes through make_response as it does when returned."""
    return make_response(iter(["one\n", "two\n"]))
