"""Source files: their short paths, their text, and whether they are the app's own."""

import ast
import gc
import linecache
import os
import sys
import sysconfig
import textwrap
import threading
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

_STANDARD_LIBRARY = sysconfig.get_path("stdlib")
LIBRARIES = frozenset({"flask", "quart", "werkzeug", "asgiref", "asyncio"})


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


def source_text(file: str) -> str:
    """Return the text of a file by its short path, as in recordings; "" if unknown."""
    path = source_path(file)
    if path is None:
        return ""
    linecache.checkcache(str(path))
    lines = linecache.getlines(str(path))
    # To join and to hash a long file for every difference would cost most of a run.
    known = _texts.get(file)
    if known is None or known[0] is not lines:
        known = _texts[file] = (lines, "".join(lines))
    return known[1]


_texts: dict[str, tuple[list[str], str]] = {}


def source_path(file: str) -> Path | None:
    """Return a file by its short path, as in recordings, or None if there is none.

    The folder of an app is on the import path of the process that loaded it. That is the
    current folder unless a SPEC names another.
    """
    try:
        return _source_path(file, tuple(sys.path), os.getcwd())  # noqa: PTH109
    except FileNotFoundError:
        return None


@lru_cache(maxsize=1024)
def _source_path(file: str, path: tuple[str, ...], folder: str) -> Path:
    """Find a file. Raises FileNotFoundError, which is not cached: it may come later."""
    for root in (*path, ".", *_installed(file)):
        # A run looks for thousands of these; a Path would cost most of the time.
        found = os.path.join(folder, root, file)  # noqa: PTH118
        if os.path.isfile(found):  # noqa: PTH113
            return Path(os.path.abspath(found))  # noqa: PTH100
    raise FileNotFoundError(file)


def _installed(file: str) -> list[str]:
    package, folder, _ = file.partition("/")
    # To look up a name with a dot would import the module before the dot.
    return _home(package) if folder and "." not in package else []


def is_app_file(file: str) -> bool:
    """Return whether a short path is a file of the app, not of a library."""
    path = source_path(file) if file else None
    return path is not None and is_own_file(str(path))


def function_source(file: str, line: int) -> str:
    """Return the source of the function whose `def` is on a line, with its decorators.

    `file` is a short path, as in recordings. Returns an empty text if the function
    cannot be found.
    """
    return _function_source(source_text(file), line)


def start_line(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the line of a function's first decorator, or that of its `def`."""
    return min([function.lineno, *(d.lineno for d in function.decorator_list)])


# By the text, not by the path: files of two apps may have one short path.
@lru_cache(maxsize=256)
def _function_source(source: str, line: int) -> str:
    lines = source.splitlines(keepends=True)
    for node in ast.walk(_parsed(source)):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.lineno == line
        ):
            first = start_line(node)
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


@cache
def is_own_file(path: str) -> bool:
    """Return whether a file is the app's, not a library's or the standard library's."""
    if path.startswith(("<", _STANDARD_LIBRARY)) or "site-packages" in path:
        return False
    package, _, rest = short_path(path).partition("/")
    ours = package == "comparison" and rest.startswith(
        ("core/", "tracing/", "targets/", "runner/")
    )
    return not ours and package not in LIBRARIES
