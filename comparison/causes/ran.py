"""Find what one app ran in a request: its functions, in all modules, and their lines."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from comparison.models import Event
from comparison.tracing import is_app_file, start_line

from .code import Module, module
from .statements import FUNCTIONS, Function, neutral
from .threads import reached_from

_RAN = frozenset({
    "line", "view_called", "view_returned", "view_raised", "handler_called",
    "handler_returned", "handler_raised", "function_called", "function_returned",
    "function_raised", "hook_called", "hook_returned",
})  # fmt: skip


class Named(NamedTuple):
    """A function of an app by its file, and its name with those of what is around it."""

    file: str
    name: str


Ran = dict[Named, list[tuple[int, Event]]]
"""The functions that ran, each with its events and their numbers in the trace."""


def ran(trace: Sequence[Event]) -> Ran:
    """Return the functions of the app that ran, in the order in which they began.

    The lines of hooks are not recorded. So the functions that a hook calls are included,
    without events.
    """
    found: Ran = {}
    for number, event in enumerate(trace):
        if event.event in _RAN and event.file and is_app_file(event.file):
            named = function_named(event.file, event.line)
            if named is not None:
                found.setdefault(named, []).append((number, event))
                if event.event == "hook_called":
                    for each in _called_by(named):
                        found.setdefault(each, [])
    return found


def function_named(file: str, line: int) -> Named | None:
    """Return the innermost function around a line, or None outside of functions."""
    found = module(file)
    if found is None:
        return None
    inside = [
        (node.lineno, name)
        for name, node in functions_of(found).items()
        if start_line(node) <= line <= (node.end_lineno or 0)
    ]
    return Named(file, max(inside)[1]) if inside else None


@lru_cache(maxsize=64)
def functions_of(found: Module) -> dict[str, Function]:
    """Return all functions of a module by name, with the names of what is around them."""
    functions: dict[str, Function] = {}

    def add(node: ast.AST, around: str) -> None:
        for each in ast.iter_child_nodes(node):
            name = around
            if isinstance(each, (*FUNCTIONS, ast.ClassDef)):
                name = f"{around}.{each.name}" if around else each.name
            if isinstance(each, FUNCTIONS):
                functions.setdefault(name, each)
            add(each, name)

    add(found.tree, "")
    return functions


def pairs(
    ours: Iterable[Named], theirs: Iterable[Named]
) -> Iterator[tuple[Named, Named]]:
    """Yield the functions of two apps that have the same name, in files alike."""
    by_name: dict[str, list[Named]] = {}
    for named in ours:
        by_name.setdefault(named.name, []).append(named)
    for named in theirs:
        twins = by_name.get(named.name)
        if twins:
            yield max(twins, key=lambda each: _alike(each.file, named.file)), named


def _alike(one: str, other: str) -> int:
    """Return how many parts of two paths are alike, from the end."""
    parts = [neutral(path).split("/")[::-1] for path in (one, other)]
    number = 0
    for left, right in zip(*parts, strict=False):
        if left != right:
            break
        number += 1
    return number


def _called_by(hook: Named) -> list[Named]:
    """Return the functions that a hook calls, and those that these call."""
    found = module(hook.file)
    node = functions_of(found).get(hook.name) if found is not None else None
    reached = reached_from(hook.file, node) if node is not None else ()
    several = (function_named(file, each.lineno) for file, each in reached)
    return [each for each in several if each is not None and each != hook]
