"""Infer facts from recorded facts and the app's source."""

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .awaiting import coroutine_in
from .code import module
from .places import function_at, plain_method, set_at_startup, statement_at, use_of

_USED_AS_VALUE = re.compile(
    r"'?coroutine'? object|type '?coroutine|(?:not|got) '?coroutine|'coroutine'"
)
_NOT_AWAITABLE = re.compile(r"can't be (?:used in 'await' expression|awaited)")
_MISSING = re.compile(
    r"AttributeError|KeyError|NameError|LookupError|TypeError: 'NoneType'"
)
_METHOD = re.compile(r"(\w+)\)?\(")


class Fact(NamedTuple):
    """A fact as text, and the place in the app's code that it is about.

    `library` is the place in a library where an exception was raised, if it was there.
    """

    text: str
    file: str = ""
    line: int = 0
    source: str = ""
    library: str = ""


Named = tuple[str, Fact]


def inferred(facts: Sequence[Named], file: str) -> Iterator[Named]:
    """Yield what the facts and the source of the app's `file` together say."""
    found = module(file) if file else None
    if found is not None:
        yield "module", Fact("".join(found.lines), file, 1)
    packages: set[str] = set()
    for name, fact in facts:
        if name == "never-awaited":
            yield from _wrapped(fact)
        elif name == "raised":
            yield from _raised(fact)
            yield from _from_extension(fact, packages)
            yield from _set_at_startup(fact, file)
        elif name == "library":
            yield from _in_library(fact, file, packages)


def _wrapped(fact: Fact) -> Iterator[Named]:
    """A coroutine whose name its maker does not mention was called by a wrapper."""
    if not fact.file:
        yield "unplaced-coroutine", fact
        return
    name = fact.text.rpartition(".")[2]
    where = statement_at(fact.file, fact.line)
    around = function_at(*where[:2]) if where.file else None
    called = isinstance(around, ast.FunctionDef)
    if (
        called
        and where.source
        and not re.search(rf"\b{re.escape(name)}\b", where.source)
    ):
        yield "wrapped-coroutine", Fact(fact.text, *where)


def _raised(fact: Fact) -> Iterator[Named]:
    if fact.source:
        yield "raising", fact._replace(text=fact.source)
    around = function_at(fact.file, fact.line) if fact.file else None
    if around is not None and any(isinstance(n, _YIELDS) for n in ast.walk(around)):
        yield "generator", fact._replace(text=around.name)
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
    for package, names in found.imports.items() if found is not None else ():
        if package.startswith("flask_") and package not in seen:
            where = statement_at(fact.file, fact.line)
            if names & set(re.findall(r"\w+", where.source)):
                seen.add(package)
                yield "extension", Fact(package, *where)


def _set_at_startup(fact: Fact, file: str) -> Iterator[Named]:
    """The app's code that raised uses a name that a function at the start sets."""
    if not _MISSING.match(fact.text):
        return
    used = set(re.findall(r"\w+", fact.source))
    for name, function, where in set_at_startup(file):
        if name in used:
            yield "set-at-startup", Fact(f"{name} {function}", *where)


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


def _coroutine_functions(file: str) -> frozenset[str]:
    found = module(file)
    functions = found.functions.values() if found is not None else ()
    return frozenset(n.name for n in functions if isinstance(n, ast.AsyncFunctionDef))
