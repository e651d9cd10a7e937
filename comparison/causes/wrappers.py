"""Find where a wrapper calls the function that it is around."""

import ast

from .code import module
from .statements import FUNCTIONS, Function

ENSURED = "await current_app.ensure_async({})"


def call_of_wrapped(file: str, wrapper: Function) -> ast.Call | None:
    """Return the call of a wrapped function, which the function outside knows, or None."""
    found = module(file)
    outside = [
        node
        for node in (ast.walk(found.tree) if found is not None else ())
        if isinstance(node, FUNCTIONS)
        and node is not wrapper
        and node.lineno <= wrapper.lineno
        and (wrapper.end_lineno or 0) <= (node.end_lineno or 0)
    ]
    names = {name for outer in outside for name in _names_in(outer, wrapper)}
    calls = [node for node in ast.walk(wrapper) if isinstance(node, ast.Call)]
    for call in calls:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name in names and not _awaited(wrapper, call):
            return call
    return None


def ensured_call(file: str, wrapper: Function | None) -> tuple[str, str] | None:
    """Return the call in a plain wrapper as it is, and with `await` and `ensure_async`."""
    if not isinstance(wrapper, ast.FunctionDef):
        return None
    call, found = call_of_wrapped(file, wrapper), module(file)
    if call is None or found is None:
        return None
    source = "".join(found.lines)
    text = ast.get_source_segment(source, call) or ast.unparse(call)
    function = ast.get_source_segment(source, call.func) or ast.unparse(call.func)
    return text, ENSURED.format(function) + text.removeprefix(function)


def _names_in(outer: Function, wrapper: Function) -> set[str]:
    """Return the parameters of a function, and the names that it sets itself."""
    inside = {id(node) for node in ast.walk(wrapper)}
    arguments = {each.arg for each in ast.walk(outer.args) if isinstance(each, ast.arg)}
    return arguments | {
        node.id
        for node in ast.walk(outer)
        if isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Store)
        and id(node) not in inside
    }


def _awaited(function: Function, call: ast.Call) -> bool:
    return any(
        isinstance(node, ast.Await) and call in ast.walk(node)
        for node in ast.walk(function)
    )
