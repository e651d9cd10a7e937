"""Rewrite imports of Flask, and the names that they bind."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

import libcst as cst

from .syntax import dotted
from .tables import table

PROXY_FIX = "werkzeug.middleware.proxy_fix.ProxyFix"
PROXY_FIXED = "hypercorn.middleware.ProxyFixMiddleware"


def new_name(name: str) -> str:
    """Return the dotted name that Quart has for one of Flask, or the name itself.

    >>> new_name("flask.views.MethodView")
    'quart.views.MethodView'
    >>> new_name("flask.Flask")
    'quart.Quart'
    """
    moved: dict[str, str] = table("moved")["renamed"]
    if name in moved:
        return moved[name]
    if name == PROXY_FIX:
        return PROXY_FIXED
    root, dot, rest = name.partition(".")
    return f"quart{dot}{rest}" if root == "flask" else name


def without_counterpart(name: str) -> str:
    """Return the remedy if Quart has nothing of this name, or "".

    The import then stays, so that it is seen.
    """
    missing: dict[str, str] = table("moved")["missing"]
    if name in table("moved")["renamed"]:
        return ""
    parts = name.split(".")
    prefixes = (".".join(parts[:end]) for end in range(len(parts), 1, -1))
    return next((missing[prefix] for prefix in prefixes if prefix in missing), "")


def ported_imports(
    nodes: Sequence[cst.CSTNode], parents: Mapping[cst.CSTNode, cst.CSTNode]
) -> dict[cst.CSTNode, str]:
    """Return the edits of the import statements of a module, and of the names they bind."""
    edits: dict[cst.CSTNode, str] = {}
    names: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, cst.Import | cst.ImportFrom):
            bound = _bound(node)
            if bound is not None:
                names |= bound
                edits[parents[node]] = "import"
    roots = {name for name in ("flask",) if name in names}
    for node in nodes if roots else ():
        if isinstance(node, cst.Attribute) and dotted(node).partition(".")[0] in roots:
            new = new_name(dotted(node))
            short = new.rpartition(".")[2]
            if short != node.attr.value and new.startswith("quart."):
                edits[node] = f"attribute:{short}"
    if names:
        for node in nodes:
            if isinstance(node, cst.Name) and node.value in names:
                if _is_use(node, parents.get(node)):
                    edits[node] = f"rename:{names[node.value]}"
            elif isinstance(node, cst.SimpleString) and _is_annotation(node, parents):
                word = node.raw_value
                if word in names:
                    edits[node] = f"rename:{node.quote}{names[word]}{node.quote}"
    return edits


def context_managers(
    nodes: Sequence[cst.CSTNode],
    parents: Mapping[cst.CSTNode, cst.CSTNode],
    changed: Container[cst.CSTNode],
) -> dict[cst.CSTNode, str]:
    """Return the edits of `from contextlib import contextmanager`.

    `changed` are the decorators that become `asynccontextmanager`.
    """
    uses = [
        parents.get(node) in changed
        for node in nodes
        if isinstance(node, cst.Name)
        and node.value == "contextmanager"
        and _is_use(node, parents.get(node))
    ]
    if not any(uses):
        return {}
    edit = "rename" if all(uses) else "add"
    return {
        node: f"{edit}_alias:asynccontextmanager"
        for node in nodes
        if isinstance(node, cst.ImportAlias)
        and node.asname is None
        and dotted(node.name) == "contextmanager"
    }


def rename_alias(new: cst.ImportAlias, value: str) -> cst.ImportAlias:
    """Import another name instead."""
    return new.with_changes(name=cst.Name(value))


def add_alias(new: cst.ImportAlias, value: str) -> list[cst.ImportAlias]:
    """Import another name too."""
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return [cst.ImportAlias(cst.Name(value), comma=comma), new]


def _is_use(node: cst.Name, parent: cst.CSTNode | None) -> bool:
    """Whether a name is an expression, and not the name of a parameter or an attribute."""
    if isinstance(parent, cst.Attribute):
        return parent.value is node
    if isinstance(parent, cst.Arg):
        return parent.value is node
    if isinstance(parent, cst.Param):
        return parent.default is node
    return not isinstance(
        parent,
        cst.ImportAlias | cst.ImportFrom | cst.AsName | cst.FunctionDef | cst.ClassDef,
    )


def _is_annotation(
    node: cst.CSTNode, parents: Mapping[cst.CSTNode, cst.CSTNode]
) -> bool:
    above = parents.get(node)
    while isinstance(
        above, cst.BinaryOperation | cst.Subscript | cst.SubscriptElement | cst.Index
    ):
        above = parents.get(above)
    return isinstance(above, cst.Annotation)


def _bound(node: cst.Import | cst.ImportFrom) -> dict[str, str] | None:
    """Return the new names that a statement binds, or None if nothing changes."""
    found: dict[str, str] = {}
    changes = False
    if isinstance(node, cst.Import):
        for alias in node.names:
            name = dotted(alias.name)
            if new_name(name) != name and not without_counterpart(name):
                changes = True
                if alias.asname is None:
                    found["flask"] = "quart"
        return found if changes else None
    base = dotted(node.module)
    if node.relative or not base:
        return None
    if isinstance(node.names, cst.ImportStar):
        return {} if new_name(base) != base else None
    for alias in node.names:
        name = f"{base}.{dotted(alias.name)}"
        new = new_name(name)
        if new != name and not without_counterpart(name):
            changes = True
            short = new.rpartition(".")[2]
            if alias.asname is None and short != dotted(alias.name):
                found[dotted(alias.name)] = short
    return found if changes else None


def import_lines(new: cst.SimpleStatementLine, _: str) -> Any:
    """Rewrite the imports of a line; those that move elsewhere get new lines."""
    statements: list[Any] = []
    extra: list[cst.SimpleStatementLine] = []
    for statement in new.body:
        if isinstance(statement, cst.Import):
            statements.append(
                statement.with_changes(names=[_alias(a) for a in statement.names])
            )
        elif isinstance(statement, cst.ImportFrom) and dotted(statement.module):
            first, *others = _split(statement)
            statements.append(first)
            extra += [cst.SimpleStatementLine([other]) for other in others]
        else:
            statements.append(statement)
    changed = new.with_changes(body=statements)
    return [changed, *extra] if extra else changed


def _alias(alias: cst.ImportAlias) -> cst.ImportAlias:
    name = dotted(alias.name)
    if without_counterpart(name) or new_name(name) == name:
        return alias
    return alias.with_changes(name=_expression(new_name(name)))


def _expression(name: str) -> Any:
    return cst.parse_expression(name)


def _split(statement: cst.ImportFrom) -> list[cst.ImportFrom]:
    """Return an import for each module that its names are in now, the first in place."""
    base = dotted(statement.module)
    if isinstance(statement.names, cst.ImportStar):
        return [statement.with_changes(module=_expression(new_name(base)))]
    groups: dict[str, list[cst.ImportAlias]] = {}
    for alias in statement.names:
        name = f"{base}.{dotted(alias.name)}"
        new = name if without_counterpart(name) else new_name(name)
        module, _, short = new.rpartition(".")
        changed = alias.with_changes(name=cst.Name(short))
        groups.setdefault(module, []).append(changed)
    usual = new_name(base)
    order = sorted(groups, key=lambda module: module != usual)
    found = []
    for position, module in enumerate(order):
        names = groups[module]
        if len(order) > 1 and (position or statement.lpar is None):
            names[-1] = names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        changed_statement = statement.with_changes(
            module=_expression(module), names=names
        )
        if position:
            names = [
                each.with_changes(comma=cst.MaybeSentinel.DEFAULT) for each in names
            ]
            changed_statement = cst.ImportFrom(_expression(module), names)
        found.append(changed_statement)
    return found
