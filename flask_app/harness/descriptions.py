"""Descriptions of views: a JSON object becomes the values and changes that it names.

Names are looked up in tables. Nothing of a description is evaluated.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import Any, NoReturn

from flask import Response, abort, jsonify
from werkzeug.datastructures import Headers
from werkzeug.exceptions import default_exceptions

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
