"""Compare the code of two apps: the functions that ran, statement by statement.

A port changes few statements: it adds `async` and `await`, and imports Quart. If we take
that away, the statements that still differ are where a port went wrong. We read the
source; we do not run it.
"""

import ast
import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from comparison.tracing import parse, source_text, start_line

from .statements import (
    FUNCTIONS,
    Function,
    compared_line,
    compared_text,
    first_line,
    is_docstring,
    request_aliases,
    without_body,
)

MAX_FUNCTIONS = 40


class Statement(NamedTuple):
    """A statement: file, lines, source on one line, and how we compare it."""

    file: str
    line: int
    end: int
    source: str
    compared: str


class Change(NamedTuple):
    """Statements of the reference, and those of the candidate that replace them.

    `file` and `line` are the place in the candidate, also if it has no such statement.
    """

    reference: tuple[Statement, ...]
    candidate: tuple[Statement, ...]
    file: str
    line: int


class Module:
    """The functions of one file, by name, and its other statements.

    `imports` has the names that the file imports from each package.
    """

    def __init__(self, file: str, tree: ast.Module, lines: list[str]) -> None:
        self.file = file
        self.tree = tree
        self.lines = lines
        self.aliases: dict[str, ast.expr] = {}
        self.functions: dict[str, Function] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self.imports: dict[str, set[str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, FUNCTIONS):
                self.functions.setdefault(node.name, node)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    package = alias.name.partition(".")[0]
                    names = self.imports.setdefault(package, set())
                    names.add(alias.asname or package)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = self.imports.setdefault(node.module.partition(".")[0], set())
                names |= {alias.asname or alias.name for alias in node.names}

    def statements(self, node: Function | ast.Module) -> list[Statement]:
        """Return the statements of a function, without those of functions inside it."""
        found: list[Statement] = []
        self.aliases = request_aliases(node) if isinstance(node, FUNCTIONS) else {}
        if isinstance(node, FUNCTIONS):
            found += [self._statement(each) for each in node.decorator_list]
            found.append(self._header(node))
        self._add(node.body, found)
        return [each for each in found if each.compared]

    def reachable(self, names: Iterable[str]) -> list[str]:
        """Return these functions, and those of this file that they name."""
        found = [name for name in names if name in self.functions]
        for name in found:
            if len(found) >= MAX_FUNCTIONS:
                break
            found += [each for each in self._named(name) if each not in found]
        return found

    def _named(self, function: str) -> tuple[str, ...]:
        """Return the functions of this file that a function names."""
        if function not in self._names:
            used = (
                getattr(node, "id", None) or getattr(node, "attr", None)
                for node in ast.walk(self.functions[function])
            )
            self._names[function] = tuple(
                dict.fromkeys(name for name in used if name in self.functions)
            )
        return self._names[function]

    def _add(self, body: Iterable[ast.stmt], found: list[Statement]) -> None:
        for node in body:
            if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)):
                continue
            inner = [
                value
                for field in ("body", "orelse", "finalbody", "handlers", "cases")
                for value in getattr(node, field, ())
            ]
            if not inner:
                if not is_docstring(node):
                    found.append(self._statement(node))
                continue
            found.append(self._header(node))
            self._add_inner(node, found)

    def _add_inner(self, node: ast.AST, found: list[Statement]) -> None:
        for field in ("body", "handlers", "orelse", "finalbody", "cases"):
            for value in getattr(node, field, ()):
                if isinstance(value, ast.stmt):
                    self._add([value], found)
                else:
                    found.append(self._header(value))
                    self._add_inner(value, found)

    def _statement(self, node: ast.AST) -> Statement:
        line, end = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        source = " ".join(each.strip() for each in self.lines[line - 1 : end])
        return Statement(
            self.file, line, end, source, compared_text(node, self.aliases)
        )

    def _header(self, node: ast.AST) -> Statement:
        line = getattr(node, "lineno", None) or first_line(node)
        source = self.lines[line - 1].strip() if line <= len(self.lines) else ""
        compared = compared_text(without_body(node), self.aliases)
        return Statement(self.file, line, line, source, compared)


