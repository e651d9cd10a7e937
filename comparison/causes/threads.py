"""Find in the source what a port to Quart moves to another thread.

Quart runs plain functions in worker threads, with a copy of the context. A thread that
gets a coroutine function only makes the coroutine.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache

from comparison.tracing import is_app_file

from .code import Module, module
from .places import Place, function_at, statement_at
from .statements import FUNCTIONS, Function

_STARTERS = frozenset({
    "Process", "Thread", "Timer", "add_job", "apply_async", "call_later", "call_soon",
    "call_soon_threadsafe", "run_in_executor", "run_sync", "start_new_thread",
    "submit", "to_thread",
})  # fmt: skip
_OTHER_CONTEXT = frozenset({
    "Process", "Thread", "Timer", "run_in_executor", "start_new_thread", "submit",
})  # fmt: skip
"""Those of them that do not copy the context of their caller."""
_PER_THREAD = {
    "local": "thread-local value",
    "ContextVar": "context variable",
}
_DEPTH = 3
"""How many calls deep we look for the use of a variable."""


def started_with(file: str, name: str) -> Place | None:
    """Return the statement of a file that passes a function to a thread, or None.

    `name` is the function's qualified name.
    """
    found = module(file)
    last = name.rpartition(".")[2]
    starters = _STARTERS | _passing_on(modules_of(file))
    for node in ast.walk(found.tree) if found is not None else ():
        if isinstance(node, ast.Call) and last_name(node.func) in starters:
            arguments = [*node.args, *(each.value for each in node.keywords)]
            if any(last in _passed(each) for each in arguments):
                return Place(*statement_at(file, node.lineno))
    return None


@lru_cache(maxsize=64)
def _passing_on(modules: tuple[Module | None, ...]) -> frozenset[str]:
    """Return the functions that pass a function which they get to a thread."""
    return frozenset(
        function.name
        for found in modules
        for function in (found.functions.values() if found is not None else ())
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and last_name(call.func) in _STARTERS
        for passed in [*call.args, *(each.value for each in call.keywords)]
        if _passed(passed) & {each.arg for each in function.args.args}
    )


def variables_of_executor(file: str, view: int) -> Iterator[tuple[str, str, Place]]:
    """Yield the variables of a context that a view's function reads in another thread.

    `view` is a line of the view. Each variable comes with the function that reads it, the
    kind of the variable, and the statement that passes the function on.
    """
    yield from _variables_of_executor(file, modules_of(file), view)


@lru_cache(maxsize=256)
def _variables_of_executor(
    file: str, _: tuple[Module | None, ...], view: int
) -> list[tuple[str, str, Place]]:
    outer = function_at(file, view)
    return list(_read_elsewhere(file, outer)) if outer is not None else []


def _read_elsewhere(file: str, outer: Function) -> Iterator[tuple[str, str, Place]]:
    for where, node in reached_from(file, outer):
        found = module(where)
        for call in ast.walk(node):
            if (
                not isinstance(call, ast.Call)
                or last_name(call.func) not in _OTHER_CONTEXT
            ):
                continue
            passed = set().union(*map(_passed, call.args), [])
            for name in passed & set(found.functions if found is not None else ()):
                assert found is not None
                for file_of, inner in reached_from(where, found.functions[name]):
                    for variable, kind in variables_of(file_of).items():
                        if _names(inner, variable) and not _writes(inner, variable):
                            place = statement_at(where, call.lineno)
                            yield f"{name} {variable}", kind, Place(*place)


def cache_of(file: str, name: str) -> Place | None:
    """Return the decorator of a coroutine function that caches its coroutine, or None."""
    found = module(file)
    function = found.functions.get(name) if found is not None else None
    if found is None or not isinstance(function, ast.AsyncFunctionDef):
        return None
    for decorator in function.decorator_list:
        text = ast.unparse(decorator)
        if "cache" in text.lower() or "memo" in text.lower():
            return Place(file, decorator.lineno, f"@{text}")
    return None


def lost_variables(file: str, hook: int, view: int) -> Iterator[tuple[str, str]]:
    """Yield the variables of one thread or context that a hook sets for the view.

    `hook` and `view` are lines of their definitions. Each variable comes with its kind.
    """
    yield from _lost_variables(file, modules_of(file), hook, view)


@lru_cache(maxsize=256)
def _lost_variables(
    file: str, _: tuple[Module | None, ...], hook: int, view: int
) -> list[tuple[str, str]]:
    sets, gets = function_at(file, hook), function_at(file, view)
    if sets is None or gets is None:
        return []
    lost: list[tuple[str, str]] = []
    written = {
        (where, name, kind)
        for where, node in reached_from(file, sets)
        for name, kind in variables_of(where).items()
        if _writes(node, name)
    }
    for where, name, kind in sorted(written):
        reached = reached_from(file, gets)
        if any(w == where and _names(node, name) for w, node in reached):
            lost.append((name, kind))
    return lost


def _passed(node: ast.expr) -> set[str]:
    """Return the names of the functions that an argument passes on."""
    if isinstance(node, ast.Call):
        # The call wraps a function and passes it on, as functools.partial does.
        return set().union(*map(_passed, node.args), [])
    return {last_name(node)}


def last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name, or "" for another expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def variables_of(file: str) -> dict[str, str]:
    """Return the variables of a module that belong to one thread or context."""
    found = module(file)
    variables = {}
    for node in found.tree.body if found is not None else ():
        value = getattr(node, "value", None)
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.AnnAssign):
            target = node.target
        if isinstance(target, ast.Name) and isinstance(value, ast.Call):
            kind = _PER_THREAD.get(last_name(value.func))
            if kind is not None:
                variables[target.id] = kind
    return variables


def _writes(node: ast.AST, name: str) -> bool:
    return any(writes(each, name) for each in ast.walk(node))


def writes(node: ast.AST, name: str) -> bool:
    """Return whether a node sets an attribute of a variable, or is its `set`."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and (isinstance(node.ctx, ast.Store) or node.attr == "set")
    )


