"""The description of a view's behaviour: a small model, with limits.

The twins' endpoint `/composed` builds the described view (see the module `harness.composed`
of either). `sources_of` writes it as Python.
"""

from http import HTTPStatus
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from werkzeug.exceptions import default_exceptions

LARGEST = 10**12

BodyKind = Literal[
    "text", "bytes", "bytearray", "memoryview", "file", "dict", "list", "generator",
    "iterator", "async-generator", "function", "error", "set", "int", "float", "bool",
    "none", "object",
]  # fmt: skip
"""Of a body: `file` is one in memory, `function` a WSGI application that answers with a
text, `error` an HTTP exception that is returned, `set` has one item."""

StatusKind = Literal["int", "text", "float", "bool", "bytes", "enum", "none"]
HeadersKind = Literal["dict", "list", "tuple", "Headers", "none"]
Made = Literal["value", "make_response", "jsonify", "Response"]
Shape = Literal[
    "body", "body-status", "body-headers", "body-status-headers", "body-headers-status",
    "empty", "one", "four",
]  # fmt: skip
Style = Literal["native", "sync", "async"]
ErrorName = Literal[
    "ValueError", "KeyError", "RuntimeError", "StopIteration", "TimeoutError"
]

Text = Annotated[str, Meta(max_length=1000)]
Word = Annotated[str, Meta(max_length=100)]
Number = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
HeaderValue = Word | Number | Annotated[tuple[Word, ...], Meta(max_length=8)]

_CONTENT: dict[str, Any] = {
    "text": Text, "bytes": Text, "bytearray": Text, "memoryview": Text, "file": Text,
    "dict": dict[str, Any], "list": list[Any], "function": Text, "set": Word,
    "generator": Annotated[list[Text], Meta(max_length=16)],
    "iterator": Annotated[list[Text], Meta(max_length=16)],
    "async-generator": Annotated[list[Text], Meta(max_length=16)],
    "error": int, "int": Number, "float": float, "bool": bool, "enum": int,
}  # fmt: skip
_OCTETS = ("bytes", "bytearray", "memoryview", "file")


class _Part(
    Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True
):
    """A part of a description."""


class Body(_Part, frozen=True):
    """The value that a view begins with, by its type.

    `content` is a str for `text`, for the kinds of bytes (each byte is the character
    with its number), `file`, `function` and `set`. It is a list of str for `generator`,
    `iterator` and `async-generator`, a status code for `error`, and JSON for the
    others. `none` and `object` have no content.
    """

    kind: BodyKind
    content: Any = UNSET

    def __post_init__(self) -> None:
        _check(self.kind, self.content)
        if self.kind == "error" and self.content not in default_exceptions:
            raise ValueError(f"content: no exception for status {self.content}")


class Status(_Part, frozen=True):
    """A status in one of its forms; an `enum` is a member of `http.HTTPStatus`."""

    kind: StatusKind
    content: Any = UNSET

    def __post_init__(self) -> None:
        _check(self.kind, self.content, Word if self.kind == "text" else None)
        if self.kind == "enum" and self.content not in set(HTTPStatus):
            raise ValueError(f"content: {self.content} is not in HTTPStatus")


class Headers(_Part, frozen=True):
    """Headers as a dict, as a list or tuple of pairs, or as werkzeug's `Headers`."""

    kind: HeadersKind
    fields: Annotated[tuple[tuple[Word, HeaderValue], ...], Meta(max_length=8)] = ()

    def __post_init__(self) -> None:
        names = [name for name, _ in self.fields]
        if self.kind == "dict" and len(set(names)) < len(names):
            raise ValueError("fields: a dict has each name once")
        if self.kind == "none" and names:
            raise ValueError("fields: there are none in None")


class SetStatus(_Part, frozen=True, tag_field="change", tag="status"):
    """`response.status_code = …`, or `response.status = …` for a text or bytes."""

    status: Status


class SetHeader(_Part, frozen=True, tag_field="change", tag="set-header"):
    """`response.headers.set(…)`: replaces those of this name."""

    name: Word
    value: HeaderValue


class AddHeader(_Part, frozen=True, tag_field="change", tag="add-header"):
    """`response.headers.add(…)`: beside those of this name."""

    name: Word
    value: HeaderValue


class DeleteHeader(_Part, frozen=True, tag_field="change", tag="delete-header"):
    """`response.headers.remove(…)`."""

    name: Word


