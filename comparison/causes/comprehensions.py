"""Find expressions that cannot have an `await`, and write them so that they can."""

import ast
from collections.abc import Iterator, Mapping

Parents = Mapping[ast.AST, ast.AST]


def comprehended(text: str, tree: ast.AST, name: str) -> str:
    """Return a text with `map` or `filter` of a coroutine function as a comprehension.

    Returns "" if it has none. `tree` is the parsed text, and `name` that of the function.
    """
    lines = text.split("\n")
    for node in ast.walk(tree):
        written = _comprehension(text, node, name)
        if written and isinstance(node, ast.Call) and node.lineno == node.end_lineno:
            line = lines[node.lineno - 1].encode()
            before, after = line[: node.col_offset], line[node.end_col_offset :]
            lines[node.lineno - 1] = (before + written.encode() + after).decode()
            return "\n".join(lines)
    return ""


def outer_generator(node: ast.AST, parents: Parents) -> ast.GeneratorExp | None:
    """Return the generator expression whose element or condition a node is in, or None.

    Its first iterable is evaluated outside.
    """
    for child, parent in _upwards(node, parents):
        if isinstance(parent, ast.GeneratorExp):
            first = parent.generators[0]
            within_first = child is first and any(
                n is node for n in ast.walk(first.iter)
            )
            return None if within_first else parent
    return None


def in_lambda(node: ast.AST, parents: Parents) -> bool:
    """Return whether a node is in a `lambda`, which cannot await."""
    return any(isinstance(each, ast.Lambda) for _, each in _upwards(node, parents))


def _upwards(node: ast.AST, parents: Parents) -> Iterator[tuple[ast.AST, ast.AST]]:
    parent = parents.get(node)
    while parent is not None and not isinstance(parent, ast.stmt):
        yield node, parent
        node, parent = parent, parents.get(parent)


def _comprehension(text: str, node: ast.AST, name: str) -> str:
    """Return `map` or `filter` of a coroutine function as a comprehension, or ""."""
    if not isinstance(node, ast.Call) or len(node.args) != 2:
        return ""
    kind = node.func.id if isinstance(node.func, ast.Name) else ""
    function, values = node.args
    if kind not in ("map", "filter"):
        return ""

    def source(part: ast.AST) -> str:
        return ast.get_source_segment(text, part) or ast.unparse(part)

    each, called = "each", f"await {source(function)}(each)"
    if isinstance(function, ast.Lambda):
        body = function.body
        if not isinstance(body, ast.Call) or _last(body.func) != name:
            return ""
        each, called = ast.unparse(function.args), f"await {source(body)}"
    elif _last(function) != name:
        return ""
    within = f"for {each} in {source(values)}"
    return f"[{called} {within}]" if kind == "map" else f"[{each} {within} if {called}]"


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
