"""Rewrite statements: `with`, `yield from`, and imports that are needed."""

from collections.abc import Sequence
from typing import Any

import libcst as cst

from .syntax import dotted


def async_with(new: cst.With, value: str) -> cst.With:
    """Make some items of a `with` asynchronous, in the order that they had."""
    wanted = {int(each) for each in value.split(",")}
    flags = [index in wanted for index in range(len(new.items))]
    if all(flags):
        return new.with_changes(asynchronous=cst.Asynchronous())
    runs: list[tuple[bool, list[cst.WithItem]]] = []
    for flag, item in zip(flags, new.items, strict=True):
        if not runs or runs[-1][0] != flag:
            runs.append((flag, []))
        runs[-1][1].append(item.with_changes(comma=cst.MaybeSentinel.DEFAULT))
    body: cst.BaseSuite = new.body
    for flag, items in reversed(runs):
        inner = cst.With(items, body, cst.Asynchronous() if flag else None)
        body = cst.IndentedBlock([inner])
    return inner.with_changes(leading_lines=new.leading_lines)


def yielded(new: cst.SimpleStatementLine, value: str) -> cst.For:
    """Write `yield from` as a loop: async generators have no `yield from`."""
    statement: Any = new.body[0]
    each = cst.Name("each")
    return cst.For(
        each,
        statement.value.value.item,
        cst.IndentedBlock([cst.SimpleStatementLine([cst.Expr(cst.Yield(each))])]),
        asynchronous=cst.Asynchronous() if value else None,
        leading_lines=new.leading_lines,
    )


def iterated(new: cst.Call, _: str) -> cst.Call:
    """Take all values of an asynchronous generator where a call takes an iterable."""
    name = new.func.value if isinstance(new.func, cst.Name) else ""
    first = new.args[0]
    each = cst.Name("each")
    loop = cst.CompFor(each, first.value, asynchronous=cst.Asynchronous())
    values = cst.ListComp(each, loop)
    if name == "list" and len(new.args) == 1:
        return values  # type: ignore[return-value]
    return new.with_changes(args=[first.with_changes(value=values), *new.args[1:]])


def add_imports(module: cst.Module, needed: Sequence[str]) -> cst.Module:
    """Add imports that a module lacks: beside those of Quart, or before the first one."""
    present = {
        module.code_for_node(small).strip()
        for line in module.body
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
    }
    body: list[Any] = list(module.body)
    for text in needed:
        if text in present:
            continue
        added: Any = cst.parse_statement(text)
        beside = [at for at, line in enumerate(body) if _is_of_quart(line)]
        if text.startswith("from quart") and beside:
            body.insert(beside[-1] + 1, added)
            continue
        at = _first_import(body)
        if at < len(body):
            added = added.with_changes(leading_lines=body[at].leading_lines)
            body[at] = body[at].with_changes(leading_lines=[])
        body.insert(at, added)
    return module.with_changes(body=body) if len(body) > len(module.body) else module


def _is_of_quart(line: Any) -> bool:
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if isinstance(small, cst.ImportFrom):
        return not small.relative and dotted(small.module).partition(".")[0] == "quart"
    return False


def _first_import(body: Sequence[Any]) -> int:
    for index, line in enumerate(body):
        if not isinstance(line, cst.SimpleStatementLine):
            return index
        small = line.body[0]
        if (
            isinstance(small, cst.ImportFrom)
            and getattr(small.module, "value", "") == "__future__"
        ):
            continue
        if not (index == 0 and isinstance(small, cst.Expr)):
            return index
    return len(body)
