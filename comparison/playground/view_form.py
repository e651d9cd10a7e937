"""The form of "Try it", and the view that it describes."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from comparison.views import DescriptionError, View, view_from_json

from .field_values import WHOLE, cookies, names, of_kind, pairs, parsed, plainly

LONGEST = 4000  # characters of a field; we cut the rest
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
    "generator": "a generator, one piece per line",
    "iterator": "an iterator, one piece per line",
    "async-generator": "an async generator, one piece per line",
    "function": "a WSGI application with this response",
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
CHANGED_STATUSES = {"": "stays as it is", **STATUSES}
STYLES = {
    "native": "async in Quart only",
    "sync": "async in neither",
    "async": "async in both",
}
_CHANGED_HEADERS = {"headers_set": "set-header", "headers_added": "add-header"}
_FIELDS = {
    "": "body", "body": "body", "body.content": "body", "body.kind": "body_kind",
    "status": "status", "status.content": "status", "status.kind": "status_kind",
    "headers": "headers", "headers.fields": "headers", "headers.kind": "headers_kind",
    "raises": "code", "raises.code": "code", "raises.description": "words",
    "raises.message": "words", "raises.name": "does", "raises.kind": "does",
}  # fmt: skip


class ViewForm(NamedTuple):
    """The texts in the fields of the form; the defaults are the view of `/custom`."""

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
    new_status_kind: str = ""
    new_status: str = ""
    replaced: str = ""
    new_body: str = ""
    headers_set: str = ""
    headers_added: str = ""
    headers_removed: str = ""
    cookies_set: str = ""
    cookies_deleted: str = ""

    @property
    def query(self) -> str:
        """Return a query of the values that differ from the defaults, for a link."""
        differing = {
            name: value
            for name, value in self._asdict().items()
            if value != self._field_defaults[name]
        }
        return urlencode(differing)


def read_form(values: Mapping[str, str]) -> ViewForm:
    """Read a form or a query; convert line ends from CRLF to LF."""
    return ViewForm(
        **{
            name: values[name][:LONGEST].replace("\r\n", "\n")
            for name in ViewForm._fields
            if name in values
        }
    )


def described_view(form: ViewForm) -> View:
    """Return the view that the form describes.

    Raises DescriptionError, whose `field` is that of the form.
    """
    if form.method not in METHODS:
        raise DescriptionError("method", f"must be one of {', '.join(METHODS)}")
    description, changes = _description(form), dict(_changes(form))
    try:
        return _view(description, *changes.values())
    except DescriptionError as error:
        if error.field.startswith("changes"):
            raise _among(description, changes, error) from None
        field = _FIELDS.get(error.field, error.field)
        raise DescriptionError(field, plainly(error.problem)) from None


def _view(description: dict[str, Any], *changes: list[dict[str, Any]]) -> View:
    made = {"changes": [*chain(*changes)]} if any(changes) else {}
    return view_from_json(msgspec.json.encode(description | made))


def _among(
    description: dict[str, Any],
    changes: dict[str, list[dict[str, Any]]],
    error: DescriptionError,
) -> DescriptionError:
    """Return the error at the field that causes it, else at the last field."""
    for field, made in changes.items():
        try:
            _view(description, made)
        except DescriptionError as own:
            place = f"{field}_kind" if own.field.endswith(".kind") else field
            return DescriptionError(place, plainly(own.problem))
    problem = plainly(error.problem)
    return DescriptionError([*changes][-1], f"{problem}, counting all changes together")


def _description(form: ViewForm) -> dict[str, Any]:
    beside: dict[str, Any] = {"style": form.style}
    if form.handled:
        beside["handled"] = True
    if form.does == "abort":
        code = parsed("code", form.code, WHOLE)
        raises = {"kind": "abort", "code": code, "description": form.words}
        return {"raises": raises, **beside}
    if form.does != "return":
        raises = {"kind": "error", "name": form.does, "message": form.words}
        return {"raises": raises, **beside}
    body = of_kind("body", form.body_kind, form.body)
    description = {"body": body, "made": form.made, "shape": form.shape, **beside}
    used = form.shape.split("-")
    if "status" in used:
        description["status"] = of_kind("status", form.status_kind, form.status)
    if "headers" in used:
        description["headers"] = {"kind": form.headers_kind}
        if form.headers_kind != "none":
            description["headers"]["fields"] = list(pairs("headers", form.headers))
    return description


def _changes(form: ViewForm) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the changes to the response by field, in the order in which they apply.

    Yield nothing if the view has no response to change: it raises or returns a value.
    """
    if form.does != "return" or form.made == "value":
        return
    if form.new_status_kind:
        status = of_kind("new_status", form.new_status_kind, form.new_status)
        yield "new_status", [{"change": "status", "status": status}]
    if form.replaced:
        yield "new_body", [{"change": "body", "text": form.new_body}]
    for field, change in _CHANGED_HEADERS.items():
        found = pairs(field, getattr(form, field))
        yield field, [{"change": change, "name": n, "value": v} for n, v in found]
    yield "headers_removed", _deleted("delete-header", form.headers_removed)
    set_ = cookies("cookies_set", form.cookies_set)
    yield "cookies_set", [{"change": "set-cookie", **cookie} for cookie in set_]
    yield "cookies_deleted", _deleted("delete-cookie", form.cookies_deleted)


def _deleted(change: str, text: str) -> list[dict[str, Any]]:
    return [{"change": change, "name": name} for name in names(text)]
