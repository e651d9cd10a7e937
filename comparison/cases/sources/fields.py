"""Find the fields that a view reads from its request, by its source.

We find only literal access: `request.form["name"]`, `(await request.json)["name"]`,
`data = request.get_json()` and then `data.get("name")`.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from msgspec import Struct

_PARTS = ("form", "json", "files", "args")
_BY_NAME = ("get", "getlist", "pop")


class Fields(Struct, frozen=True):
    """Names by the part of the request; for the query only the required ones."""

    form: tuple[str, ...] = ()
    json: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


def fields_read(view: Callable[..., Any]) -> Fields:
    """Return the fields that a view reads; none if its source cannot be read.

    >>> def order():
    ...     return request.form["article"], request.form.get("note"), request.args["page"]
    >>> fields_read(order)
    Fields(form=('article', 'note'), json=(), files=(), args=('page',))
    """
    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(view)))
        tree = ast.parse(source)
    except (OSError, TypeError, ValueError, SyntaxError, RecursionError):
        return Fields()
    found: dict[str, dict[str, None]] = {part: {} for part in _PARTS}
    names: dict[str, str] = {}
    for node in ast.walk(tree):  # in the order of lines, on one level
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if part := _part(value, names):
                    names[name] = part
            case ast.Subscript(value=value, slice=ast.Constant(value=str(field))):
                if part := _part(value, names):
                    found[part][field] = None
            case ast.Call(
                func=ast.Attribute(value=value, attr=attribute),
                args=[ast.Constant(value=str(field)), *_],
            ) if attribute in _BY_NAME:
                if (part := _part(value, names)) and part != "args":
                    found[part][field] = None
    return Fields(**{part: tuple(fields) for part, fields in found.items()})


def _part(node: ast.expr, names: dict[str, str]) -> str:
    """Return the part of the request that an expression is, or ""."""
    match node:
        case ast.Await(value=inner):
            return _part(inner, names)
        case ast.Name(id=name):
            return names.get(name, "")
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="request"), attr="get_json")
        ):
            return "json"
        case ast.Attribute(value=ast.Name(id="request"), attr=attribute):
            return attribute if attribute in _PARTS else ""
    return ""
