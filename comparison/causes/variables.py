"""Find variables of a context or thread that two apps see otherwise.

Python copies the context for each task. A thread keeps its context and its thread-local
values from one request to the next.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from .code import Module, module
from .fact import Fact, Named
from .facts import Facts
from .places import Place, function_at, statement_at
from .statements import FUNCTIONS, Function
from .threads import last_name, reached_from, variables_of, writes

_CONTEXT = "context variable"
_NOTHING = re.compile(r"\bnull\b|\bNone\b")
_OF_G = re.compile(r"\bg\.\w+")
_ASGI = {"scope", "receive", "send"}


def facts_of_variables(facts: Facts, file: str) -> Iterator[Named]:
    """Yield what the source says about the variables of a context or thread.

    `facts` are those about a request of the app, and `file` has its code.
    """
    found = module(file) if file else None
    if found is None:
        return
    variables = variables_of(file)
    for name, where in _read_after_the_app(found):
        yield "variable-after-app", Fact(name, *where)
    for raised in facts.get("raised", ()):
        for name, where in _tested_where_raised(raised):
            yield "variable-of-thread", Fact(name, *where)
    view = _function(facts.get("view", ()), file)
    if view is None:
        return
    if _found_nothing(facts) and (copied := _copied_g(found, view)) is not None:
        yield "copied-g", Fact("g", *copied)
    for name, where in _with_local(found).items():
        if _is_around_await(view, name):
            yield "variable-of-thread", Fact(name, *where)
    for text, where in _run_in_copy(found, view):
        yield "context-run", Fact(text, *where)
    hooks = [
        function_at(each.file, each.line)
        for each in facts.get("event", ())
        if each.text.startswith("hook_called") and each.file == file
    ]
    before = [view, *(hook for hook in hooks if hook is not None)]
    earlier = [_function([each], file) for each in facts.get("earlier.view", ())]
    for name, kind in variables.items():
        if not _reads(file, [view], name):
            continue
        was = _write(file, [each for each in earlier if each is not None], name)
        if was is not None:
            yield "variable-of-earlier", Fact(f"{name} {kind}", *was)
        now = _write(file, before, name)
        if kind != _CONTEXT and now is not None and _awaits_before(view, name):
            yield "variable-of-thread", Fact(name, *now)


def _function(facts: Sequence[Fact], file: str) -> Function | None:
    """Return the function of the first fact about a view of a file, or None."""
    for fact in facts:
        if fact.file == file:
            lines = fact.text.partition("def ")[0].count("\n")
            return function_at(file, fact.line + lines)
    return None


def _found_nothing(facts: Facts) -> bool:
    """Return whether the app misses an attribute of `g`, or shows that it has none."""
    missed = any(
        each.text.startswith("AttributeError") and _OF_G.search(each.source)
        for each in facts.get("raised", ())
    )
    return missed or any(_NOTHING.search(each.text) for each in facts.get("body", ()))


def _copied_g(found: Module, view: Function) -> Place | None:
    """Return where a function that a view copies the context for uses `g`, or None."""
    for node in ast.walk(view):
        if isinstance(node, FUNCTIONS) and any(
            last_name(each) == "copy_current_request_context"
            for each in node.decorator_list
        ):
            for each in ast.walk(node):
                if isinstance(each, ast.Name) and each.id == "g":
                    return Place(*statement_at(found.file, each.lineno))
    return None


def _tested_where_raised(raised: Fact) -> Iterator[tuple[str, Place]]:
    """Yield the thread-local attribute of an object that a method tests, and then raises."""
    found = module(raised.file) if raised.file and not raised.library else None
    for owner in found.tree.body if found is not None else ():
        if isinstance(owner, ast.ClassDef) and _is_inside(raised, owner):
            tested = {
                node.attr
                for branch in ast.walk(owner)
                if isinstance(branch, ast.If) and _is_inside(raised, branch)
                for node in ast.walk(branch.test)
                if isinstance(node, ast.Attribute)
            }
            for node in ast.walk(owner):
                if isinstance(node, ast.Assign) and _makes_local(node):
                    name = last_name(node.targets[0])
                    if name in tested:
                        yield name, Place(*statement_at(raised.file, node.lineno))


def _is_inside(fact: Fact, node: ast.stmt) -> bool:
    return node.lineno <= fact.line <= (node.end_lineno or 0)


def _makes_local(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Call)
        and ast.unparse(each.func) in ("local", "threading.local")
        for each in ast.walk(node)
    )


@lru_cache(maxsize=64)
def _with_local(found: Module) -> dict[str, Place]:
    """Return the objects of a module that keep something for each thread, by name.

    Their class makes a `threading.local`, or they are a `scoped_session` of SQLAlchemy.
    """
    classes = {
        node.name: Place(*statement_at(found.file, each.lineno))
        for node in found.tree.body
        if isinstance(node, ast.ClassDef)
        for each in ast.walk(node)
        if isinstance(each, ast.Call) and _makes_local(each)
    }
    objects: dict[str, Place] = {}
    for node in found.tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made, keywords = last_name(node.value.func), node.value.keywords
            scoped = made == "scoped_session" and not any(
                each.arg == "scopefunc" for each in keywords
            )
            place = Place(*statement_at(found.file, node.lineno))
            where = classes.get(made, place if scoped else None)
            if where is not None:
                objects |= {ast.unparse(target): where for target in node.targets}
    return objects


def _is_around_await(view: Function, name: str) -> bool:
    """Return whether a view names a variable before and after it awaits something."""
    lines = [
        each.lineno
        for each in ast.walk(view)
        if isinstance(each, ast.Name) and each.id == name
    ]
    return any(
        min(lines, default=0) <= each.lineno <= max(lines, default=-1)
        for each in ast.walk(view)
        if isinstance(each, ast.Await)
    )


def _run_in_copy(found: Module, view: Function) -> Iterator[tuple[str, Place]]:
    """Yield `context.run(function)` in a view, if a coroutine function sets a variable."""
    for node in ast.walk(view):
        if (
            not isinstance(node, ast.Call)
            or not isinstance(node.func, ast.Attribute)
            or node.func.attr != "run"
            or not node.args
        ):
            continue
        work = last_name(node.args[0])
        function = found.functions.get(work)
        if not isinstance(function, ast.AsyncFunctionDef):
            continue
        for name in variables_of(found.file):
            if _sets(found.file, function, name) and _names(view, name):
                context = ast.unparse(node.func.value)
                where = Place(*statement_at(found.file, node.lineno))
                yield f"{context} {work} {name}", where


@lru_cache(maxsize=64)
def _read_after_the_app(found: Module) -> tuple[tuple[str, Place], ...]:
    """Return the variables that a middleware reads after it awaited the app."""
    return tuple(
        (name, Place(*statement_at(found.file, node.lineno)))
        for function in found.functions.values()
        if isinstance(function, ast.AsyncFunctionDef)
        and {each.arg for each in function.args.args} >= _ASGI
        for awaited in (_line_of_app(function),)
        if awaited is not None
        for name, kind in variables_of(found.file).items()
        if kind == _CONTEXT and not _sets(found.file, function, name)
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == name and node.lineno > awaited
    )


def _line_of_app(middleware: ast.AsyncFunctionDef) -> int | None:
    """Return the line where a middleware awaits the app, or None."""
    for node in ast.walk(middleware):
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            names = [last_name(each) for each in node.value.args]
            if names[:2] == ["scope", "receive"]:
                return node.lineno
    return None


def _write(file: str, functions: Sequence[Function], name: str) -> Place | None:
    """Return the first statement of some functions that sets a variable, or None."""
    for function in functions:
        for where, node in reached_from(file, function):
            for each in ast.walk(node):
                if where == file and writes(each, name):
                    return Place(*statement_at(file, getattr(each, "lineno", 0)))
    return None


def _awaits_before(view: Function, name: str) -> bool:
    """Return whether a view awaits something before it names a variable."""
    awaits = [each.lineno for each in ast.walk(view) if isinstance(each, ast.Await)]
    names = [
        each.lineno
        for each in ast.walk(view)
        if isinstance(each, ast.Name) and each.id == name
    ]
    return bool(awaits) and min(awaits) <= max(names, default=0)


def _sets(file: str, function: Function, name: str) -> bool:
    return _write(file, [function], name) is not None


def _reads(file: str, functions: Sequence[Function], name: str) -> bool:
    return any(
        _names(node, name)
        for function in functions
        for where, node in reached_from(file, function)
        if where == file
    )


def _names(function: Function, name: str) -> bool:
    """Return whether a function uses a variable, other than to set it."""
    set_here = {
        id(each.value)
        for each in ast.walk(function)
        if writes(each, name) and isinstance(each, ast.Attribute)
    }
    return any(
        isinstance(each, ast.Name) and each.id == name and id(each) not in set_here
        for each in ast.walk(function)
    )
