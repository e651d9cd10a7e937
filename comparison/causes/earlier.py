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
_OF_CONCURRENT = {
    "blocks-others": "blocking-call",
    "waits-for-others": "waiting-call",
    "concurrent": "request",
}
"""Facts about concurrent requests, this one or earlier ones, by the facts that they are."""


def facts_of_earlier(
    earlier: Sequence[Request], now: Facts, info: TargetInfo
) -> dict[str, list[Fact]]:
    """Return facts about earlier requests of one target, whose names say so.

    `now` are the facts about the request that differs.
    """
    found: dict[str, list[Fact]] = {}
    together = [now] if _is_concurrent(now) else []
    for request in earlier:
        facts = facts_of(request, info, (), False)
        together += [facts] if _is_concurrent(facts) else []
        for name in _NAMES:
            found.setdefault(f"earlier.{name}", []).extend(facts.get(name, ()))
    found["unclosed-iterable"] = [
        each
        for view in found.get("earlier.view", ())
        for later in now.get("view", ())
        for each in _unclosed(view, later)
    ]
    for name, what in _OF_CONCURRENT.items():
        found[name] = [each for facts in together for each in facts.get(what, ())]
    return {name: several for name, several in found.items() if several}


def _is_concurrent(facts: Facts) -> bool:
    """Return whether a request is in flight together with the next."""
    return any(_MEANWHILE in each.text for each in facts.get("request", ()))


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
