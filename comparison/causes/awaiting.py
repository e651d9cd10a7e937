"""Find the coroutine that a statement uses, and write it with the missing `await`."""

import ast
from collections.abc import Container, Iterator

from comparison.tracing import parse

from .api import coroutine_functions, coroutine_members, is_method
from .comprehensions import comprehended, in_lambda, outer_generator

_TRIED = ("{}", "{} pass", "async def f():\n {}", "async def f():\n {} pass", "({})")
_KINDS = {
    "request": "Request", "websocket": "Request",
    "response": "Response", "resp": "Response",
}  # fmt: skip
"""What the variables of these names are, in nearly all apps."""
_AWAITED_AFTER = ("save",)
"""Methods that Quart's asynchronous properties lead to, and that are coroutines too."""


def with_await(source: str, coroutine: str) -> str:
    """Return a statement with `await` before each use of a coroutine, or "" if unknown.

    An `await` that stands before what is done with the coroutine is removed.

    >>> with_await('name = request.get_json()["name"]', "Request.get_json")
    'name = (await request.get_json())["name"]'
    >>> with_await("if not request.form:", "Request.form")
    'if not await request.form:'
    >>> with_await("form = await request.form.to_dict()", "Request.form")
    'form = (await request.form).to_dict()'
    >>> with_await("return any(may(user) for user in users)", "may")
    'return any([await may(user) for user in users])'
    >>> with_await("return list(filter(may, users))", "may")
    'return list([each for each in users if await may(each)])'
    >>> with_await('price = client.get("/price").json["price"]', "QuartClient.get")
    'price = (await (await client.get("/price")).json)["price"]'
    """
    kind, _, name = coroutine.rpartition(".")
    for wrapped, text, tree in _trees(source):
        changed = comprehended(text, tree, name) or _changed(
            text, tree, name, of_client=kind == "QuartClient"
        )
        start = wrapped.index("{}")
        end = len(wrapped) - start - 2
        return changed[start : len(changed) - end] if changed else ""
    return ""


def call_awaited(source: str, form: str = "await {}") -> str:
    """Return a statement with `await` before the call whose result it has, or "".

    >>> call_awaited("return func(*args)")
    'return await func(*args)'
    """
    for _, text, tree in _trees(source):
        node = next((n for n in ast.walk(tree) if isinstance(n, ast.stmt)), None)
        value = getattr(node, "value", None)
        if text != source or not isinstance(value, ast.Call) or "\n" in source:
            return ""
        if value.func.col_offset != value.col_offset:  # in parentheses
            return ""
        line = source.encode()
        before, after = line[: value.col_offset], line[value.end_col_offset :]
        called = form.format(ast.unparse(value.func))
        rest = line[value.func.end_col_offset : value.end_col_offset]
        return (before + called.encode() + rest + after).decode()
    return ""


def coroutine_in(source: str, functions: Container[str]) -> tuple[str, bool] | None:
    """Return the coroutine that a statement uses as a value, or None.

    `functions` are the names of the app's coroutine functions. The second item says
    whether an `await` stands in front of what the statement does with the coroutine.

    >>> coroutine_in("form = await request.form.to_dict()", ())
    ('request.form', True)
    """
    for _, _, tree in _trees(source):
        parents = _parents(tree)
        for node in ast.walk(tree):
            name = _coroutine(node, parents.get(node), functions)
            if name and not isinstance(parents.get(node), ast.Await):
                return name, _misplaced(node, parents) is not None
        return None
    return None


def _trees(source: str) -> Iterator[tuple[str, str, ast.AST]]:
    for wrapped in _TRIED:
        text = wrapped.format(source)
        try:
            yield wrapped, text, parse(text)
        except (SyntaxError, ValueError):
            continue


def _parents(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {
        child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)
    }


def _coroutine(node: ast.AST, parent: ast.AST | None, functions: Container[str]) -> str:
    """Return the name of the coroutine that an expression is, or ""."""
    called = node.func if isinstance(node, ast.Call) else node
    if isinstance(parent, ast.Call) and parent.func is node:
        return ""
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        kind = _KINDS.get(called.value.id, "")
        if (
            kind
            and called.attr in coroutine_members(kind)
            and isinstance(node, ast.Call) == is_method(kind, called.attr)
        ):
            return ast.unparse(called)
    if not isinstance(node, ast.Call):
        return ""
    name = called.attr if isinstance(called, ast.Attribute) else ""
    if isinstance(called, ast.Name):
        name = called.id
        if name in coroutine_functions():
            return name
    return ast.unparse(called) if name in functions else ""


