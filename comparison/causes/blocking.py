"""Find calls that wait, and block the event loop: in a view, and in what it calls."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from .code import Module, module
from .places import Place, function_at, statement_at
from .statements import Function
from .threads import last_name, modules_of, reached_from

_CALLS = re.compile(
    r"time\.sleep|requests\.\w+|urllib\.request\.\w+|urllib3\..+"
    r"|httpx\.(?:get|post|put|patch|delete|head|request|stream)"
    r"|subprocess\.(?:run|call|check_call|check_output)|os\.system"
)
_MODULES = ("threading", "queue", "multiprocessing")
_WAITS = frozenset({"wait", "acquire", "get", "join", "put"})


def blocking_calls(file: str, view: int) -> Iterator[tuple[str, Place]]:
    """Yield the calls that block the event loop, each with its statement.

    `view` is a line of the view. A plain view blocks nothing: Quart runs it in a thread.
    """
    if isinstance(function_at(file, view), ast.AsyncFunctionDef):
        yield from _waiting_calls(file, modules_of(file), view)


def waiting_calls(file: str, view: int) -> Iterator[tuple[str, Place]]:
    """Yield the calls at which a plain view waits, each with its statement."""
    if isinstance(function_at(file, view), ast.FunctionDef):
        yield from _waiting_calls(file, modules_of(file), view)


@lru_cache(maxsize=256)
def _waiting_calls(
    file: str, _: tuple[Module | None, ...], view: int
) -> list[tuple[str, Place]]:
    function = function_at(file, view)
    return list(_calls_in(file, function)) if function is not None else []


def _calls_in(file: str, function: Function) -> Iterator[tuple[str, Place]]:
    for where, node in reached_from(file, function):
        found = module(where)
        names = _full_names(found) if found is not None else {}
        objects = _objects(found) if found is not None else set()
        awaited = _inside_await(node)
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and call not in awaited:
                text = ast.unparse(call.func)
                waits = last_name(call.func) in _WAITS
                owner = text.rpartition(".")[0]
                if _CALLS.fullmatch(_full(text, names)) or (waits and owner in objects):
                    yield text, Place(*statement_at(where, call.lineno))


@lru_cache(maxsize=64)
def locks_across_await(found: Module) -> tuple[tuple[str, Place], ...]:
    """Return the locks of threads that a coroutine function holds while it awaits."""
    objects = _objects(found)
    return tuple(
        (ast.unparse(item.context_expr), Place(*statement_at(found.file, node.lineno)))
        for function in found.functions.values()
        if objects and isinstance(function, ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.With)
        and any(
            isinstance(each, ast.Await) for part in node.body for each in ast.walk(part)
        )
        for item in node.items
        if ast.unparse(item.context_expr) in objects
    )


def _inside_await(function: Function) -> set[ast.AST]:
    return {
        inner
        for node in ast.walk(function)
        if isinstance(node, ast.Await)
        for inner in ast.walk(node)
    }


def _full(text: str, names: dict[str, str]) -> str:
    first, dot, rest = text.partition(".")
    return names.get(first, first) + dot + rest


@lru_cache(maxsize=64)
def _full_names(found: Module) -> dict[str, str]:
    """Return the full name of what a module imports, by the name that it has there."""
    names: dict[str, str] = {}
    for node in ast.walk(found.tree):
        if isinstance(node, ast.Import):
            names |= {a.asname: a.name for a in node.names if a.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return names


@lru_cache(maxsize=64)
def _objects(found: Module) -> set[str]:
    """Return the variables of a module with an object that threads wait for."""
    names = _full_names(found)
    return {
        ast.unparse(target)
        for node in found.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if _full(ast.unparse(node.value.func), names).startswith(_MODULES)
        for target in node.targets
    }
