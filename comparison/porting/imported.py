"""Find imports that Quart has no counterpart for: names, extensions, databases."""

from collections.abc import Iterator

from .imports import without_counterpart
from .program import Program
from .tables import table
from .undecided import Found


def imported(program: Program, module: str) -> Iterator[Found]:
    """Yield what is left to decide about the imports of a module."""
    extensions = {each["module"]: each for each in table("extensions")["extension"]}
    connections = table("blocking")["imports"]
    seen: set[tuple[str, int]] = set()
    for name, node in program.modules[module].imports:
        if remedy := without_counterpart(name):
            yield Found(node, "missing", what=name, remedy=remedy)
        root = name.partition(".")[0]
        if program.module_named(root) is not None or (root, node) in seen:
            continue
        seen.add((root, node))
        known = extensions.get(root) or extensions.get(name.rpartition(".")[0])
        if known is not None or root.startswith("flask_"):
            known = known or {"serves": "nothing that this table has"}
            remedy = f"on Quart serves {known['serves']}"
            if known.get("patch"):
                remedy += f", or import {table('extensions')['patch']} first"
            yield Found(node, "extension", what=root, remedy=remedy)
        elif root in connections:
            remedy = f"use {connections[root]}"
            yield Found(node, "connection", what=root, remedy=remedy)
