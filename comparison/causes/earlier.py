"""Collect facts about the earlier requests of a case, which later ones may follow from."""

import ast
from collections.abc import Iterator, Sequence

from comparison.models import TargetInfo

from .code import Module, module
from .fact import Fact
from .facts import Facts, Request, facts_of
from .places import function_at, statement_at

_NAMES = ("raised", "view", "event", "request")
_MEANWHILE = "together with the next"
"""The words of a request line that say so of a concurrent request."""


def facts_of_earlier(
    earlier: Sequence[Request], now: Facts, info: TargetInfo
) -> dict[str, list[Fact]]:
    """Return facts about earlier requests of one target, whose names say so.

    `now` are the facts about the request that differs.
    """
    found: dict[str, list[Fact]] = {}
    blocking = _blocks_others(now)
    for request in earlier:
        facts = facts_of(request, info, (), False)
        blocking += _blocks_others(facts)
        for name in _NAMES:
            found.setdefault(f"earlier.{name}", []).extend(facts.get(name, ()))
    unclosed = [
        each
        for view in found.get("earlier.view", ())
        for later in now.get("view", ())
        for each in _unclosed(view, later)
    ]
    return {**found, "unclosed-iterable": unclosed, "blocks-others": blocking}


def _blocks_others(facts: Facts) -> list[Fact]:
    """Return the calls of a concurrent request that block the event loop."""
    concurrent = any(_MEANWHILE in each.text for each in facts.get("request", ()))
    return list(facts.get("blocking-call", ())) if concurrent else []


def _unclosed(view: Fact, later: Fact) -> Iterator[Fact]:
    """Yield the classes with `close` that a view uses, if a later view shows the effect."""
    found = module(view.file)
    function, user = (function_at(each.file, each.line) for each in (view, later))
    if found is None or function is None or user is None:
        return
    shown = _names(user)
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        close = _close_of(found, node.func.id)
        if close is not None and _names(close) & shown:
            yield Fact(node.func.id, *statement_at(view.file, node.lineno))


def _close_of(found: Module, name: str) -> ast.AST | None:
    """Return the `close` of an iterable class of a module, or None."""
    for node in found.tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            methods = {each.name: each for each in node.body if hasattr(each, "name")}
            if "__iter__" in methods or "__next__" in methods:
                return methods.get("close")
    return None


def _names(node: ast.AST) -> set[str]:
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return names - {"self"}
