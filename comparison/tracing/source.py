"""The source text of the statement that ran, from a code object and an instruction.

CPython keeps for each instruction the exact extent of the source it was compiled from
(PEP 657), so the text of the `return` that ran needs no parsing and no guess.
"""

import ast
import dis
import gc
import inspect
import linecache
import sys
import sysconfig
import textwrap
import threading
from collections.abc import Callable, Iterator
from functools import cache, lru_cache, wraps
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

_RETURNS = {
    dis.opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in dis.opmap
}
_STANDARD_LIBRARY = sysconfig.get_path("stdlib")
_NOT_KNOWN = (None, None, None, None)
_LIBRARIES = frozenset({"flask", "quart", "werkzeug", "asgiref", "asyncio"})


_Rest = ParamSpec("_Rest")
_Found = TypeVar("_Found")


def cached_by_code(
    function: Callable[Concatenate[CodeType, _Rest], _Found],
) -> Callable[Concatenate[CodeType, _Rest], _Found]:
    """Cache what is found about a code object, by which object it is.

    Code objects are equal when their text is, whatever file they are in: those of two
    matching apps would be taken for each other.
    """
    # The code object is kept, so that its id stays its own.
    cache: dict[tuple[object, ...], tuple[CodeType, _Found]] = {}

    @wraps(function)
    def cached(code: CodeType, /, *rest: _Rest.args, **named: _Rest.kwargs) -> _Found:
        key = (id(code), *rest)
        if key not in cache:
            cache[key] = (code, function(code, *rest, **named))
        return cache[key][1]

    return cached


class Place(NamedTuple):
    """Where in a file, and the source text there on one line."""

    file: str
    line: int
    source: str


Extent = tuple[int, int, int, int]
"""First line, first column, last line, last column; columns count bytes of UTF-8."""


@cached_by_code
def place(code: CodeType, instruction: int) -> Place:
    """The place of the instruction at this byte offset of a code object."""
    extent = _extent(code, instruction)
    if isinstance(extent, int):
        return Place(short_path(code.co_filename), extent, "")
    return _place(code.co_filename, extent)


@cached_by_code
def returned_from(code: CodeType, instruction: int) -> Place:
    """The `return` statement that a code object returned from.

    The instruction that returns a constant has the extent of the constant alone; inside
    `with` it has that of the `with`, which ends first, and at the end of a function
    without `return` that of whatever came last. The value is evaluated before all that.
    """
    found = place(code, instruction)
    if found.source.startswith("return") or code.co_name == "<lambda>":
        return found
    filename = code.co_filename
    extent = _extent(code, instruction)
    if not isinstance(extent, int) and (start := _before(filename, extent)) is not None:
        first, _, last, end = extent
        return _place(filename, (first, start, last, end))
    statements = _returns(filename) if _says_return(code) else ()
    for seen in _evaluated(code, instruction) if statements else ():
        for statement in statements:
            if statement[:2] <= seen[:2] and seen[2:] <= statement[2:]:
                return _place(filename, statement)
    return found._replace(source="")


