"""Infer facts from recorded facts and the app's source."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from .awaiting import coroutine_in
from .blocking import blocking_calls, locks_across_await, waiting_calls
from .code import module
from .environs import lacking_class, object_of_server
from .fact import Fact, Named
from .imports import signals_of_flask, subclasses
from .missing import what_is_missing
from .places import (
    Place,
    function_at,
    plain_method,
    statement_at,
    tests_main,
    use_of,
    whole_function,
)
from .scopes import text_for_bytes
from .threads import (
    cache_of,
    lost_variables,
    modules_of,
    started_with,
    variables_of_executor,
)

_USED_AS_VALUE = re.compile(
    r"'?coroutine'? object|type '?coroutine|(?:not|got) '?coroutine|'coroutine'"
    r"|can only join an iterable"
)
_NOT_AWAITABLE = re.compile(r"can't be (?:used in 'await' expression|awaited)")
_METHOD = re.compile(r"(\w+)\)?\(")
_AWAITED = re.compile(r"\bawait (?:\w+\.)*(\w+)")
_SPECIAL = re.compile(r"__(?!call__)\w+__")


def inferred(
    facts: Sequence[Named], file: str, settings: Mapping[str, str]
) -> Iterator[Named]:
    """Yield what the facts and the source of the app's `file` together say."""
    found = module(file) if file else None
    if found is not None:
        yield "module", Fact("".join(found.lines), file, 1)
        for signal, line in signals_of_flask(found):
            source = found.lines[line - 1].strip()
            yield "flask-signal", Fact(signal, file, line, source)
        for key, looked_for, place in text_for_bytes(found):
            yield "scope-text", Fact(f"{key} {looked_for}", *place)
        for lock, place in locks_across_await(found):
            yield "lock-across-await", Fact(lock, *place)
    yield from _plain_hooks(facts)
    yield from _plain_handlers(facts)
    yield from _executors(facts)
    yield from _blocking(facts)
    packages: set[str] = set()
    for name, fact in facts:
        if name == "never-awaited":
            yield from _wrapped(fact)
            if not fact.file and file:
                yield from _lost(fact.text, file)
        elif name == "raised":
            yield from _raised(fact)
            yield from what_is_missing(fact, file, settings)
            yield from _from_extension(fact, packages)
        elif name == "library":
            yield from _in_library(fact, file, packages)


def _lost(name: str, file: str) -> Iterator[Named]:
    """A coroutine that no code of the app made: a thread or a library called for it."""
    modules = [found for found in modules_of(file) if found is not None]
    for found in modules:
        where = started_with(found.file, name)
        if where is not None:
            yield "thread-coroutine", Fact(name, *where)
            return
    for found in modules:
        function = found.functions.get(name)
        if isinstance(function, ast.AsyncFunctionDef):
            source = f"async def {name}(...)"
            yield "library-coroutine", Fact(name, found.file, function.lineno, source)
            return


def _plain_hooks(facts: Sequence[Named]) -> Iterator[Named]:
    """The plain hooks that ran before the view, and what they set in their thread."""
    view = next((fact for name, fact in facts if name == "view"), None)
    for name, fact in facts:
        if name == "event" and fact.text.startswith("view_called"):
            return
        kind, _, hook = fact.text.partition(" ")
        if name != "event" or kind != "hook_called" or not fact.file:
            continue
        node = function_at(fact.file, fact.line)
        if not isinstance(node, ast.FunctionDef):
            continue
        where = Place(fact.file, node.lineno, f"def {node.name}(...)")
        yield "plain-hook", Fact(f"{hook}\n{ast.unparse(node)}", *where)
        if view is not None and view.file == fact.file:
            # Decorators stand before the line of `def`, and belong to the function.
            for variable, what in lost_variables(fact.file, node.lineno, view.line):
                yield "lost-variable", Fact(f"{node.name} {variable} {what}", *where)


def _plain_handlers(facts: Sequence[Named]) -> Iterator[Named]:
    """The plain error handlers that ran, with their source."""
    for name, fact in facts:
        if name == "event" and fact.text.startswith("handler_called") and fact.file:
            node = function_at(fact.file, fact.line)
            if isinstance(node, ast.FunctionDef) and (
                found := whole_function(fact.file, node.lineno)
            ):
                text = found.source
                yield "plain-handler", Fact(text, found.file, found.line, node.name)


def _executors(facts: Sequence[Named]) -> Iterator[Named]:
    """The functions that a view passes to an executor, and what they lack there."""
    for name, fact in facts:
        if name == "view" and fact.file:
            for what, kind, where in variables_of_executor(fact.file, fact.line):
                yield "executor-variable", Fact(f"{what} {kind}", *where)


