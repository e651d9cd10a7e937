"""Read one module, and write it again."""

import gc
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import libcst as cst

from .collect import collect
from .facts import Facts
from .rewrite import Rewritten
from .undecided import Found, Undecided

BRACKETS = re.compile(rb"[()\[\]{}]")
DEEPEST = 1000
"""Python parses 200 nested brackets. At some thousands, LibCST ends the process."""


class PortedModule(NamedTuple):
    """The new content of a module, and what is left to decide in it."""

    content: bytes
    undecided: tuple[Undecided, ...]
    rewritten: int


def facts_of(content: bytes, path: str, name: str) -> Facts:
    """Return the facts about a module. Raises SyntaxError if it is not Python."""
    with _without_collections():
        return collect(_parse(content), path, name)


def port_module(
    content: bytes,
    path: str,
    edits: Mapping[int, set[str]],
    found: Sequence[Found],
    *,
    comments: bool = False,
) -> PortedModule:
    """Apply the edits to a module. `found` is what is left to decide in it."""
    found = sorted(set(found))
    texts: dict[int, str] = {}
    for each in found if comments else ():
        undecided = each.undecided(path, 0)
        text = f"{undecided.reason}; {undecided.remedy}"
        texts[each.node] = f"{texts[each.node]}. {text}" if each.node in texts else text
    with _without_collections():
        changed = Rewritten(
            _parse(content), edits, [each.node for each in found], texts
        )
        lines = changed.lines()
        new = changed.module.bytes
    undecided_ = sorted(each.undecided(path, lines[each.node]) for each in found)
    return PortedModule(new, tuple(dict.fromkeys(undecided_)), changed.count)


def _parse(content: bytes) -> cst.Module:
    if _depth(content) > DEEPEST:
        raise SyntaxError("too many nested parentheses")
    try:
        return cst.parse_module(content)
    except (cst.ParserSyntaxError, UnicodeDecodeError, LookupError) as error:
        raise SyntaxError(str(error)) from None


def _depth(content: bytes) -> int:
    """Return how deeply brackets are nested; those in texts and comments count too."""
    depth = deepest = 0
    for bracket in BRACKETS.finditer(content):
        depth = depth + 1 if bracket[0] in b"([{" else max(depth - 1, 0)
        deepest = max(depth, deepest)
    return deepest


@contextmanager
def _without_collections() -> Iterator[None]:
    """Keep Python from collecting garbage: a tree has many objects, and no circles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
