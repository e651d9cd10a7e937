"""Write a statement with the `await` that it lacks."""

import ast

from comparison.tracing import parse

_TRIED = ("{}", "{} pass", "async def f():\n {}", "async def f():\n {} pass", "({})")


def with_await(source: str, coroutine: str) -> str:
    """Return a statement with `await` before each use of a coroutine, or "" if unknown.

    >>> with_await('name = request.get_json()["name"]', "Request.get_json")
    'name = (await request.get_json())["name"]'
    >>> with_await("if not request.form:", "Request.form")
    'if not await request.form:'
    """
    name = coroutine.rpartition(".")[2]
    for wrapped in _TRIED:
        text = wrapped.format(source)
        try:
            tree = parse(text)
        except (SyntaxError, ValueError):
            continue
        changed = _changed(text, tree, name)
        start = wrapped.index("{}")
        end = len(wrapped) - start - 2
        return changed[start : len(changed) - end] if changed else ""
    return ""


def _changed(text: str, tree: ast.AST, name: str) -> str:
    parents = {
        child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)
    }
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.expr)
        and _uses(node, name, parents.get(node))
        and not isinstance(parents.get(node), ast.Await)
    ]
    lines = text.split("\n")
    for node in sorted(found, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        parent = parents.get(node)
        if node.lineno != node.end_lineno or node.end_col_offset is None:
            return ""
        line = lines[node.lineno - 1].encode()
        before, after = line[: node.col_offset], line[node.end_col_offset :]
        value = b"await " + line[node.col_offset : node.end_col_offset]
        inner = (
            isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is node
        )
        if inner or (isinstance(parent, ast.Call) and parent.func is node):
            value = b"(" + value + b")"
        lines[node.lineno - 1] = (before + value + after).decode()
    return "\n".join(lines) if found else ""


def _uses(node: ast.expr, name: str, parent: ast.AST | None) -> bool:
    """Return whether this is the call of a function, or the use of a property."""
    if isinstance(node, ast.Call):
        called = node.func
        named = isinstance(called, ast.Name) and called.id == name
        return named or (isinstance(called, ast.Attribute) and called.attr == name)
    called_itself = isinstance(parent, ast.Call) and parent.func is node
    return isinstance(node, ast.Attribute) and node.attr == name and not called_itself
