"""The form of Try it: what was typed, and the view that it describes."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from comparison.composing import DescriptionError, View, view_from_json

LONGEST = 4000  # characters that are kept of a field
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DOES = {
    "return": "returns a value",
    "abort": "calls abort()",
    "ValueError": "raises ValueError",
    "KeyError": "raises KeyError",
    "RuntimeError": "raises RuntimeError",
    "StopIteration": "raises StopIteration",
    "TimeoutError": "raises TimeoutError",
}
BODIES = {
    "text": "a str",
    "dict": "a dict, as JSON",
    "list": "a list, as JSON",
    "bytes": "bytes",
    "bytearray": "a bytearray",
    "memoryview": "a memoryview",
    "file": "a file in memory",
    "generator": "a generator, a piece a line",
    "iterator": "an iterator, a piece a line",
    "async-generator": "an async generator, a piece a line",
    "function": "a WSGI application that answers so",
    "error": "an HTTP exception, by its status",
    "set": "a set of one str",
    "int": "an int",
    "float": "a float",
    "bool": "a bool: true or false",
    "none": "None",
    "object": "object()",
}
MADE = {
    "value": "as it is",
    "jsonify": "jsonify(…)",
    "make_response": "make_response(…)",
    "Response": "Response(…)",
}
SHAPES = {
    "body": "body",
    "body-status": "body, status",
    "body-headers": "body, headers",
    "body-status-headers": "body, status, headers",
    "body-headers-status": "body, headers, status",
    "empty": "() – an empty tuple",
    "one": "(body,)",
    "four": "a tuple of four",
}
STATUSES = {
    "int": "an int",
    "text": "a str",
    "float": "a float",
    "bool": "a bool: true or false",
    "bytes": "bytes",
    "enum": "an http.HTTPStatus",
    "none": "None",
}
HEADERS = {
    "dict": "a dict",
    "list": "a list of pairs",
    "tuple": "a tuple of pairs",
    "Headers": "werkzeug's Headers",
    "none": "None",
}
STYLES = {
    "native": "async in Quart only",
    "sync": "async in neither",
    "async": "async in both",
}
_TEXTS = ("text", "bytes", "bytearray", "memoryview", "file", "function", "set")
_PIECES = ("generator", "iterator", "async-generator")
_NOTHING = ("none", "object")
_WRITTEN = {
    "int": "a whole number, as 202",
    "enum": "a whole number, as 202",
    "error": "a status, as 404",
    "float": "a number, as 202.5",
    "bool": "true or false",
}
_FIELDS = {
    "": "body", "body": "body", "body.content": "body", "body.kind": "body_kind",
    "status": "status", "status.content": "status", "status.kind": "status_kind",
    "headers": "headers", "headers.fields": "headers", "headers.kind": "headers_kind",
    "raises": "code", "raises.code": "code", "raises.description": "words",
    "raises.message": "words", "raises.name": "does", "raises.kind": "does",
}  # fmt: skip


class Typed(NamedTuple):
    """What was typed, as it was typed; the defaults are the view of `/custom`."""

    does: str = "return"
    code: str = "418"
    words: str = ""
    body_kind: str = "dict"
    body: str = '{"message": "Hello"}'
    made: str = "jsonify"
    shape: str = "body-status"
    status_kind: str = "int"
    status: str = "202"
    headers_kind: str = "dict"
    headers: str = "X-Seen: yes"
    style: str = "native"
    handled: str = ""
    method: str = "GET"

    @property
    def query(self) -> str:
        """What differs from the defaults, for a link that fills the form the same."""
        differing = {
            name: value
            for name, value in self._asdict().items()
            if value != self._field_defaults[name]
        }
        return urlencode(differing)


def typed(values: Mapping[str, str]) -> Typed:
    """What a form or a query brings; line ends as a text area has them."""
    return Typed(
        **{
            name: values[name][:LONGEST].replace("\r\n", "\n")
            for name in Typed._fields
            if name in values
        }
    )


def described(form: Typed) -> View:
    """The view that was typed.

    Raises DescriptionError, whose `field` is that of the form.
    """
    if form.method not in METHODS:
        raise DescriptionError("method", f"must be one of {', '.join(METHODS)}")
    try:
        return view_from_json(msgspec.json.encode(_description(form)))
    except DescriptionError as error:
        raise DescriptionError(
            _FIELDS.get(error.field, error.field), error.problem
        ) from None


def _description(form: Typed) -> dict[str, Any]:
    beside: dict[str, Any] = {"style": form.style}
    if form.handled:
        beside["handled"] = True
    if form.does == "abort":
        code = _parsed("code", form.code, _WRITTEN["int"])
        raises = {"kind": "abort", "code": code, "description": form.words}
        return {"raises": raises, **beside}
    if form.does != "return":
        raises = {"kind": "error", "name": form.does, "message": form.words}
        return {"raises": raises, **beside}
    body = {"kind": form.body_kind}
    if form.body_kind not in _NOTHING:
        body["content"] = _content("body", form.body_kind, form.body)
    description = {"body": body, "made": form.made, "shape": form.shape, **beside}
    used = form.shape.split("-")
    if "status" in used:
        description["status"] = {"kind": form.status_kind}
        if form.status_kind != "none":
            content = _content("status", form.status_kind, form.status)
            description["status"]["content"] = content
    if "headers" in used:
        description["headers"] = {"kind": form.headers_kind}
        if form.headers_kind != "none":
            description["headers"]["fields"] = list(_fields(form.headers))
    return description


def _content(field: str, kind: str, text: str) -> Any:
    if kind in _TEXTS:
        return text
    if kind in _PIECES:
        return text.splitlines(keepends=True)
    found = _parsed(field, text, _WRITTEN.get(kind, ""))
    try:
        return float(found) if kind == "float" and type(found) is int else found
    except OverflowError:
        raise DescriptionError(field, f"must be {_WRITTEN[kind]}") from None


def _parsed(field: str, text: str, wanted: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        problem = f"must be {wanted}" if wanted else f"is not JSON: {error}"
        raise DescriptionError(field, problem) from None


def _fields(text: str) -> Any:
    for number, line in enumerate(text.splitlines(), 1):
        name, colon, value = line.partition(":")
        if line.strip() and not colon:
            raise DescriptionError("headers", f"line {number} has no colon: {line}")
        if colon:
            yield [name, value.removeprefix(" ")]
