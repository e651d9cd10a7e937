"""Find places in an app's source: statements, functions, settings, uses of a package."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from comparison.models import Event
from comparison.tracing import function_source, is_app_file, start_line

from .code import Module, module
from .statements import FUNCTIONS, Function

_SETTING = re.compile(r"""["']([A-Z][A-Z_]+)["']\]?\s*[=:]|\b([A-Z][A-Z_]+)\s*=""")
_STARTUP = ("before_serving", "while_serving", "startup", "before_app_serving")
_KINDS = (("route_matched", "view_called"), ("hook_called", "handler_called"))


class Place(NamedTuple):
    """A place in a file, and the statement there, on one line."""

    file: str = ""
    line: int = 0
    source: str = ""


def app_file(trace: Sequence[Event], spec: str) -> str:
    """Return the file of the view that ran, of other code of the app, or of its SPEC."""
    for kinds in _KINDS:
        for event in trace:
            if event.event in kinds and is_app_file(event.file):
                return event.file
    name = spec.partition(":")[0].replace(".", "/")
    for file in (f"{name}.py", f"{name}/__init__.py", spec.partition(":")[0]):
        if file.endswith(".py") and is_app_file(file):
            return file
    return ""


def statement_at(file: str, line: int) -> Place:
    """Return the simple statement, or the header of the compound one, at a line."""
    found = module(file)
    return _statement_at(file, found, line) if found is not None else Place()


@lru_cache(maxsize=1024)
def _statement_at(file: str, found: Module, line: int) -> Place:
    inside = [
        node
        for node in ast.walk(found.tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    if not inside:
        return Place()
    node = min(inside, key=lambda each: (each.end_lineno or 0) - each.lineno)
    body = getattr(node, "body", None)
    if not body:
        source = ast.get_source_segment("".join(found.lines), node) or ""
        return Place(file, node.lineno, " ".join(source.split()))
    lines = found.lines[node.lineno - 1 : max(body[0].lineno - 1, node.lineno)]
    header = " ".join(each.strip() for each in lines)
    return Place(file, node.lineno, re.sub(r":\s+#.*", ":", header))


def function_at(file: str, line: int) -> Function | None:
    """Return the innermost function around a line."""
    found = module(file)
    around = [
        node
        for first, node in (_functions(found) if found is not None else ())
        if first <= line <= (node.end_lineno or 0)
    ]
    return max(around, key=lambda each: each.lineno, default=None)


@lru_cache(maxsize=64)
def _functions(found: Module) -> list[tuple[int, Function]]:
    """Return the functions of a module, each with its first line."""
    return [
        (start_line(node), node)
        for node in ast.walk(found.tree)
        if isinstance(node, FUNCTIONS)
    ]


def whole_function(file: str, line: int) -> Place | None:
    """Return the function whose `def` is on a line, with its decorators, or None."""
    source = function_source(file, line)
    decorators = source.partition("def ")[0].count("\n")
    return Place(file, line - decorators, source) if source else None


def tests_main(file: str, line: int) -> bool:
    """Return whether a line outside of functions depends on `__name__`."""
    found = module(file)
    return found is not None and any(
        isinstance(node, ast.If)
        and node.lineno <= line <= (node.end_lineno or 0)
        and "__name__" in ast.unparse(node.test)
        for node in found.tree.body
    )


def plain_method(file: str, name: str) -> Place | None:
    """Return the first plain method of this name in the classes of a file."""
    found = module(file)
    for node in ast.walk(found.tree) if found is not None else ():
        if isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and each.name == name:
                    return Place(file, each.lineno, _line(file, each.lineno))
    return None


def settings_in(file: str) -> dict[str, Place]:
    """Return where a file sets settings of the app, by name; the first place of each."""
    found = module(file) if file else None
    return _settings(found) if found is not None else {}


@lru_cache(maxsize=64)
def _settings(found: Module) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for number, line in enumerate(found.lines, 1):
        for match in _SETTING.finditer(line):
            name = match[1] or match[2]
            places.setdefault(name, Place(found.file, number, line.strip()))
    return places


def settings_near(file: str, spec: str) -> dict[str, Place]:
    """Return where an app sets settings.

    That is in the file of a view, in that of its SPEC, or in an own module that one of
    them imports names from.
    """
    own = _settings_near(file)
    return {**_settings_near(app_file((), spec)), **own}


def _settings_near(file: str) -> dict[str, Place]:
    found = module(file) if file else None
    places = dict(settings_in(file))
    for node in found.tree.body if found is not None else ():
        if isinstance(node, ast.ImportFrom) and node.module:
            folder = file.rpartition("/")[0] if node.level else ""
            near = f"{folder}/{node.module.replace('.', '/')}.py".removeprefix("/")
            if near != file and is_app_file(near):
                places = {**settings_in(near), **places}
    return places


def use_of(file: str, package: str) -> Place | None:
    """Return where a file sets a package up: its first call of it, or its import."""
    found = module(file)
    if found is None:
        return None
    names = found.imports.get(package, ())
    for node in ast.walk(found.tree):
        if isinstance(node, ast.Call) and _root(node.func) in names:
            return Place(file, node.lineno, _line(file, node.lineno))
    return next(_imports(found.tree.body, file, package), None)


def import_of(file: str, package: str) -> Place | None:
    """Return where a file imports a package, or None."""
    found = module(file)
    return (
        None if found is None else next(_imports(found.tree.body, file, package), None)
    )


def generator_in(file: str, line: int) -> Place | None:
    """Return the first generator function inside the function around a line."""
    outer = function_at(file, line)
    for node in ast.walk(outer) if outer is not None else ():
        if node is outer or not isinstance(node, FUNCTIONS):
            continue
        if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in ast.walk(node)):
            return Place(file, node.lineno, _line(file, node.lineno))
    return None


def set_at_startup(file: str) -> Iterator[tuple[str, str, Place]]:
    """Yield what a file's functions set when the server starts: the name, who, where."""
    found = module(file) if file else None
    for function in found.functions.values() if found is not None else ():
        if not any(map(_at_startup, function.decorator_list)):
            continue
        where = Place(file, function.lineno, _line(file, function.lineno))
        for node in ast.walk(function):
            if name := stored(node):
                yield name, function.name, where


def names_from(file: str, line: int, package: str) -> list[str]:
    """Return the names in a statement that its file imports from a package."""
    found = module(file)
    imported = found.imports.get(package, ()) if found is not None else ()
    words = re.findall(r"\w+", statement_at(file, line).source) if imported else ()
    return [word for word in dict.fromkeys(words) if word in imported]


def same_line(file: str, at: tuple[str, int]) -> Place | None:
    """Return the line of a file that is equal to a line of the other app, or None.

    `at` is the file and the line there. Both are in functions of the same name. Changes
    that every port makes do not count.
    """
    own, found, around = module(at[0]), module(file), function_at(*at)
    other = found.functions.get(around.name) if found and around else None
    if own is None or found is None or around is None or other is None:
        return None
    lines = (s.compared for s in own.statements(around) if s.line <= at[1] <= s.end)
    wanted = next(lines, "")
    for each in found.statements(other):
        if each.compared == wanted:
            return Place(file, each.line, each.source)
    return None


def set_in_main(file: str) -> Iterator[tuple[str, Place]]:
    """Yield what the branch for a script sets, or the function that it calls, by name.

    That is the branch of `if __name__ == "__main__":` in a file.
    """
    found = module(file) if file else None
    for branch in found.tree.body if found is not None else ():
        if not isinstance(branch, ast.If) or "__main__" not in ast.unparse(branch.test):
            continue
        for node in (each for statement in branch.body for each in ast.walk(statement)):
            name = stored(node)
            if isinstance(node, ast.Call):
                name = _last_name(node.func)
            if name:
                yield name, statement_at(file, getattr(node, "lineno", branch.lineno))


def stored(node: ast.AST) -> str:
    """Return the name of what a node sets: a name, an attribute or a key; or ""."""
    if not isinstance(getattr(node, "ctx", None), ast.Store):
        return ""
    if isinstance(node, ast.Subscript):
        key = node.slice
        return str(key.value) if isinstance(key, ast.Constant) else ""
    return _last_name(node)


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else _root(node)


def _at_startup(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(called, "attr", "") in _STARTUP


def _imports(body: Iterable[ast.stmt], file: str, package: str) -> Iterator[Place]:
    for node in body:
        name = node.module if isinstance(node, ast.ImportFrom) else None
        if isinstance(node, ast.Import):
            name = node.names[0].name
        if name is not None and name.partition(".")[0] == package:
            yield Place(file, node.lineno, _line(file, node.lineno))


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _line(file: str, number: int) -> str:
    found = module(file)
    return found.lines[number - 1].strip() if found is not None else ""