def _evaluated(code: CodeType, instruction: int) -> Iterator[Extent]:
    """What was evaluated before an instruction that returns, the latest first.

    It ends where another instruction returns: what comes before belongs to that.
    """
    positions = list(islice(code.co_positions(), instruction // 2 + 1))
    operations = code.co_code
    for index in reversed(range(len(positions))):
        if operations[2 * index] in _RETURNS and 2 * index != instruction:
            return
        first, last, start, end = positions[index]
        if first is None or last is None or start is None or end is None:
            continue
        yield first, start, last, end


def _says_return(code: CodeType) -> bool:
    """Whether the word is there: to parse a file takes as long as ten requests."""
    last = max(line or 0 for _, _, line in code.co_lines())
    lines = range(code.co_firstlineno, last + 1)
    return any("return" in linecache.getline(code.co_filename, n) for n in lines)


def _extent(code: CodeType, instruction: int) -> Extent | int:
    """What an instruction was compiled from, or only the line it is near."""
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
    """The column of the `return` whose value is exactly this extent, if one is seen.

    Most values are; to parse a file takes as long as to ask an app ten requests.
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
    """Where the `return` statements of a file are, the innermost first."""
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
    """Where a function is defined: the line of its `def`, below its decorators."""
    file = short_path(code.co_filename)
    first = code.co_firstlineno
    for line in range(first, first + 50):
        text = linecache.getline(code.co_filename, line).lstrip()
        if not text or text.startswith(("def ", "async def ", "class ")):
            return Place(file, line if text else first, text.rstrip())
    return Place(file, first, "")


def _home(package: str) -> list[str]:
    """The folder that a package is in, which may be on no path (an editable install).

    The package is not imported: apps are in other processes.
    """
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return []
    if spec is None or not spec.submodule_search_locations:
        return []
    return [str(Path(place).parent) for place in spec.submodule_search_locations]


@cache
def function_source(file: str, line: int) -> str:
    """The source of the function whose `def` stands there, with its decorators.

    `file` is a short path, as recordings have it. Empty if it cannot be found.
    """
    for root in map(Path, (*sys.path, *_home(file.partition("/")[0]))):
        path = root / file
        if path.is_file():
            lines = linecache.getlines(str(path))
            break
    else:
        return ""
    for node in ast.walk(_parsed("".join(lines))):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.lineno == line
        ):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            return textwrap.dedent("".join(lines[first - 1 : node.end_lineno])).rstrip()
    return ""


@lru_cache(maxsize=8)
def _parsed(source: str) -> ast.Module:
    return parse(source)


_parsing = threading.Lock()


def parse(source: str) -> ast.Module:
    """`ast.parse`, at once: no other thread runs before it is done.

    Before CPython 3.11.8 and 3.12.2 two threads that parse at once may end in a
    SystemError: https://github.com/python/cpython/issues/106905. They only meet when the
    garbage collector runs a finalizer or a callback in the midst of one, so here it
    waits. A lock alone would not do: an app that logs an exception on another thread
    parses too, line by line of its traceback.
    """
    with _parsing:
        collecting = gc.isenabled()
        gc.disable()
        try:
            return ast.parse(source)
        finally:
            if collecting:
                gc.enable()


@cache
def short_path(filename: str) -> str:
    """The path below the folder it is imported from, the same on every machine."""
    path = Path(filename).absolute()
    roots = [Path(entry).absolute() for entry in sys.path]
    inside = [root for root in roots if path.is_relative_to(root)]
    if not inside:
        # An editable install may bring a package without its folder on the path.
        root = path.parent
        while (root / "__init__.py").is_file():
            root = root.parent
        return path.relative_to(root).as_posix()
    return path.relative_to(max(inside, key=lambda root: len(root.parts))).as_posix()


@cached_by_code
def is_library(code: CodeType) -> bool:
    """Whether the code belongs to the frameworks rather than to the app."""
    return short_path(code.co_filename).partition("/")[0] in _LIBRARIES


@cached_by_code
def only_return(code: CodeType) -> int | None:
    """The one instruction this code can return from, if there is only one."""
    if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR):
        return None
    instructions = code.co_code
    offsets = [n for n in range(0, len(instructions), 2) if instructions[n] in _RETURNS]
    return offsets[0] if len(offsets) == 1 else None


def codes_of(function: Any) -> tuple[CodeType, ...]:
    """The code objects behind a callable, outermost first, decorators followed."""
    codes = []
    seen = set()
    while function is not None and id(function) not in seen:
        seen.add(id(function))
        target = getattr(function, "__func__", function)
        code = getattr(target, "__code__", None)
        if code is None and not inspect.isclass(target):
            code = getattr(type(target).__call__, "__code__", None)
        if code is not None:
            codes.append(code)
        function = getattr(function, "__wrapped__", None)
    return tuple(codes)


def raised_at(traceback: TracebackType | None) -> Place | None:
    """The innermost place in the app's own code that an exception passed through."""
    found = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if _is_own(code):
            found = place(code, traceback.tb_lasti)
        traceback = traceback.tb_next
    return found


@cached_by_code
def _is_own(code: CodeType) -> bool:
    """Whether the code is the app's: no library's, not the standard library's."""
    path = code.co_filename
    if path.startswith(("<", _STANDARD_LIBRARY)) or "site-packages" in path:
        return False
    ours = short_path(path).startswith(("comparison/recording/", "comparison/targ"))
    return not ours and not is_library(code)


@cached_by_code
def is_followed(code: CodeType) -> bool:
    """Whether the code is the app's own, and Python."""
    # Templates are compiled to code whose file is not Python.
    return code.co_filename.endswith(".py") and _is_own(code)
