"""A view that the request describes: a JSON value in the query.

The view looks names up in tables and never evaluates the description. The method,
the headers and the body of the request are free for other uses.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, default_exceptions

blueprint = Blueprint("composed", __name__, url_prefix="/composed")
handled = Blueprint("handled", __name__, url_prefix="/handled")

LONGEST = 2000  # characters of a description
DEEPEST = 20  # arrays and objects inside each other
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

FIELDS = ("body", "made", "shape", "status", "headers", "changes", "raises")
BESIDE = ("handled", "style")  # the path repeats these
MADE = ("value", "make_response", "jsonify", "Response")
COOKIE = {"path": str, "secure": bool, "httponly": bool, "samesite": str}


class Malformed(Exception):
    """A description that cannot be read; the message names the field."""


@contextmanager
def field(name: str) -> Iterator[None]:
    """Add the name of the field to an error."""
    try:
        yield
    except Malformed as error:
        raise Malformed(f"{name}.{error}") from None
    except KeyError as error:
        raise Malformed(f"{name}: {error} is missing") from None
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise Malformed(f"{name}: {error}") from None


def is_a(kind: type, content: Any) -> Any:
    """The content, which must be of this type."""
    if type(content) is not kind:
        raise TypeError(f"must be {kind.__name__}, not {type(content).__name__}")
    return content


def one_of(table: Any, name: Any) -> str:
    """The name, which must be one of these."""
    if is_a(str, name) not in table:
        raise ValueError(f"must be one of {', '.join(table)}, not {name!r}")
    return str(name)


def octets(content: Any) -> bytes:
    """Bytes, each written as the character with its number."""
    return bytes(is_a(str, content).encode("latin-1"))


def texts(content: Any) -> list[str]:
    """A list of str."""
    return [is_a(str, part) for part in is_a(list, content)]


def generator(content: Any) -> Any:
    """A generator over pieces of text."""
    return (part for part in texts(content))


def async_generator(content: Any) -> Any:
    """An asynchronous generator over pieces of text."""
    pieces = texts(content)

    async def parts() -> Any:
        for part in pieces:
            yield part

    return parts()


def application(content: Any) -> Any:
    """A WSGI application that answers with a text."""
    text = is_a(str, content).encode()

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [text]

    return answer


BODIES: dict[str, Callable[[Any], Any]] = {
    "text": partial(is_a, str),
    "bytes": octets,
    "bytearray": lambda content: bytearray(octets(content)),
    "memoryview": lambda content: memoryview(octets(content)),
    "file": lambda content: BytesIO(octets(content)),
    "dict": partial(is_a, dict),
    "list": partial(is_a, list),
    "generator": generator,
    "iterator": lambda content: iter(texts(content)),
    "async-generator": async_generator,
    "function": application,
    "error": lambda content: default_exceptions[is_a(int, content)](),
    "set": lambda content: {is_a(str, content)},
    "int": partial(is_a, int),
    "float": partial(is_a, float),
    "bool": partial(is_a, bool),
    "none": lambda content: None,
    "object": lambda content: object(),
}

STATUSES: dict[str, Callable[[Any], Any]] = {
    "int": partial(is_a, int),
    "text": partial(is_a, str),
    "float": partial(is_a, float),
    "bool": partial(is_a, bool),
    "bytes": octets,
    "enum": lambda content: HTTPStatus(is_a(int, content)),
    "none": lambda content: None,
}

HEADERS: dict[str, Callable[[list[tuple[str, Any]]], Any]] = {
    "dict": dict,
    "list": list,
    "tuple": tuple,
    "Headers": Headers,
    "none": lambda pairs: None,
}

SHAPES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "body": lambda body, status, headers: body,
    "body-status": lambda body, status, headers: (body, status),
    "body-headers": lambda body, status, headers: (body, headers),
    "body-status-headers": lambda body, status, headers: (body, status, headers),
    "body-headers-status": lambda body, status, headers: (body, headers, status),
    "empty": lambda body, status, headers: (),
    "one": lambda body, status, headers: (body,),
    "four": lambda body, status, headers: (body, None, None, None),
}

ERRORS: dict[str, type[Exception]] = {
    "ValueError": ValueError,
    "KeyError": KeyError,
    "RuntimeError": RuntimeError,
    "StopIteration": StopIteration,
    "TimeoutError": TimeoutError,
}


def build(table: dict[str, Callable[..., Any]], described: Any) -> Any:
    """Build the value that a table has for a kind and its content."""
    kind, content = described["kind"], described.get("content")
    with field("kind"):
        make = table[one_of(table, kind)]
    with field("content"):
        return make(content)


def header_value(value: Any) -> Any:
    """A header's value: a str, an int, or a list of str."""
    if type(value) is list:
        return texts(value)
    return value if type(value) is int else is_a(str, value)


def fields_of(described: Any) -> Any:
    """Headers in one of their forms."""
    with field("kind"):
        make = HEADERS[one_of(HEADERS, described["kind"])]
    with field("fields"):
        pairs = [(name, value) for name, value in described.get("fields", ())]
        return make([(is_a(str, name), header_value(value)) for name, value in pairs])


def set_status(response: Any, status: Any) -> None:
    """Set a status as code, or as text."""
    if isinstance(status, str | bytes):
        response.status = status
    else:
        response.status_code = status


