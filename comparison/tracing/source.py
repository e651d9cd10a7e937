"""Find the source text of a statement, from a code object and an instruction.

CPython stores the exact source extent of each instruction (PEP 657). The text of the
`return` that ran needs no parsing and no guess.
"""

import ast
import linecache
import sys
from collections.abc import Iterator
from functools import cache
from itertools import islice
from types import CodeType, TracebackType
from typing import NamedTuple

from .code_objects import RETURNS, cached_by_code, is_own
from .source_files import LIBRARIES, parse, short_path

_NOT_KNOWN = (None, None, None, None)


class Place(NamedTuple):
    """A place in a file, and its source text on one line."""

    file: str
    line: int
    source: str


Extent = tuple[int, int, int, int]
"""First line, first column, last line, last column; columns count bytes of UTF-8."""


@cached_by_code
def place(code: CodeType, instruction: int) -> Place:
    """Return the place of the instruction at this byte offset of a code object."""
    extent = _extent(code, instruction)
    if isinstance(extent, int):
        return Place(short_path(code.co_filename), extent, "")
    return _place(code.co_filename, extent)


@cached_by_code
def returned_from(code: CodeType, instruction: int) -> Place:
    """Return the `return` statement that a code object returned from.

    The extent of the instruction is not always that of the statement. For a constant,
    it is the constant alone. Inside `with`, it is the `with`, which ends first. At the
    end of a function without `return`, it is the last statement. The value is evaluated
    before that, so we look there.
    """
    found = place(code, instruction)
    if found.source.startswith("return") or code.co_name == "<lambda>":
        return found
    filename = code.co_filename
    extent = _extent(code, instruction)
    if not isinstance(extent, int) and (start := _before(filename, extent)) is not None:
        first, _, last, end = extent
        return _place(filename, (first, start, last, end))
    statements = _returns(filename) if _has_return(code) else ()
    for seen in _evaluated(code, instruction) if statements else ():
        for statement in statements:
            if statement[:2] <= seen[:2] and seen[2:] <= statement[2:]:
                return _place(filename, statement)
    return found._replace(source="")


def _evaluated(code: CodeType, instruction: int) -> Iterator[Extent]:
    """Yield the extents evaluated before an instruction that returns, the latest first.

    Stops at another instruction that returns: earlier ones belong to that one.
    """
    positions = list(islice(code.co_positions(), instruction // 2 + 1))
    operations = code.co_code
    for index in reversed(range(len(positions))):
        if operations[2 * index] in RETURNS and 2 * index != instruction:
            return
        first, last, start, end = positions[index]
        if first is None or last is None or start is None or end is None:
            continue
        yield first, start, last, end


def _has_return(code: CodeType) -> bool:
    """Return whether the source has the word `return`.

    Parsing a file takes as long as ten requests.
    """
    last = max(line or 0 for _, _, line in code.co_lines())
    lines = range(code.co_firstlineno, last + 1)
    return any("return" in linecache.getline(code.co_filename, n) for n in lines)


def _extent(code: CodeType, instruction: int) -> Extent | int:
    """Return the extent of an instruction, or only the nearest line."""
    there = islice(code.co_positions(), max(0, instruction // 2), None)
    first, last, start, end = next(there, _NOT_KNOWN)
    if first is None or last is None:
        return code.co_firstlineno
    if start is None or end is None:
        return first
    return first, start, last, end


def _place(filename: str, extent: Extent) -> Place:
    first, start, last, end = extent
    file = short_path(filename)
    lines = [linecache.getline(filename, n) for n in range(first, last + 1)]
    if not any(lines):
        return Place(file, first, "")
    lines[-1] = lines[-1].encode()[:end].decode(errors="replace")
    lines[0] = lines[0].encode()[start:].decode(errors="replace")
    return Place(file, first, " ".join(line.strip() for line in lines))


def _before(filename: str, extent: Extent) -> int | None:
    """Return the column of the `return` with exactly this value, if the line shows one.

    Most values have one. Parsing a file takes as long as sending an app ten requests.
    """
    first, start, last, end = extent
    before = linecache.getline(filename, first).encode()[:start]
    after = linecache.getline(filename, last).encode()[end:]
    indent = before.removesuffix(b"return ")
    if after.strip() or indent.strip() or indent == before:
        return None
    return len(indent)


@cache
def _returns(filename: str) -> tuple[Extent, ...]:
    """Return the extents of the `return` statements of a file, the innermost first."""
    try:
        tree = parse("".join(linecache.getlines(filename)))
    except (SyntaxError, ValueError, RecursionError):
        return ()
    found = [
        (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        for node in ast.walk(tree)
        if isinstance(node, ast.Return)
        and node.end_lineno is not None
        and node.end_col_offset is not None
    ]
    return tuple(sorted(found, reverse=True))


@cached_by_code
def definition(code: CodeType) -> Place:
    """Return where a function is defined: the line of its `def`, below its decorators.

    A lambda is where it is written.
    """
    file = short_path(code.co_filename)
    first = code.co_firstlineno
    if code.co_name == "<lambda>":
        return Place(file, first, linecache.getline(code.co_filename, first).strip())
    for line in range(first, first + 50):
        text = linecache.getline(code.co_filename, line).lstrip()
        if not text or text.startswith(("def ", "async def ", "class ")):
            return Place(file, line if text else first, text.rstrip())
    return Place(file, first, "")


def raised_at(traceback: TracebackType | None) -> Place | None:
    """Return the innermost place in the app's own code that an exception passed."""
    found = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if is_own(code):
            found = place(code, traceback.tb_lasti)
        traceback = traceback.tb_next
    return found


def failed_at(traceback: TracebackType | None) -> Place:
    """Return the innermost place in the app's own code, or else in any code.

    Without own code, an extension's code says more than that of the frameworks.
    """
    found = raised_at(traceback)
    if found is not None:
        return found
    extension = innermost = None
    while traceback is not None:
        innermost = place(traceback.tb_frame.f_code, traceback.tb_lasti)
        if _is_extension(innermost.file):
            extension = innermost
        traceback = traceback.tb_next
    return extension or innermost or Place("", 0, "")


def _is_extension(file: str) -> bool:
    package, folder, _ = file.partition("/")
    known = package in LIBRARIES or package in sys.stdlib_module_names
    return bool(folder) and not known and package != "comparison"


def place_of_line(filename: str, line: int) -> Place:
    """Return the place of a whole line of a file."""
    source = linecache.getline(filename, line).strip()
    return Place(short_path(filename), line, source)