def _misplaced(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.Await | None:
    """Return the `await` of the attribute, item or call that follows a coroutine."""
    last = ""
    parent = parents.get(node)
    while isinstance(parent, ast.Attribute | ast.Subscript | ast.Call):
        if node not in (getattr(parent, "value", None), getattr(parent, "func", None)):
            return None
        last = parent.attr if isinstance(parent, ast.Attribute) else last
        node, parent = parent, parents.get(parent)
    used = isinstance(parent, ast.Await) and last not in _AWAITED_AFTER
    return parent if used and isinstance(parent, ast.Await) else None


def _changed(text: str, tree: ast.AST, name: str, *, of_client: bool) -> str:
    parents = _parents(tree)
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.expr)
        and _uses(node, name, parents.get(node))
        and not isinstance(parents.get(node), ast.Await)
    ]
    # A use within another one comes first.
    within = {node: {*ast.walk(node)} - {node} for node in found}
    innermost = [node for node in found if within[node].isdisjoint(found)]
    changes: list[tuple[int, int, int, bytes]] = []
    lines = text.split("\n")
    for node in innermost:
        parent = parents.get(node)
        if (
            node.lineno != node.end_lineno
            or node.end_col_offset is None
            or in_lambda(node, parents)
        ):
            return ""
        line = lines[node.lineno - 1].encode()
        value = b"await " + line[node.col_offset : node.end_col_offset]
        inner = (
            isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is node
        )
        if inner or (isinstance(parent, ast.Call) and parent.func is node):
            value = b"(" + value + b")"
        changes.append((node.lineno, node.col_offset, node.end_col_offset, value))
        read = _read_of_response(node, parents) if of_client else None
        if read is not None and read.end_col_offset is not None:
            start, end = read.col_offset, read.end_col_offset
            used = isinstance(parents.get(read), ast.Attribute | ast.Subscript)
            changes.append(
                (node.lineno, start, start, b"(await " if used else b"await ")
            )
            changes.append((node.lineno, end, end, b")" if used else b""))
        outer = _misplaced(node, parents)
        if outer is not None:
            start = outer.col_offset
            changes.append((outer.lineno, start, outer.value.col_offset, b""))
        # With `await`, a generator expression is asynchronous: few functions take one.
        around = outer_generator(node, parents)
        if around is not None and around.end_col_offset is not None:
            end = around.end_col_offset
            changes.append(
                (around.lineno, around.col_offset + 1, around.col_offset + 1, b"[")
            )
            changes.append((around.lineno, end - 1, end - 1, b"]"))
    for number, start, end, value in sorted({*changes}, reverse=True):
        line = lines[number - 1].encode()
        lines[number - 1] = (line[:start] + value + line[end:]).decode()
    if len(innermost) < len(found):
        text = "\n".join(lines)
        return _changed(text, parse(text), name, of_client=of_client)
    return "\n".join(lines) if found else ""


def _read_of_response(
    node: ast.expr, parents: dict[ast.AST, ast.AST]
) -> ast.expr | None:
    """Return what an expression reads of a response, if that is a coroutine too."""
    parent = parents.get(node)
    if not isinstance(parent, ast.Attribute) or parent.value is not node:
        return None
    if parent.attr not in coroutine_members("Response"):
        return None
    called = parents.get(parent)
    method = isinstance(called, ast.Call) and called.func is parent
    return called if method and isinstance(called, ast.Call) else parent


def _uses(node: ast.expr, name: str, parent: ast.AST | None) -> bool:
    """Return whether this is the call of a function, or the use of a property."""
    if isinstance(node, ast.Call):
        called = node.func
        named = isinstance(called, ast.Name) and called.id == name
        return named or (isinstance(called, ast.Attribute) and called.attr == name)
    called_itself = isinstance(parent, ast.Call) and parent.func is node
    return isinstance(node, ast.Attribute) and node.attr == name and not called_itself
