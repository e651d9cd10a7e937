"""Find where an app makes the coroutines that its response shows as text."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from .code import Module, module
from .places import Place, statement_at

_PRINTED = re.compile(r"<(?:coroutine|async_generator) object ([\w.<>]+) at 0x")


def printed_coroutines(file: str, body: str) -> Iterator[tuple[str, Place]]:
    """Yield the coroutine functions whose coroutine a body has, and a call of each.

    The call may belong to an earlier request, which stored the coroutine.
    """
    found = module(file) if file else None
    for name in dict.fromkeys(_PRINTED.findall(body)) if found is not None else ():
        line = _call_without_await(found, name.rpartition(".")[2])
        if line:
            yield name, Place(*statement_at(file, line))


@lru_cache(maxsize=256)
def _call_without_await(found: Module, function: str) -> int:
    awaited = {
        node.value for node in ast.walk(found.tree) if isinstance(node, ast.Await)
    }
    for node in ast.walk(found.tree):
        if isinstance(node, ast.Call) and node not in awaited:
            called = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if called == function:
                return node.lineno
    return 0
