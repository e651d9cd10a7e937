"""Find code that looks for text in the bytes of an ASGI scope, where it never is."""

import ast
from collections.abc import Iterator
from functools import lru_cache

from .code import Module
from .places import Place, statement_at
from .statements import FUNCTIONS, Function

_KEYS = ("headers", "query_string")
_DECODED = ("decode", "Headers", "latin")


@lru_cache(maxsize=64)
def text_for_bytes(found: Module) -> tuple[tuple[str, str, Place], ...]:
    """Return where a module looks for text in `headers` or `query_string` of a scope.

    Each is the key of the scope, what the code looks for, and the statement. Names of
    header fields in bytes are lowercase, so other bytes are never there either.
    """
    if "scope" not in "".join(found.lines):
        return ()
    return tuple(
        dict.fromkeys(
            (key, ast.unparse(looked_for), Place(*statement_at(found.file, line)))
            for node in ast.walk(found.tree)
            if isinstance(node, FUNCTIONS)
            for key, looked_for, line in _lookups(node)
        )
    )


def _lookups(function: Function) -> Iterator[tuple[str, ast.Constant, int]]:
    """Yield the constants that a function looks for in the bytes of a scope."""
    assigned: dict[str, str] = {}
    for node in ast.walk(function):
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            targets, value = [node.target], node.iter
        key = _key(value, assigned) if value is not None else ""
        for target in targets if key else ():
            # The name of a field, without its value, which may be any bytes.
            name = target.elts[0] if isinstance(target, ast.Tuple) else target
            if isinstance(name, ast.Name):
                assigned[name.id] = key
    for node in ast.walk(function):
        for owner, looked_for in _pairs(node):
            key = _key(owner, assigned)
            if key and _never_there(looked_for, key):
                yield key, looked_for, getattr(node, "lineno", function.lineno)


def _pairs(node: ast.AST) -> Iterator[tuple[ast.expr, ast.Constant]]:
    """Yield what a node looks something up in, and the constant that it looks for."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("get", "pop") and node.args:
            yield from _constant(node.func.value, node.args[0])
    elif isinstance(node, ast.Subscript):
        yield from _constant(node.value, node.slice)
    elif isinstance(node, ast.Compare) and len(node.comparators) == 1:
        yield from _constant(node.comparators[0], node.left)
        yield from _constant(node.left, node.comparators[0])


def _constant(
    owner: ast.expr, key: ast.expr
) -> Iterator[tuple[ast.expr, ast.Constant]]:
    if isinstance(key, ast.Constant):
        yield owner, key


def _key(node: ast.expr, assigned: dict[str, str]) -> str:
    """Return the key of the scope whose bytes an expression has, or ""."""
    text = ast.unparse(node)
    if any(word in text for word in _DECODED):
        return ""
    if isinstance(node, ast.Name):
        return assigned.get(node.id, "")
    if isinstance(node, ast.Subscript) and not _is_scope(node.value):
        return ""
    for each in ast.walk(node):
        for key in _KEYS:
            if isinstance(each, ast.Subscript) and _is_scope(each.value):
                if isinstance(each.slice, ast.Constant) and each.slice.value == key:
                    return key
            elif isinstance(each, ast.Call) and ast.unparse(each.func).endswith(
                "scope.get"
            ):
                first = each.args[0] if each.args else None
                if isinstance(first, ast.Constant) and first.value == key:
                    return key
    return ""


def _is_scope(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name == "scope"


def _never_there(constant: ast.Constant, key: str) -> bool:
    value = constant.value
    if isinstance(value, bytes):
        return key == "headers" and value != value.lower()
    return isinstance(value, str) and value != ""
