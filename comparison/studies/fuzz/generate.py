"""Generate examples: a view description and a request for it.

A tape of bytes determines an example. So Hypothesis shrinks an example by lowering its
bytes. One strategy per choice would take Hypothesis longer than both apps need to respond.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import default_exceptions

from comparison.models import Pairs, Part, Request
from comparison.views import model

from .example import Example
from .tape import Tape

TEXTS = (
    "Hello", "", "ü", "😀", "a\nb", "<p>", '"', "\x00", "\u2028", "{}", " ", "a" * 300
)  # fmt: skip
OCTETS = ("Hello", "", "\xff\x00", "\xc3\xbc", "a\nb\n")
JSON: tuple[dict[str, Any], ...] = (
    {"message": "Hello"}, {}, {"ü": "ü", "a": 1}, {"b": 1, "a": [None, True, 1.5]},
    {"": {"": {}}}, {"b": 1, "1": 10**12}, {"a": "<script>"},
)  # fmt: skip
LISTS: tuple[list[Any], ...] = (
    ["one", 2],
    [],
    [[]],
    [None],
    ["Hello", 202],
    [{"a": 1}],
    ["ü"],
)
PIECES: tuple[list[str], ...] = (
    ["one", "two"],
    [],
    [""],
    ["ü", "", "b"],
    ["a\n", "b\n", "c\n"],
)
CODES = (
    200, 202, 204, 304, 404, 500, 100, 101, 103, 199, 201, 205, 206, 226, 299, 301, 302,
    303, 307, 308, 399, 400, 401, 405, 410, 416, 418, 429, 451, 499, 501, 503, 599, 600,
    999, 1000, 99, 1, 0, -1, 99_999, 10**12,
)  # fmt: skip
STATUS_TEXTS = (
    "404", "404 Not Found", "418 I'M A TEAPOT", "204", "204 No Content", "Not Found", "",
    " 404", "404 ", "4_0_4", "+404", "-1", "0", "1e3", "٤٠٤", "404.0", "200 ü", "99999",
)  # fmt: skip
FLOATS = (202.0, 202.9, 0.5, -1.5, 1e20, 404.5)
STATUS_OCTETS = ("404", "404 Not Found", "", "\xff", "204")
NAMES = (
    "X-A", "x-a", "X-B", "Content-Type", "Content-Length", "Set-Cookie", "Location",
    "Link", "Vary", "Allow", "ETag", "Cache-Control", "Content-Encoding", "Date",
    "Server", "Connection", "Transfer-Encoding", "Last-Modified", "Retry-After",
    "X-Lesson", "X A",
    "", "X-Ü", "X:",
)  # fmt: skip
VALUES = (
    "1", "", "ü", "€", "a b", " a ", "a,b", "text/plain", "text/html; charset=latin-1",
    "0", "5", "tuples", "one=1", "/there", "/ü", "close", "chunked", "gzip",
    '"tag"', "Sat, 01 Jan 2022 00:00:00 GMT", "a\r\nb", "a\nb", "\x00", "\x7f", "a" * 90,
)  # fmt: skip
COOKIES = ("seen", "a b", "ü", "", "a=b", "a;b")
COOKIE_VALUES = ("yes", "", "a b", "ü", 'a"b', "a;b", "a,b")
WORDS = ("", "No such job", "ü", "<b>", "a\nb")
ERROR_CODES = tuple(default_exceptions)
ENUMS = tuple(int(status) for status in HTTPStatus)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get")
QUERIES = ("", "a=1", "a=1&a=2", "%FF", "a", "ü=1", "view=%7B%7D", "=", "&&", "a=%00")
BESIDE = ("", "/", "/nowhere", "//", "%2F")
REQUEST_HEADERS = (
    ("Accept", "application/json"), ("Accept", "*/*"), ("If-None-Match", "*"),
    ("If-Match", '"a"'), ("If-Modified-Since", "Sat, 01 Jan 2050 00:00:00 GMT"),
    ("Range", "bytes=0-1"), ("Cookie", "a=1; b=2"), ("Cookie", "ü"), ("Host", "other"),
    ("Content-Type", "application/json"), ("X-Forwarded-For", "10.0.0.1"),
    ("Authorization", "Basic eDp5"), ("Accept-Encoding", "gzip"), ("X-A", "1"),
    ("X-A", "2"), ("Origin", "http://there"), ("Content-Length", "1"),
    ("Expect", "100-continue"), ("X-HTTP-Method-Override", "DELETE"),
)  # fmt: skip

CHARACTERS = 'aü €\n"<&%\t\x00\x7f\x85😀'

BODIES: dict[str, Sequence[Any]] = {
    "text": TEXTS, "bytes": OCTETS, "bytearray": OCTETS, "memoryview": OCTETS,
    "file": OCTETS, "dict": JSON, "list": LISTS, "generator": PIECES,
    "iterator": PIECES, "async-generator": PIECES, "function": ("Hello", "", "ü"),
    "error": ERROR_CODES, "set": ("Hello", ""), "int": CODES, "float": FLOATS,
    "bool": (False, True),
}  # fmt: skip
STATUSES: dict[str, Sequence[Any]] = {
    "int": CODES, "text": STATUS_TEXTS, "float": FLOATS, "bool": (False, True),
    "bytes": STATUS_OCTETS, "enum": ENUMS,
}  # fmt: skip
CHANGES = (
    "status", "set-header", "add-header", "delete-header", "set-cookie",
    "delete-cookie", "body",
)  # fmt: skip
COOKIE_OPTIONS: tuple[dict[str, Any], ...] = (
    {}, {"path": "/a"}, {"secure": True}, {"httponly": True, "samesite": "Lax"},
    {"samesite": "None"}, {"samesite": "odd"}, {"path": "/a;b"},
)  # fmt: skip
# The order of the model, with valid tuples repeated so that they occur more often.
OFTEN = (*model.SHAPES[:5], *model.SHAPES[1:4], *model.SHAPES[5:])
STYLED: tuple[model.Style, ...] = ("native", "native", "sync", "async")
REQUEST_BODIES: tuple[tuple[str, Any], ...] = (
    ("text", "Hello"), ("json", {"a": 1}), ("form", {"a": "1", "b": "ü"}),
    ("base64", "/wA="), ("chunks", ("one", "two")), ("text", ""),
    ("multipart", (Part("a", text="1"), Part("b", text="ü", filename="b.txt"))),
)  # fmt: skip


def _status(tape: Tape) -> model.Status:
    kind = tape.of(model.STATUS_KINDS)
    if kind == "none":
        return model.Status(kind)
    if kind == "int" and tape.one_in(3):
        return model.Status(kind, 100 + tape.byte() * 4 + tape.below(4))
    return model.Status(kind, tape.of(STATUSES[kind]))


def _text(tape: Tape) -> str:
    if tape.one_in(3):
        return "".join(tape.of(CHARACTERS) for _ in range(tape.below(6)))
    return tape.of(TEXTS)


def _body(tape: Tape) -> model.Body:
    kind: model.BodyKind = tape.of(model.BODY_KINDS) if tape.one_in(2) else "text"
    if kind == "text":
        return model.Body(kind, _text(tape))
    return (
        model.Body(kind, tape.of(BODIES[kind])) if kind in BODIES else model.Body(kind)
    )


def _field(tape: Tape) -> tuple[str, Any]:
    name, value = tape.of(NAMES), tape.of(VALUES)
    if tape.one_in(10):
        return name, tape.of(CODES)
    return name, (value, tape.of(VALUES)) if tape.one_in(10) else value


def _headers(tape: Tape) -> model.Headers:
    kind = tape.of(model.HEADERS_KINDS)
    if kind == "none":
        return model.Headers(kind)
    count = 0 if tape.one_in(10) else 1 + tape.below(3)
    pairs = [_field(tape.part(5)) for _ in range(count)]
    return model.Headers(
        kind, tuple(dict(pairs).items()) if kind == "dict" else tuple(pairs)
    )


def _change(tape: Tape) -> model.Change:
    match tape.of(CHANGES):
        case "status":
            return model.SetStatus(_status(tape))
        case "set-header":
            return model.SetHeader(*_field(tape))
        case "add-header":
            return model.AddHeader(*_field(tape))
        case "delete-header":
            return model.DeleteHeader(tape.of(NAMES))
        case "set-cookie":
            name, value = tape.of(COOKIES), tape.of(COOKIE_VALUES)
            return model.SetCookie(name, value, **tape.of(COOKIE_OPTIONS))
        case "delete-cookie":
            return model.DeleteCookie(tape.of(COOKIES))
    return model.SetBody(_text(tape))


def _raises(tape: Tape) -> model.Abort | model.Raise:
    if tape.one_in(2):
        return model.Raise(tape.of(model.ERRORS), tape.of(WORDS))
    return model.Abort(tape.of(CODES), tape.of(WORDS))


def read_view(tape: Tape) -> model.View:
    """Read one view from a tape, part by part."""
    style, handled = tape.of(STYLED), tape.one_in(5)
    raised = tape.part(4)
    if raised.one_in(10):
        return model.View(raises=_raises(raised), handled=handled, style=style)
    body = _body(tape.part(8))
    made, shape = tape.of(model.MADE), tape.of(OFTEN)
    if style == "sync" and made == "make_response":
        made = "Response"
    parts = shape.split("-")
    status, headers = tape.part(4), tape.part(18)
    changed = [tape.part(6) for _ in range(0 if made == "value" else tape.below(3))]
    return model.View(
        body,
        made,
        shape,
        _status(status) if "status" in parts else None,
        _headers(headers) if "headers" in parts else None,
        tuple(map(_change, changed)),
        handled=handled,
        style=style,
    )


def read_request(tape: Tape) -> tuple[Request, str]:
    """Read the request for a view, and the text to append to the view's path."""
    method = tape.of(METHODS) if tape.one_in(2) else "GET"
    if not tape.one_in(3):
        return Request(method), ""
    query, beside = tape.of(QUERIES), tape.of(BESIDE) if tape.one_in(8) else ""
    headers: Pairs = tuple(tape.of(REQUEST_HEADERS) for _ in range(tape.below(3)))
    path = f"/?{query}" if query else "/"
    if not tape.one_in(2):
        return Request(method, path, headers), beside
    kind, content = tape.of(REQUEST_BODIES)
    return Request(method, path, headers, **{kind: content}), beside


def example_of(choices: Sequence[int]) -> Example:
    """Read the example from a tape: first the request, then the view."""
    tape = Tape(choices)
    request, beside = read_request(tape.part(10))
    return Example(read_view(tape), request, beside)