def change_of(described: Any) -> Callable[[Any], None]:
    """A function that changes a response as it is described."""
    get = partial(is_a, str)
    match described["change"]:
        case "status":
            with field("status"):
                status = build(STATUSES, described["status"])
            return lambda response: set_status(response, status)
        case "set-header" | "add-header" as change:
            name = get(described["name"])
            value = header_value(described["value"])
            if change == "add-header":
                return lambda response: response.headers.add(name, value)
            return lambda response: response.headers.set(name, value)
        case "delete-header":
            name = get(described["name"])
            return lambda response: response.headers.remove(name)
        case "set-cookie":
            name, text = get(described["name"]), get(described["value"])
            options = {
                option: is_a(kind, described[option])
                for option, kind in COOKIE.items()
                if option in described
            }
            return lambda response: response.set_cookie(name, text, **options)
        case "delete-cookie":
            name = get(described["name"])
            return lambda response: response.delete_cookie(name)
        case "body":
            text = get(described["text"])
            return lambda response: response.set_data(text)
    raise Malformed(f"change: {described['change']!r} is not known")


def failing(described: Any) -> Callable[[], NoReturn]:
    """A function that aborts or raises as it is described."""
    if one_of(("abort", "error"), described["kind"]) == "abort":
        code, words = is_a(int, described["code"]), is_a(str, described["description"])
        return partial(abort, code, **{"description": words} if words else {})
    error = ERRORS[one_of(ERRORS, described["name"])]
    message = is_a(str, described["message"])

    def fail() -> NoReturn:
        raise error(message)

    return fail


def nested(value: Any, deeper: int) -> bool:
    """Check for arrays and objects nested more than this deep."""
    if type(value) not in (dict, list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return deeper == 0 or any(nested(each, deeper - 1) for each in inner)


class Described:
    """A description, read and checked before the view acts on it."""

    def __init__(self, view: dict[str, Any]) -> None:
        """Read a description; raises Malformed."""
        for name in view.keys() - {*FIELDS, *BESIDE}:
            raise Malformed(f"{name}: unknown field")
        self.fail: Callable[[], NoReturn] | None = None
        if view.get("raises"):
            with field("raises"):
                self.fail = failing(
                    {"description": "", "message": "", **view["raises"]}
                )
            return
        body = view["body"]
        with field("body"):
            self.body = build(BODIES, body)
        with field("made"):
            self.made = one_of(MADE, view.get("made", "value"))
        with field("status"):
            self.status = build(STATUSES, view.get("status", {"kind": "none"}))
        with field("headers"):
            self.headers = fields_of(view.get("headers", {"kind": "none"}))
        with field("shape"):
            self.shape = SHAPES[one_of(SHAPES, view.get("shape", "body"))]
        self.changes: list[Callable[[Any], None]] = []
        if view.get("changes") and self.made == "value":
            raise Malformed("changes: only a response can be changed")
        for number, change in enumerate(view.get("changes", ())):
            with field(f"changes[{number}]"):
                self.changes.append(change_of(change))

    def shaped(self, value: Any) -> Any:
        """A value alone, or in its tuple."""
        return self.shape(value, self.status, self.headers)

    def finished(self) -> Any:
        """The return value of a view that does not call make_response."""
        value = self.body
        if self.made == "jsonify":
            value = jsonify(value)
        elif self.made == "Response":
            value = Response(value)
        self.change(value)
        return self.shaped(value)

    def change(self, response: Any) -> None:
        """Make the changes, one after another."""
        for change in self.changes:
            change(response)


def described() -> Described:
    """The description that the request brings; raises Malformed."""
    text = request.args.get("view", "{}")
    if len(text) > LONGEST:
        raise Malformed(f"view: has more than {LONGEST} characters")
    try:
        view = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("view: is not JSON") from None
    if nested(view, DEEPEST):
        raise Malformed(f"view: is nested more than {DEEPEST} deep")
    with field("view"):
        return Described(is_a(dict, view))


def answer() -> Any:
    """Act on the description."""
    view = described()
    if view.fail is not None:
        view.fail()
    if view.made != "make_response":
        return view.finished()
    response = make_response(view.shaped(view.body))
    view.change(response)
    return response


@blueprint.route("", methods=METHODS)
@handled.route("", methods=METHODS)
def native() -> Any:
    """The view in the usual style of the framework."""
    return answer()


@blueprint.route("/async", methods=METHODS)
@handled.route("/async", methods=METHODS)
async def asynchronous() -> Any:
    """The view with async, in either app."""
    return answer()


@blueprint.route("/sync", methods=METHODS)
@handled.route("/sync", methods=METHODS)
def synchronous() -> Any:
    """The view without async, in either app."""
    view = described()
    if view.fail is not None:
        view.fail()
    if view.made == "make_response":
        raise Malformed("view.made: a view without async cannot await make_response")
    return view.finished()


@blueprint.errorhandler(Malformed)
@handled.errorhandler(Malformed)
def malformed(error: Malformed) -> ResponseReturnValue:
    """Say which field of a description is wrong."""
    return f"{error}\n", 400, {"Content-Type": "text/plain; charset=utf-8"}


@handled.errorhandler(HTTPException)
def handle_http(error: HTTPException) -> ResponseReturnValue:
    """Answer for an HTTP exception, and for an internal error."""
    return f"Handled {error.code}", error.code or 500


@handled.errorhandler(Exception)
def handle_exception(error: Exception) -> ResponseReturnValue:
    """Answer for another exception of the view."""
    return f"Handled {type(error).__name__}", 409


blueprint.register_blueprint(handled)