class SetCookie(_Part, frozen=True, tag_field="change", tag="set-cookie"):
    """`response.set_cookie(…)`."""

    name: Word
    value: Word
    path: Word | UnsetType = UNSET
    secure: bool | UnsetType = UNSET
    httponly: bool | UnsetType = UNSET
    samesite: Word | UnsetType = UNSET


class DeleteCookie(_Part, frozen=True, tag_field="change", tag="delete-cookie"):
    """`response.delete_cookie(…)`."""

    name: Word


class SetBody(_Part, frozen=True, tag_field="change", tag="body"):
    """`response.set_data(…)`."""

    text: Text


Change = (
    SetStatus | SetHeader | AddHeader | DeleteHeader | SetCookie | DeleteCookie
    | SetBody
)  # fmt: skip


class Abort(_Part, frozen=True, tag_field="kind", tag="abort"):
    """`abort(code)`, with a description if there is one."""

    code: Number
    description: Word = ""


class Raise(_Part, frozen=True, tag_field="kind", tag="error"):
    """`raise ValueError(message)`, or one of the other built-in exceptions."""

    name: ErrorName
    message: Word = ""


class View(_Part, frozen=True):
    """The behaviour of a view: it returns a value made from `body`, or raises.

    `made` says how the body becomes a response before it is returned. The arguments of
    `make_response` have the `shape`, otherwise the returned value has it. `changes` are
    made to the response, in order. `handled` adds error handlers to the view's app. In
    the `native` style, it is a plain function in Flask and a coroutine function in
    Quart. In the other styles it is the same in both.
    """

    body: Body | None = None
    made: Made = "value"
    shape: Shape = "body"
    status: Status | None = None
    headers: Headers | None = None
    changes: Annotated[tuple[Change, ...], Meta(max_length=8)] = ()
    raises: Abort | Raise | None = None
    handled: bool = False
    style: Style = "native"

    def __post_init__(self) -> None:
        beside = any((self.made != "value", self.shape != "body", self.status,
                      self.headers, self.changes))  # fmt: skip
        if self.raises is not None and (self.body is not None or beside):
            raise ValueError("raises: a view that raises returns nothing")
        if self.raises is None and self.body is None:
            raise ValueError("body: is missing")
        if self.changes and self.made == "value":
            raise ValueError(
                "changes: only a response can be changed;"
                " made must be make_response, jsonify or Response"
            )
        if self.style == "sync" and self.made == "make_response":
            raise ValueError("made: a view without async cannot await make_response")
        for name in ("status", "headers"):
            used = name in self.shape.split("-")
            if getattr(self, name) is not None and not used:
                raise ValueError(f"{name}: has no place in the shape {self.shape!r}")
            if getattr(self, name) is None and used:
                raise ValueError(f"{name}: is missing, for the shape {self.shape!r}")

    @property
    def path(self) -> str:
        """The path of the endpoint that behaves as described."""
        handled = "/handled" if self.handled else ""
        return f"/composed{handled}{'' if self.style == 'native' else f'/{self.style}'}"


def _check(kind: str, content: Any, expected: Any = None) -> None:
    if expected is None:
        expected = _CONTENT.get(kind)
    if expected is None:
        if content is not UNSET:
            raise ValueError(f"content: {kind} has none")
        return
    if content is UNSET:
        raise ValueError("content: is missing")
    if type(content) is int and expected is float:
        raise ValueError("content: expected `float`, got `int`")
    try:
        msgspec.convert(content, expected)
    except msgspec.ValidationError as error:
        problem = str(error)
        raise ValueError(f"content: {problem[:1].lower()}{problem[1:]}") from None
    if kind in _OCTETS and any(ord(character) > 255 for character in content):
        raise ValueError("content: a byte is a character up to U+00FF")


BODY_KINDS: tuple[BodyKind, ...] = get_args(BodyKind)
STATUS_KINDS: tuple[StatusKind, ...] = get_args(StatusKind)
HEADERS_KINDS: tuple[HeadersKind, ...] = get_args(HeadersKind)
MADE: tuple[Made, ...] = get_args(Made)
SHAPES: tuple[Shape, ...] = get_args(Shape)
STYLES: tuple[Style, ...] = get_args(Style)
ERRORS: tuple[ErrorName, ...] = get_args(ErrorName)
