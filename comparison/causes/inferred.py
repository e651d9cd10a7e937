"""Infer facts from recorded facts and the app's source."""

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .awaiting import coroutine_in
from .code import module
from .places import (
    function_at,
    names_from,
    packages_of,
    plain_method,
    statement_at,
    use_of,
)

_USED_AS_VALUE = re.compile(
    r"'?coroutine'? object|type '?coroutine|(?:not|got) '?coroutine|'coroutine'"
)
_NOT_AWAITABLE = re.compile(r"can't be (?:used in 'await' expression|awaited)")
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
    for name, fact in facts:
        if name == "never-awaited":
            yield from _wrapped(fact)
        elif name == "raised":
            yield from _raised(fact, file)


def _wrapped(fact: Fact) -> Iterator[Named]:
    """A coroutine whose name its maker does not mention was called by a wrapper."""
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


def _raised(fact: Fact, file: str) -> Iterator[Named]:
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
    if fact.library:
        yield from _in_library(fact, file)
    for package in dict.fromkeys(packages_of(fact.file) if fact.file else ()):
        names = "|".join(map(re.escape, names_from(fact.file, package)))
        where = statement_at(fact.file, fact.line)
        if package.startswith("flask_") and names and not fact.library and re.search(
            rf"\b(?:{names})\b", where.source
        ):  # fmt: skip
            yield "extension", Fact(package, *where)


def _in_library(fact: Fact, file: str) -> Iterator[Named]:
    source, _, line = fact.library.rpartition(":")
    package = source.partition("/")[0]
    if package not in _FRAMEWORKS and package in packages_of(file):
        yield "extension", Fact(package, *(use_of(file, package) or ()))
    called = _METHOD.findall(statement_at(source, int(line)).source)
    if _NOT_AWAITABLE.search(fact.text):
        for name in called:
            where = plain_method(file, name)
            if where is not None:
                yield "overridden", Fact(name, *where)


_YIELDS = (ast.Yield, ast.YieldFrom)
_FRAMEWORKS = ("flask", "quart", "werkzeug", "jinja2", "asyncio")


def _coroutine_functions(file: str) -> frozenset[str]:
    found = module(file)
    functions = found.functions.values() if found is not None else ()
    return frozenset(n.name for n in functions if isinstance(n, ast.AsyncFunctionDef))
