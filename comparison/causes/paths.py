"""Evaluate the start of a path in the source of an app, without running it."""

import ast
from collections.abc import Mapping

from .code import module
from .places import function_at, statement_at
from .statements import FUNCTIONS, Function

_ABSOLUTE = ("__file__", "root_path", "instance_path", "static_folder", "cwd", "home")
_MADE_ABSOLUTE = ("abspath", "realpath", "resolve", "absolute", "mkdtemp", "gettempdir")
_SENDS = ("send_file", "send_from_directory")
_MAKE_BYTES = ("bytes", "encode", "getvalue", "read", "tobytes", "to_bytes")
_DEEP = 8


def sent_path(file: str, line: int, settings: Mapping[str, str]) -> str:
    """Return the start of the path that a statement sends, or "" if we do not know it.

    An absolute path is "/" at least. `settings` are those of the app.
    """
    sent = _sent(file, line)
    return _start(*sent, settings, _DEEP) if sent is not None else ""


def sends_bytes(file: str, line: int) -> str:
    """Return the source of the bytes that a statement sends as a file, or ""."""
    sent = _sent(file, line)
    if sent is None:
        return ""
    node, scope = sent
    source = ast.unparse(node)
    for _ in range(_DEEP):
        if isinstance(node, ast.Await):
            node = node.value
        if isinstance(node, ast.Name) and node.id in scope:
            node = scope[node.id]
    literal = isinstance(node, ast.Constant) and isinstance(node.value, bytes)
    made = isinstance(node, ast.Call) and _last(node.func) in _MAKE_BYTES
    return source if literal or made else ""


def _sent(file: str, line: int) -> tuple[ast.expr, Mapping[str, ast.expr]] | None:
    """Return what a statement sends as a file, and the values of the names there."""
    found = module(file)
    where = statement_at(file, line)
    if found is None or not where.file:
        return None
    around = function_at(file, line)
    scope = _assigned(found.tree.body) | (_assigned_in(around) if around else {})
    for node in ast.walk(found.tree):
        if (
            isinstance(node, ast.Call)
            and _last(node.func) in _SENDS
            and node.args
            and node.lineno in (where.line, line)
        ):
            return node.args[0], scope
    return None


def _assigned_in(function: Function) -> dict[str, ast.expr]:
    return _assigned([n for n in ast.walk(function) if isinstance(n, ast.stmt)])


def _assigned(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """Return the values that statements assign to names, outside of functions."""
    return {
        target.id: node.value
        for node in body
        if isinstance(node, ast.Assign) and not isinstance(node, FUNCTIONS)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _start(
    node: ast.expr,
    scope: Mapping[str, ast.expr],
    settings: Mapping[str, str],
    depth: int,
) -> str:
    """Return the leftmost text of a path, "/" if it is absolute, or ""."""
    inner: ast.expr | None = None
    name = _last(node.func if isinstance(node, ast.Call) else node)
    if isinstance(node, ast.Constant):
        return str(node.value) if isinstance(node.value, str) else ""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return settings.get(str(node.slice.value), "")
    if name in _ABSOLUTE or (isinstance(node, ast.Call) and name in _MADE_ABSOLUTE):
        return "/"
    if isinstance(node, ast.JoinedStr) and node.values:
        inner = node.values[0]
    elif isinstance(node, ast.FormattedValue):
        inner = node.value
    elif isinstance(node, ast.BinOp):
        inner = node.left
    elif isinstance(node, ast.Call) and name in ("joinpath", "with_suffix"):
        inner = node.func.value if isinstance(node.func, ast.Attribute) else None
    elif isinstance(node, ast.Call) and node.args:
        inner = node.args[0]
    elif isinstance(node, ast.Attribute) and name in ("parent", "parents"):
        inner = node.value
    elif isinstance(node, ast.Name):
        inner = scope.get(node.id)
    if inner is None or not depth:
        return ""
    return _start(inner, scope, settings, depth - 1)


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
