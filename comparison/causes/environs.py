"""Find what an app expects of an object that lacks it: `environ`, `scope`, own classes."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from .code import module
from .fact import Fact
from .places import Place, statement_at
from .statements import FUNCTIONS

_OWNERS = ("environ", "scope")
_ATTRIBUTE = re.compile(
    r"^AttributeError: '(?P<type>[\w.]+)' object has no attribute '(?P<name>\w+)'"
)
_OBJECT = re.compile(r"environ(?:\.get\(|\[)['\"](?P<key>[\w.]+)['\"]")


def optional_keys(file: str, called: Iterable[str]) -> Iterator[tuple[str, Place]]:
    """Yield the optional keys that functions look up, and where.

    The functions are those that were `called`, and those of the file that they name.
    Without any, it is the whole file: middleware answers before a function is called.
    """
    found = module(file) if file else None
    if found is None:
        return
    ran: list[ast.AST] = [found.functions[n] for n in found.reachable(called)]
    keys: dict[str, Place] = {}
    for root in ran or [found.tree]:
        for key, line in _optional_keys(root):
            keys.setdefault(key, Place(*statement_at(file, line)))
    yield from keys.items()


@lru_cache(maxsize=256)
def _optional_keys(root: ast.AST) -> tuple[tuple[str, int], ...]:
    keys: list[tuple[str, int]] = []
    for node in ast.walk(root):
        owner: ast.expr | None = None
        key: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "get" and node.args:
                owner, key = node.func.value, node.args[0]
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
            owner, key = node.comparators[0], node.left
        if owner is None or not isinstance(key, ast.Constant):
            continue
        if ast.unparse(owner).endswith(_OWNERS):
            keys.append((str(key.value), key.lineno))
    return tuple(keys)


def object_of_server(raised: Fact) -> Fact | None:
    """Return the object of `environ` whose attribute an exception misses, or None."""
    missing = _ATTRIBUTE.match(raised.text)
    found = module(raised.file) if missing is not None and raised.file else None
    if found is None or missing is None:
        return None
    where = statement_at(raised.file, raised.line)
    end = where.line + where.source.count("\n")
    users = {
        ast.unparse(node.value)
        for node in ast.walk(found.tree)
        if isinstance(node, ast.Attribute)
        and node.attr == missing["name"]
        and where.line <= node.lineno <= max(end, raised.line)
    }
    assigned = [
        ast.unparse(node.value)
        for node in ast.walk(found.tree)
        if isinstance(node, ast.Assign) and users & set(map(ast.unparse, node.targets))
    ]
    of = next(filter(None, map(_OBJECT.search, [*users, *assigned])), None)
    if of is None:
        return None
    return Fact(f"{of['key']} {missing['name']} {missing['type']}", *where)


def lacking_class(raised: Fact) -> Fact | None:
    """Return the class next to an exception whose attribute it misses, or None.

    The text has the class, the attribute, and what the class has.
    """
    missing = _ATTRIBUTE.match(raised.text)
    found = module(raised.file) if missing is not None and raised.file else None
    for node in found.tree.body if found is not None else ():
        if missing is None or not isinstance(node, ast.ClassDef):
            continue
        if node.name != missing["type"] or missing["name"] in _attributes(node):
            continue
        has = [each.name for each in node.body if isinstance(each, FUNCTIONS)]
        public = ", ".join(f"`{name}`" for name in has if not name.startswith("_"))
        where = statement_at(raised.file, node.lineno)
        return Fact(f"{node.name} {missing['name']} {public or 'nothing'}", *where)
    return None


def _attributes(node: ast.ClassDef) -> set[str]:
    """Return the names that a class defines, or that its methods assign."""
    return {
        name
        for each in ast.walk(node)
        for name in (
            getattr(each, "name", ""),
            each.attr if isinstance(each, ast.Attribute) and _stores(each) else "",
            each.id if isinstance(each, ast.Name) and _stores(each) else "",
        )
        if name
    }


def _stores(node: ast.Attribute | ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)
