"""Find the source text of a statement, from a code object and an instruction.

CPython stores the exact source extent of each instruction (PEP 657). The text of the
`return` that ran needs no parsing and no guess.
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
    """Cache results for each code object, by identity.

    Code objects are equal if their text is, even in different files. Without identity,
    two matching apps would share results.
    """
    # The cache holds the code object, so that its id is not reused.
    cache: dict[tuple[object, ...], tuple[CodeType, _Found]] = {}

    @wraps(function)
    def cached(code: CodeType, /, *rest: _Rest.args, **named: _Rest.kwargs) -> _Found:
        key = (id(code), *rest)
        if key not in cache:
            cache[key] = (code, function(code, *rest, **named))
        return cache[key][1]

    return cached


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
        if operations[2 * index] in _RETURNS and 2 * index != instruction:
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
    """Return where a function is defined: the line of its `def`, below its decorators."""
    file = short_path(code.co_filename)
    first = code.co_firstlineno
    for line in range(first, first + 50):
        text = linecache.getline(code.co_filename, line).lstrip()
        if not text or text.startswith(("def ", "async def ", "class ")):
            return Place(file, line if text else first, text.rstrip())
    return Place(file, first, "")


def _home(package: str) -> list[str]:
    """Return the folder of a package; an editable install may be on no path.

    We do not import the package: apps run in other processes.
    """
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return []
    if spec is None or not spec.submodule_search_locations:
        return []
    return [str(Path(place).parent) for place in spec.submodule_search_locations]


def source_lines(file: str) -> list[str]:
    """Return the lines of a file by its short path, as in recordings; [] if unknown."""
    path = source_path(file)
    if path is None:
        return []
    linecache.checkcache(str(path))
    return linecache.getlines(str(path))


def source_path(file: str) -> Path | None:
    """Return a file by its short path, as in recordings, or None if there is none.

    The folder of an app is on the import path of the process that loaded it. That is the
    current folder unless a SPEC names another.
    """
    for root in _roots_of(file):
        path = Path(root).absolute() / file
        if path.is_file():
            return path
    return None


def _roots_of(file: str) -> Iterator[str]:
    yield from sys.path
    yield "."
    package, folder, _ = file.partition("/")
    # To look up a name with a dot would import the module before the dot.
    if folder and "." not in package:
        yield from _home(package)


def is_app_file(file: str) -> bool:
    """Return whether a short path is a file of the app, not of a library."""
    path = source_path(file) if file else None
    return path is not None and is_own_file(str(path))


def function_source(file: str, line: int) -> str:
    """Return the source of the function whose `def` is on a line, with its decorators.

    `file` is a short path, as in recordings. Returns an empty text if the function
    cannot be found.
    """
    return _function_source("".join(source_lines(file)), line)


# By the text, not by the path: files of two apps may have one short path.
@lru_cache(maxsize=256)
def _function_source(source: str, line: int) -> str:
    lines = source.splitlines(keepends=True)
    for node in ast.walk(_parsed(source)):
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
    """Call `ast.parse` without letting another thread run meanwhile.

    Before CPython 3.11.8 and 3.12.2, two threads that parse at once may raise
    SystemError: https://github.com/python/cpython/issues/106905. They only meet if the
    garbage collector runs a finalizer or a callback during a parse, so we delay it. A
    lock alone is not enough: an app that logs an exception on another thread parses
    each line of its traceback too.
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
    """Return the path below its import folder, which is the same on every machine."""
    path = Path(filename).absolute()
    roots = [Path(entry).absolute() for entry in sys.path]
    inside = [root for root in roots if path.is_relative_to(root)]
    if not inside:
        # An editable install may provide a package without its folder on the path.
        root = path.parent
        while (root / "__init__.py").is_file():
            root = root.parent
        return path.relative_to(root).as_posix()
    return path.relative_to(max(inside, key=lambda root: len(root.parts))).as_posix()


@cached_by_code
def is_library(code: CodeType) -> bool:
    """Return whether the code belongs to the frameworks rather than to the app."""
    return short_path(code.co_filename).partition("/")[0] in _LIBRARIES


@cached_by_code
def only_return(code: CodeType) -> int | None:
    """Return the only instruction this code can return from, if there is only one."""
    if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR):
        return None
    instructions = code.co_code
    offsets = [n for n in range(0, len(instructions), 2) if instructions[n] in _RETURNS]
    return offsets[0] if len(offsets) == 1 else None


def codes_of(function: Any) -> tuple[CodeType, ...]:
    """Return the code objects of a callable, outermost first, following decorators."""
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
    """Return the innermost place in the app's own code that an exception passed."""
    found = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if _is_own(code):
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
    known = package in _LIBRARIES or package in sys.stdlib_module_names
    return bool(folder) and not known and package != "comparison"


@cached_by_code
def _is_own(code: CodeType) -> bool:
    """Return whether the code is the app's, not a library's or the standard library's."""
    return is_own_file(code.co_filename)


@cache
def is_own_file(path: str) -> bool:
    """Return whether a file is the app's, not a library's or the standard library's."""
    if path.startswith(("<", _STANDARD_LIBRARY)) or "site-packages" in path:
        return False
    package, _, rest = short_path(path).partition("/")
    ours = package == "comparison" and rest.startswith(
        ("tracing/", "targets/", "runner/")
    )
    return not ours and package not in _LIBRARIES


def place_of_line(filename: str, line: int) -> Place:
    """Return the place of a whole line of a file."""
    source = linecache.getline(filename, line).strip()
    return Place(short_path(filename), line, source)


@cached_by_code
def is_followed(code: CodeType) -> bool:
    """Return whether the code is the app's own, and Python."""
    # Templates are compiled to code whose file is not Python.
    return code.co_filename.endswith(".py") and _is_own(code)
