"""Code objects: those of a callable, how they return, and whose they are."""

import dis
import inspect
from collections.abc import Callable
from functools import wraps
from types import CodeType
from typing import Any, Concatenate, ParamSpec, TypeVar

from .source_files import LIBRARIES, is_own_file, short_path

RETURNS = {
    dis.opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in dis.opmap
}
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


@cached_by_code
def is_library(code: CodeType) -> bool:
    """Return whether the code belongs to the frameworks rather than to the app."""
    return short_path(code.co_filename).partition("/")[0] in LIBRARIES


@cached_by_code
def only_return(code: CodeType) -> int | None:
    """Return the only instruction this code can return from, if there is only one."""
    if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR):
        return None
    instructions = code.co_code
    offsets = [n for n in range(0, len(instructions), 2) if instructions[n] in RETURNS]
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


@cached_by_code
def is_own(code: CodeType) -> bool:
    """Return whether the code is the app's, not a library's or the standard library's."""
    return is_own_file(code.co_filename)


@cached_by_code
def is_followed(code: CodeType) -> bool:
    """Return whether the code is the app's own, and Python."""
    # Templates are compiled to code whose file is not Python.
    return code.co_filename.endswith(".py") and is_own(code)