def changes(
    reference: tuple[str, Iterable[str]], candidate: tuple[str, Iterable[str]]
) -> tuple[Change, ...]:
    """Return how the code that ran differs between two files.

    Each side is a short path, and the names of the functions that the framework called.
    We compare functions of the same name, and what these call.
    """
    one, other = module(reference[0]), module(candidate[0])
    if one is None or other is None:
        return ()
    names = dict.fromkeys(
        [*one.reachable(reference[1]), *other.reachable(candidate[1])]
    )
    return _changed_functions(one, other, tuple(names))


def changes_outside(reference: str, candidate: str) -> tuple[Change, ...]:
    """Return how the configuration of two files differs.

    We compare the statements outside of functions, and those of factories.
    """
    one, other = module(reference), module(candidate)
    if one is None or other is None:
        return ()
    return _changed_outside(one, other)


# Many cases run the same functions.
@lru_cache(maxsize=1024)
def _changed_functions(
    one: Module, other: Module, names: tuple[str, ...]
) -> tuple[Change, ...]:
    return tuple(
        change
        for name in names
        if name in one.functions and name in other.functions
        for change in changed_between(
            one, one.functions[name], other, other.functions[name]
        )
    )


@lru_cache(maxsize=64)
def _changed_outside(one: Module, other: Module) -> tuple[Change, ...]:
    factories = _changed_functions(one, other, ("create_app", "make_app"))
    return (*changed_between(one, one.tree, other, other.tree), *factories)


def definition_of(file: str, function: str) -> Statement | None:
    """Return the first line of a function, with the decorators before it."""
    found = module(file)
    if found is None or function not in found.functions:
        return None
    node = found.functions[function]
    first = start_line(node)
    source = found.lines[first - 1].strip()
    return Statement(file, first, node.lineno, source, "")


_WEBSOCKET = re.compile(r"""websocket\(\s*["']([^"']+)["']""")


def websocket_rule(file: str, path: str) -> Statement | None:
    """Return the line of a file that has a websocket rule for exactly this path."""
    found = module(file)
    for number, line in enumerate(found.lines if found is not None else (), 1):
        rule = _WEBSOCKET.search(line)
        if rule is not None and rule[1] == path:
            return Statement(file, number, number, line.strip(), "")
    return None


def changed_between(
    one: Module,
    left: Function | ast.Module,
    other: Module,
    right: Function | ast.Module,
) -> Iterator[Change]:
    """Yield the statements that differ between two functions, or outside of functions."""
    ours, theirs = one.statements(left), other.statements(right)
    matcher = difflib.SequenceMatcher(
        None, [s.compared for s in ours], [s.compared for s in theirs], autojunk=False
    )
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        lost, added = tuple(ours[i1:i2]), tuple(theirs[j1:j2])
        if added:
            line = _first_changed(one, lost, other, added)
        elif j1 < len(theirs):
            line = theirs[j1].line
        elif isinstance(right, ast.Module):
            line = len(other.lines)
        elif theirs:
            line = theirs[-1].line
        else:
            line = getattr(right, "lineno", 1)
        yield Change(lost, added, other.file, line)


def _first_changed(
    one: Module, lost: Sequence[Statement], other: Module, added: Sequence[Statement]
) -> int:
    """Return the first line of the candidate that the reference does not have."""
    before = {
        compared_line(text)
        for each in lost
        for text in one.lines[each.line - 1 : each.end]
    }
    first = added[0]
    for number in range(first.line, first.end + 1):
        if compared_line(other.lines[number - 1]) not in before:
            return number
    return first.line


def module(file: str) -> Module | None:
    """Return a file of an app by its short path, or None if we cannot read it."""
    source = source_text(file)
    return _module(file, source) if source else None


@lru_cache(maxsize=64)
def _module(file: str, source: str) -> Module | None:
    try:
        return Module(file, parse(source), source.splitlines(keepends=True))
    except (SyntaxError, ValueError, RecursionError):
        return None
