"""Walk LibCST trees, without whitespace, and number their nodes."""

import dataclasses
from collections.abc import Iterator

import libcst as cst

_SKIPPED = {
    "lpar", "rpar", "leading_lines", "header", "footer", "lines_after_decorators",
    "semicolon", "comma", "lbracket", "rbracket", "lbrace", "rbrace", "equal", "tok",
    "trailing_whitespace", "colon", "dot", "default_indent", "default_newline",
    "asynchronous", "operator", "operators",
}  # fmt: skip
_fields: dict[type, tuple[str, ...]] = {}


def fields_of(node: cst.CSTNode) -> tuple[str, ...]:
    """Return the fields of a node that hold syntax, in the order of the source."""
    found = _fields.get(type(node))
    if found is None:
        found = _fields[type(node)] = tuple(
            field.name
            for field in dataclasses.fields(node)
            if field.name not in _SKIPPED
            and "whitespace" not in field.name
            and not field.name.startswith("_")
        )
    return found


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the child nodes, except whitespace and punctuation."""
    found: list[cst.CSTNode] = []
    for name in fields_of(node):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += [each for each in value if isinstance(each, cst.CSTNode)]
    return found


def numbered(module: cst.Module) -> list[cst.CSTNode]:
    """Return all nodes; equal sources give each node the same number."""
    found: list[cst.CSTNode] = []
    left: list[cst.CSTNode] = [module]
    while left:
        node = left.pop()
        found.append(node)
        left += reversed(children(node))
    return found


def parents(nodes: list[cst.CSTNode]) -> dict[cst.CSTNode, cst.CSTNode]:
    """Return the parent of each node."""
    return {child: node for node in nodes for child in children(node)}


def dotted(node: cst.CSTNode | None) -> str:
    """Return a name with dots, or "" if the expression is something else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        before = dotted(node.value)
        return before and f"{before}.{node.attr.value}"
    return ""


def names_in(target: cst.CSTNode) -> Iterator[cst.Name]:
    """Yield the names that a target of an assignment binds."""
    if isinstance(target, cst.Name):
        yield target
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from names_in(element.value)
