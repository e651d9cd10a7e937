"""Observe the app's functions that its framework calls.

Both frameworks call every view, hook and error handler through one method
(`Flask.ensure_sync`, `Quart.ensure_async`). We wrap the function there, and so observe
it on the thread and in the task in which it runs.
"""

import functools
import sys
import threading
import types
from collections.abc import Awaitable, Callable, Generator
from inspect import iscoroutinefunction
from types import CodeType, CoroutineType
from typing import Any, NamedTuple

from comparison.models import Event

from .code_objects import codes_of, is_library, only_return
from .exceptions import describe
from .following import following
from .freeze import freeze
from .lines import Lines
from .returns import watching
from .source import Place, definition, place, raised_at, returned_from
from .trace import TraceBuilder

_NOWHERE = Place("", 0, "")
ORIGIN_DEPTH = 2  # frames that Python stores of the code that made a coroutine
NOT_REGISTERED = "not registered"
_KIND = {"dispatch": "view", "error": "handler"}


class _Function(NamedTuple):
    """Facts about a function before it is called.

    `returns` is the only `return` that it can end with, if there is only one. Otherwise
    `watched` has its code objects.
    """

    name: str
    codes: tuple[CodeType, ...]
    returns: Place | None
    watched: tuple[CodeType, ...]
    is_async: bool
    is_library: bool
    defined: Place


@functools.lru_cache(maxsize=4096)
def _about(function: Callable[..., Any]) -> _Function | None:
    codes = codes_of(function)
    if not codes:
        return None
    name = str(getattr(function, "__name__", type(function).__name__))
    owner = getattr(function, "__self__", None)
    only = only_return(codes[0]) if len(codes) == 1 else None
    return _Function(
        name=name if owner is None else f"{type(owner).__name__}.{name}",
        codes=codes,
        returns=None if only is None else returned_from(codes[0], only),
        watched=codes if only is None else (),
        is_async=iscoroutinefunction(function),
        is_library=is_library(codes[0]),
        defined=definition(codes[-1]),
    )


def observed(
    function: Callable[..., Any],
    trace: TraceBuilder,
    is_hook: Callable[[Callable[..., Any]], bool],
) -> Callable[..., Any]:
    """Wrap the function to record its call and its end; awaitable if it was.

    `is_hook` says whether the app has it registered as a hook. If not, it is a receiver
    of a signal, or a hook for this request.
    """
    try:
        about = _about(function)
    except TypeError:  # a callable that cannot be hashed
        about = _about.__wrapped__(function)
    kind = _KIND.get(trace.phase, "hook")
    if about is None or (about.is_library and (trace.depth or kind == "hook")):
        return function
    if about.is_library and _passes_on(function):
        return function

    note = NOT_REGISTERED if kind == "hook" and not is_hook(function) else ""
    lines = trace.lines
    if lines is not None and kind == "hook":
        lines.excluded.update(about.codes)
        lines = None

    if about.is_async:

        async def observe_async(*args: Any, **kwargs: Any) -> Any:
            _called(trace, kind, about, args, kwargs, note)
            try:
                result = await _steps(function(*args, **kwargs), trace, about, lines)
            except BaseException as error:
                _raised(trace, kind, about, error)
                raise
            _returned(trace, kind, about, result)
            return result

        return observe_async

    def observe(*args: Any, **kwargs: Any) -> Any:
        _called(trace, kind, about, args, kwargs, note)
        try:
            if about.watched or lines is not None:
                with (
                    watching(about.watched),
                    following(lines, about.codes),
                ):
                    result = function(*args, **kwargs)
            else:
                result = function(*args, **kwargs)
        except BaseException as error:
            _raised(trace, kind, about, error)
            raise
        _returned(trace, kind, about, result)
        return result

    return observe


def _passes_on(function: Callable[..., Any]) -> bool:
    """Return whether it belongs to a view class, which calls the app's own method."""
    name = getattr(function, "__name__", "")
    return hasattr(function, "view_class") or name == "dispatch_request"


@types.coroutine
def _steps(
    awaitable: Awaitable[Any],
    trace: TraceBuilder,
    about: _Function,
    lines: Lines | None,
) -> Generator[Any, Any, Any]:
    """Drive a coroutine step by step, and record where it is suspended and resumed."""
    iterator = awaitable.__await__()
    step, sent = iterator.send, None
    while True:
        try:
            if about.watched or lines is not None:
                with watching(about.watched), following(lines, about.codes):
                    yielded = step(sent)
            else:
                yielded = step(sent)
        except StopIteration as stop:
            return stop.value
        where = _suspended_at(awaitable, about.codes)
        trace.add(Event(
            "suspended", file=where.file, line=where.line, source=where.source,
            thread=threading.current_thread().name,
        ))  # fmt: skip
        try:
            sent = yield yielded
            step = iterator.send
        except GeneratorExit:
            iterator.close()
            raise
        except BaseException as error:
            step, sent = iterator.throw, error
        trace.add(Event("resumed", thread=threading.current_thread().name))


def _suspended_at(awaitable: Any, codes: tuple[CodeType, ...]) -> Place:
    """Return where the innermost of the watched coroutines waits."""
    found = _NOWHERE
    while awaitable is not None:
        frame = getattr(awaitable, "cr_frame", None)
        if frame is not None and frame.f_code in codes:
            found = place(frame.f_code, frame.f_lasti)
        awaitable = getattr(awaitable, "cr_await", None)
    return found


def _track_origins() -> None:
    """Let Python remember where the coroutines of this thread are made."""
    if sys.get_coroutine_origin_tracking_depth() < ORIGIN_DEPTH:
        sys.set_coroutine_origin_tracking_depth(ORIGIN_DEPTH)


def _called(
    trace: TraceBuilder,
    kind: str,
    about: _Function,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    note: str,
) -> None:
    trace.depth += 1
    trace.called.append(about.codes)
    _track_origins()
    arguments = {name: freeze(value) for name, value in kwargs.items()}
    if kind == "handler" and args:
        arguments["error"] = freeze(args[-1])
    trace.add(Event(
        f"{kind}_called", name=about.name, file=about.defined.file,
        line=about.defined.line, arguments=arguments, detail=note,
        thread=threading.current_thread().name,
    ))  # fmt: skip


def _returned(trace: TraceBuilder, kind: str, about: _Function, result: Any) -> None:
    trace.depth -= 1
    several = result if isinstance(result, tuple) else (result,)
    trace.returned += [each for each in several if isinstance(each, CoroutineType)]
    where = _returned_at(trace, about)
    trace.add(Event(
        f"{kind}_returned", name=about.name, file=where.file, line=where.line,
        source=where.source, value=freeze(result),
    ))  # fmt: skip


def _returned_at(trace: TraceBuilder, about: _Function) -> Place:
    """Return the `return` of the value: the innermost function's, if it ran."""
    if trace.returned_at:
        for code in reversed(about.codes):
            if code in trace.returned_at:
                return returned_from(code, trace.returned_at.pop(code))
    return about.returns or _NOWHERE


def _raised(
    trace: TraceBuilder, kind: str, about: _Function, error: BaseException
) -> None:
    trace.depth -= 1
    if trace.lines is not None:
        trace.lines.left_by(error)
    where = raised_at(error.__traceback__) or _NOWHERE
    trace.add(Event(
        f"{kind}_raised", name=about.name, file=where.file, line=where.line,
        source=where.source, detail=describe(error),
    ))  # fmt: skip
