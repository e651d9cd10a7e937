"""Change the status in a view, to answer a question of the quiz by a real request.

The module parses the source of the view. It replaces the number next to the body in the
recorded `return`, and compiles the function again with the old globals. Callers make the
change in a temporary instance of the app.
"""

import ast
from types import CodeType, FunctionType
from typing import Any

from msgspec import Struct

from comparison.models import Recording
from comparison.tracing import function_source, parse

from .facts import first, last, status_of


class Change(Struct, frozen=True):
    """A change of a status in the view of `endpoint`: `old` to `new` at `line`."""

    endpoint: str
    file: str
    defined: int
    line: int
    old: int
    new: int


def change_of(recording: Recording, new: int = 404) -> Change | None:
    """Return a change of the recorded status; None if no number in the view sets it."""
    matched = first(recording, "route_matched")
    returned = last(recording, "view_returned")
    status = status_of(recording)
    if matched is None or returned is None or status is None or status == new:
        return None
    change = Change(
        matched.name, matched.file, matched.line, returned.line, status, new
    )
    return change if _changed(change) is not None else None


def apply_change(app: Any, change: Change) -> bool:
    """Change the view of an app. Return False without a change if it is impossible."""
    view = app.view_functions.get(change.endpoint)
    tree = _changed(change)
    if type(view) is not FunctionType or view.__closure__ or tree is None:
        return False
    compiled = compile(tree, view.__code__.co_filename, "exec")
    code = next(c for c in compiled.co_consts if isinstance(c, CodeType))
    changed = FunctionType(code, view.__globals__, view.__name__, view.__defaults__)
    changed.__kwdefaults__ = view.__kwdefaults__
    app.view_functions[change.endpoint] = changed
    return True


def _changed(change: Change) -> ast.Module | None:
    source = function_source(change.file, change.defined)
    if not source:
        return None
    tree = parse(source)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    if not all(_is_route(decorator) for decorator in function.decorator_list):
        return None
    function_line = function.lineno
    function.decorator_list = []
    found = False
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            here = node.lineno - function_line + change.defined == change.line
            for item in node.value.elts[1:] if here else ():
                if isinstance(item, ast.Constant) and item.value == change.old:
                    item.value = change.new
                    found = True
    # Restore the line numbers of the file, because tables quote them.
    ast.increment_lineno(tree, change.defined - function_line)
    return tree if found else None


def _is_route(decorator: ast.expr) -> bool:
    routes = {"route", "get", "post", "put", "patch", "delete"}
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in routes
    )