def _blocking(facts: Sequence[Named]) -> Iterator[Named]:
    """The calls in a view that wait; in an async view they block the event loop."""
    for name, fact in facts:
        if name == "view" and fact.file:
            for call, where in blocking_calls(fact.file, fact.line):
                yield "blocking-call", Fact(call, *where)
            for call, where in waiting_calls(fact.file, fact.line):
                yield "waiting-call", Fact(call, *where)


def _wrapped(fact: Fact) -> Iterator[Named]:
    """A coroutine whose name its maker does not mention was called by a wrapper."""
    if not fact.file:
        yield "unplaced-coroutine", fact
        return
    name = fact.text.rpartition(".")[2]
    where = statement_at(fact.file, fact.line)
    around = function_at(*where[:2]) if where.file else None
    if not isinstance(around, ast.FunctionDef) or not where.source:
        return
    if _SPECIAL.fullmatch(around.name):
        yield "special-method", Fact(f"{around.name} {fact.text}", *where)
    elif around.name == "__call__" and "." not in fact.text:
        yield "object-around-coroutine", Fact(fact.text, *where)
    elif not re.search(rf"\b{re.escape(name)}\b", where.source):
        yield "wrapped-coroutine", Fact(fact.text, *where)


def _raised(fact: Fact) -> Iterator[Named]:
    if fact.file and tests_main(fact.file, fact.line):
        yield "main-test", fact
    if fact.source:
        yield "raising", fact._replace(text=fact.source)
    around = function_at(fact.file, fact.line) if fact.file else None
    if around is not None:
        yield "around", fact._replace(text=ast.unparse(around))
    if around is not None and any(isinstance(n, _YIELDS) for n in ast.walk(around)):
        yield "generator", fact._replace(text=around.name)
    if around is not None and (where := started_with(fact.file, around.name)):
        yield "thread-function", Fact(around.name, *where)
    if "can only join an iterable" in fact.text and fact.file:
        # The message does not say what it is.
        where = statement_at(fact.file, fact.line)
        for name in re.findall(r"(\w+)\(", where.source):
            if name in _async_generators(fact.file):
                yield "joined-generator", Fact(name, *where)
    if (lacking := lacking_class(fact)) is not None:
        yield "lacking-class", lacking
    if (of_server := object_of_server(fact)) is not None:
        yield "server-object", of_server
    if "already awaited coroutine" in fact.text and fact.file:
        for name in _AWAITED.findall(statement_at(fact.file, fact.line).source):
            cached = cache_of(fact.file, name)
            if cached is not None:
                kind = "property" if "property" in cached.source else "coroutine"
                yield f"cached-{kind}", Fact(name, *cached)
    if not fact.library and _USED_AS_VALUE.search(fact.text):
        where = statement_at(fact.file, fact.line)
        functions = _coroutine_functions(fact.file)
        used = coroutine_in(where.source, functions)
        if used is not None:
            how = "misplaced" if used[1] else "missing"
            yield "coroutine", Fact(f"{how} {used[0]}", *where)


def _from_extension(fact: Fact, seen: set[str]) -> Iterator[Named]:
    """The app's statement that raised uses something of a Flask extension."""
    found = module(fact.file) if fact.file and not fact.library else None
    if found is None:
        return
    for package, names in found.imports.items():
        if package.startswith("flask_") and package not in seen:
            where = statement_at(fact.file, fact.line)
            derived = names | subclasses(found, names)
            if derived & set(re.findall(r"\w+", where.source)):
                seen.add(package)
                yield "extension", Fact(package, *where)


def _in_library(fact: Fact, file: str, seen: set[str]) -> Iterator[Named]:
    """`fact` has the source of a library's line, and the exception as its `source`."""
    found = module(file) if file else None
    package = fact.file.partition("/")[0]
    known = package in _FRAMEWORKS or package in seen
    if not known and found is not None and package in found.imports:
        seen.add(package)
        yield "extension", Fact(package, *(use_of(file, package) or ()))
    if _NOT_AWAITABLE.search(fact.source):
        for name in _METHOD.findall(fact.text):
            where = plain_method(file, name)
            if where is not None:
                yield "overridden", Fact(name, *where)


_YIELDS = (ast.Yield, ast.YieldFrom)
_FRAMEWORKS = ("flask", "quart", "werkzeug", "jinja2", "asyncio")


def _async_generators(file: str) -> frozenset[str]:
    found = module(file)
    functions = found.functions.values() if found is not None else ()
    names = frozenset(n.name for n in functions if isinstance(n, ast.AsyncFunctionDef))
    return names - _coroutine_functions(file)


def _coroutine_functions(file: str) -> frozenset[str]:
    found = module(file)
    functions = found.functions.values() if found is not None else ()
    return frozenset(
        n.name
        for n in functions
        if isinstance(n, ast.AsyncFunctionDef)
        and not any(isinstance(each, _YIELDS) for each in ast.walk(n))
    )
