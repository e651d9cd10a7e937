"""Find the parts of a request that a view reads, in its source.

We find only literal access: `request.form["name"]`, `(await request.json)["name"]`,
`data = request.get_json()` and then `data.get("name")`, `"X-Key" in request.headers`.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from msgspec import Struct

PARTS = ("form", "json", "files", "args", "headers", "cookies")
OPTIONAL = ("args", "headers", "cookies")
"""The parts that a request has without a body; a view may read them with a default."""
_BY_NAME = ("get", "getlist", "pop")
_SAMPLES = {"int": "1", "float": "1.5", "bool": "true"}


class Optional(Struct, frozen=True):
    """A field that a view reads with a default, and a sample of its value."""

    part: str
    name: str
    sample: str


class Fields(Struct, frozen=True, repr_omit_defaults=True):
    """Names by the part of the request.

    Those of `args`, `headers` and `cookies` are required; `optional` has the others.
    `authorization` is the scheme that the view reads: `basic`, `bearer` or "".
    """

    form: tuple[str, ...] = ()
    json: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    optional: tuple[Optional, ...] = ()
    authorization: str = ""


def fields_read(view: Callable[..., Any]) -> Fields:
    """Return the fields that a view reads; none if its source cannot be read.

    >>> def order():
    ...     size = request.args.get("size", type=int)
    ...     return request.form["article"], request.args["page"]
    >>> fields_read(order)
    Fields(form=('article',), args=('page',), optional=(Optional(part='args', name='size', sample='1'),))
    """
    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(view)))
        tree = ast.parse(source)
    except (OSError, TypeError, ValueError, SyntaxError, RecursionError):
        return Fields()
    reading = _Reading()
    for node in ast.walk(tree):  # in the order of lines, on one level
        reading.read(node)
    return reading.fields()


class _Reading:
    """Collects what the nodes of a view read."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, None]] = {part: {} for part in PARTS}
        self.optional: dict[tuple[str, str], str] = {}
        self.names: dict[str, str] = {}
        self.authorization = ""

    def fields(self) -> Fields:
        required = {part: tuple(names) for part, names in self.found.items()}
        optional = tuple(
            Optional(part, name, sample)
            for (part, name), sample in self.optional.items()
            if name not in self.found[part]
        )
        return Fields(**required, optional=optional, authorization=self.authorization)

    def read(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if part := self._part(value):
                    self.names[name] = part
            case ast.Subscript(value=value, slice=ast.Constant(value=str(field))):
                if part := self._part(value):
                    self.found[part][field] = None
            case ast.Call(
                func=ast.Attribute(value=value, attr=attribute),
                args=[ast.Constant(value=str(field)), *more],
                keywords=keywords,
            ) if attribute in _BY_NAME:
                part = self._part(value)
                if part in OPTIONAL:
                    self.optional[part, field] = _sample(field, more, keywords)
                elif part:
                    self.found[part][field] = None
            case ast.Compare(
                left=ast.Constant(value=str(field)),
                ops=[ast.In() | ast.NotIn()],
                comparators=[value],
            ):
                if (part := self._part(value)) in OPTIONAL:
                    self.optional.setdefault((part, field), field)
            case ast.Attribute(value=value, attr=attribute):
                if self._part(node) == "authorization":
                    self.authorization = self.authorization or "basic"
                elif self._part(value) == "authorization" and attribute == "token":
                    self.authorization = "bearer"

    def _part(self, node: ast.expr) -> str:
        """Return the part of the request that an expression is, or ""."""
        match node:
            case ast.Await(value=inner):
                return self._part(inner)
            case ast.Name(id=name):
                return self.names.get(name, "")
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="request"), attr="get_json")
            ):
                return "json"
            case ast.Attribute(value=ast.Name(id="request"), attr=attribute):
                if attribute == "values":
                    return "args"
                known = attribute in PARTS or attribute == "authorization"
                return attribute if known else ""
        return ""


def _sample(name: str, more: list[ast.expr], keywords: list[ast.keyword]) -> str:
    """Return the default of a field, or a value of its type, or its name."""
    named = {keyword.arg: keyword.value for keyword in keywords}
    default = more[0] if more else named.get("default")
    if isinstance(default, ast.Constant) and default.value not in (None, ""):
        return str(default.value)
    match more[1] if len(more) > 1 else named.get("type"):
        case ast.Name(id=kind):
            return _SAMPLES.get(kind, name)
    return name