def _names(node: ast.AST, name: str) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id == name for each in ast.walk(node)
    )


def modules_of(file: str) -> tuple[Module | None, ...]:
    """Return the module of a file and the app's modules that it imports.

    A cache has them in its key, because sources may change while a process lives.
    """
    found = module(file)
    if found is None:
        return ()
    return (found, *map(module, imported_files(found).values()))


def reached_from(file: str, function: Function) -> list[tuple[str, Function]]:
    """Return a function with its file, and the app's functions that it calls."""
    reached = {(file, function.name): function}
    layer = [(file, function)]
    for _ in range(_DEPTH):
        called = [each for where, outer in layer for each in _calls(where, outer)]
        layer = [(w, node) for w, node in called if (w, node.name) not in reached]
        reached |= {(where, node.name): node for where, node in layer}
    return [(where, node) for (where, _), node in reached.items()]


def _calls(file: str, function: Function) -> Iterator[tuple[str, Function]]:
    found = module(file)
    if found is None:
        return
    modules = imported_files(found)
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        where, name = file, last_name(called)
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            where = modules.get(called.value.id, file)
        elif name in modules:
            where = modules[name]
        target = module(where)
        inner = target.functions.get(name) if target is not None else None
        if isinstance(inner, FUNCTIONS):
            yield where, inner


@lru_cache(maxsize=64)
def imported_files(found: Module) -> dict[str, str]:
    """Return the files of the app's other modules by the names that a file imports."""
    folder = found.file.rpartition("/")[0]
    files: dict[str, str] = {}
    for node in ast.walk(found.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if where := _file_of(alias.name, [folder, ""]):
                    files[alias.asname or alias.name] = where
        elif isinstance(node, ast.ImportFrom):
            # One dot is the folder of the file, and each further one the folder above.
            parts = found.file.split("/")[: -node.level]
            folders = ["/".join(parts)] if node.level else [folder, ""]
            for alias in node.names:
                inner = f"{node.module}.{alias.name}" if node.module else alias.name
                where = _file_of(inner, folders) or _file_of(node.module or "", folders)
                if where:
                    files[alias.asname or alias.name] = where
    return files


def _file_of(name: str, folders: Iterable[str]) -> str:
    """Return the file of a module of the app that is in one of these folders, or ""."""
    path = name.replace(".", "/")
    for folder in folders:
        place = f"{folder}/{path}" if folder else path
        for file in (f"{place}.py", f"{place}/__init__.py") if name else ():
            if is_app_file(file) and module(file) is not None:
                return file
    return ""
