"""Find in a module what it makes of the names that it imports from a package."""

import ast
import re
from collections.abc import Collection, Iterator
from functools import cache, lru_cache

from .code import Module

_CONNECTING = ("connect", "connect_via", "connected_to")


def subclasses(found: Module, names: Collection[str]) -> set[str]:
    """Return the classes of a module that derive from one of these names."""
    derived: set[str] = set()
    for node in found.tree.body:
        if isinstance(node, ast.ClassDef):
            bases = set(re.findall(r"\w+", " ".join(map(ast.unparse, node.bases))))
            if bases & {*names, *derived}:
                derived.add(node.name)
    return derived


@lru_cache(maxsize=64)
def signals_of_flask(found: Module) -> tuple[tuple[str, int], ...]:
    """Return the signals of Flask that a module connects receivers to, with the line."""
    return tuple(_signals_of_flask(found))


def _signals_of_flask(found: Module) -> Iterator[tuple[str, int]]:
    imported = found.imports.get("flask", set())
    for node in ast.walk(found.tree) if imported else ():
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        called = node.func
        if called.attr not in _CONNECTING:
            continue
        first, *_, last = ast.unparse(called.value).split(".") * 2
        if first in imported and last in _signals():
            yield last, node.lineno


@cache
def _signals() -> frozenset[str]:
    """Return the names of the signals that Flask and Quart both have, each its own."""
    import flask.signals
    import quart.signals

    mine, theirs = vars(flask.signals), vars(quart.signals)
    return frozenset(
        name
        for name, signal in mine.items()
        if hasattr(signal, "connect") and theirs.get(name, signal) is not signal
    )
