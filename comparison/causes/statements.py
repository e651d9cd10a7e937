"""Statements of two apps, without what every port from Flask to Quart changes."""

import ast
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from comparison.tracing import parse

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_PORTED = re.compile(r"\basync |\bawait |[()\s]")
_FRAMEWORKS = re.compile(r"\b(?:Flask|Quart)\b")
_NAMES = re.compile(r"flask|quart", re.IGNORECASE)
_PACKAGES = re.compile(r"\b(?:flask|quart)(?=[_.]|\b)")
_SCOPE = re.compile(r"\brequest\.scope\b")  # what `request.environ` is in Flask
# A port replaces what blocks by its asynchronous counterpart.
_COUNTERPARTS = re.compile(
    r"\b(?:aiofiles|aiohttp|aiosqlite|asyncio|httpx|queue|requests|sqlite3|threading|time)\."
)
# The names of the request's values in both frameworks.
_OF_THE_REQUEST = ("form", "files", "json", "data", "values", "get_json", "get_data")
# Werkzeug 2 renamed arguments of `send_file`; Quart has the names of before.
_ARGUMENTS = {
    "attachment_filename": "download_name",
    "cache_timeout": "max_age",
    "add_etags": "etag",
}


class _Plain(ast.NodeTransformer):
    """Removes what every port to Quart changes: `async`, `await` and names.

    `aliases` are variables that hold a value of the request, which Flask code reads from
    the request each time.
    """

    def __init__(self, aliases: Mapping[str, ast.expr]) -> None:
        self.aliases = aliases

    def visit_Name(self, node: ast.Name) -> Any:
        return self.aliases.get(node.id, node)

    def visit_keyword(self, node: ast.keyword) -> Any:
        self.generic_visit(node)
        node.arg = _ARGUMENTS.get(node.arg or "", node.arg)
        return node

    def visit_Await(self, node: ast.Await) -> Any:
        return self.visit(node.value)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        self.generic_visit(node)
        return ast.For(node.target, node.iter, node.body, node.orelse, lineno=1)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        self.generic_visit(node)
        return ast.With(node.items, node.body, lineno=1)


def request_aliases(node: ast.AST) -> dict[str, ast.expr]:
    """Return the variables of a function that are assigned once, from the request."""
    found: dict[str, ast.expr] = {}
    times: Counter[str] = Counter()
    for each in ast.walk(node):
        if not isinstance(each, ast.Assign) or len(each.targets) != 1:
            continue
        (target,) = each.targets
        if not isinstance(target, ast.Name):
            continue
        times[target.id] += 1
        value = each.value.value if isinstance(each.value, ast.Await) else each.value
        made = value.func if isinstance(value, ast.Call) else value
        if isinstance(made, ast.Attribute) and made.attr in _OF_THE_REQUEST:
            found[target.id] = value
    return {name: value for name, value in found.items() if times[name] == 1}


def compared_text(node: ast.AST, aliases: Mapping[str, ast.expr]) -> str:
    """Write a statement as we compare it; "" for the assignment of an alias."""
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    if isinstance(target, ast.Name) and target.id in aliases:
        return ""
    try:
        text = ast.unparse(_Plain(aliases).visit(parse(ast.unparse(node))))
    except (SyntaxError, ValueError, RecursionError):
        text = ast.unparse(node)
    text = _COUNTERPARTS.sub("library.", _SCOPE.sub("request.environ", text))
    return _PACKAGES.sub("framework", _FRAMEWORKS.sub("Framework", text))


def compared_line(source: str) -> str:
    """Write a line as we compare it, which may be only a part of a statement.

    >>> compared_line("name = (await request.form)['name']")
    "name=request.form['name']"
    """
    text = _COUNTERPARTS.sub("library.", _SCOPE.sub("request.environ", source))
    return neutral(_PORTED.sub("", text))


def neutral(text: str) -> str:
    """Write the names of both frameworks alike.

    >>> neutral("shop_flask.py") == neutral("shop_quart.py")
    True
    """
    return _NAMES.sub("framework", text)


def without_body(node: ast.AST) -> ast.AST:
    """Return the header of a compound statement, as a statement."""
    empty: list[ast.stmt] = [ast.Pass()]
    if isinstance(node, FUNCTIONS):
        return parse(f"def {node.name}({ast.unparse(node.args)}): pass").body[0]
    fields = {name: getattr(node, name, None) for name in node._fields}
    for name in ("orelse", "finalbody", "handlers"):
        if name in fields:
            fields[name] = []
    if isinstance(node, ast.ExceptHandler):
        caught = ast.unparse(node.type) if node.type is not None else "BaseException"
        return ast.Expr(ast.Constant(f"except {caught}"))
    if isinstance(node, ast.Try):
        return ast.Expr(ast.Constant("try"))
    if isinstance(node, ast.match_case):
        return ast.Expr(ast.Constant(f"case {ast.unparse(node.pattern)}"))
    if isinstance(node, ast.Match):
        return ast.Expr(node.subject)
    fields["body"] = empty
    kind = type(node)
    if isinstance(node, ast.AsyncFor | ast.For):
        kind = ast.For
    elif isinstance(node, ast.AsyncWith | ast.With):
        kind = ast.With
    return ast.fix_missing_locations(kind(**fields))


def first_line(node: ast.AST) -> int:
    """Return the line of the first node inside one that has no line itself."""
    lines = (getattr(each, "lineno", None) for each in ast.walk(node))
    return next((line for line in lines if line is not None), 1)


def is_docstring(node: ast.stmt) -> bool:
    """Return whether a statement is only a text."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
