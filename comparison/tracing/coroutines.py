"""Find coroutines that an app never awaited."""

import inspect
from collections.abc import Iterable, Iterator
from types import CoroutineType
from typing import Any, TypeAlias

from comparison.models import Event

from .source import Place, place_of_line
from .source_files import is_own_file

Coroutine: TypeAlias = "CoroutineType[Any, Any, Any]"


def never_awaited(name: str, frames: Iterable[tuple[str, int]]) -> Event:
    """Return the event of a coroutine that was never awaited.

    `frames` are the files and lines that made it, the innermost last.
    """
    own = [frame for frame in frames if is_own_file(frame[0])]
    where = place_of_line(*own[-1]) if own else Place("", 0, "")
    return Event(
        "never_awaited",
        name=name,
        file=where.file,
        line=where.line,
        source=where.source,
    )


def is_unawaited(coroutine: Coroutine) -> bool:
    """Return whether nothing has awaited a coroutine so far."""
    return inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED


def unawaited(coroutine: Coroutine) -> Event:
    """Return the event of a coroutine that nothing will await."""
    origin = coroutine.cr_origin or ()
    frames = [(file, line) for file, line, _ in reversed(origin)]
    return never_awaited(coroutine.__qualname__, frames)


def coroutines_of(error: BaseException) -> Iterator[Event]:
    """Yield the coroutines that an exception holds, and that nothing has awaited.

    They are in the variables of the app's frames and of the innermost frame, or the object
    that has no such attribute.
    """
    traceback = error.__traceback__
    if isinstance(error, AttributeError):
        yield from _unawaited((error.obj,))
    while traceback is not None:
        frame = traceback.tb_frame
        if traceback.tb_next is None or is_own_file(frame.f_code.co_filename):
            yield from _unawaited(frame.f_locals.values())
        traceback = traceback.tb_next


def _unawaited(values: Iterable[object]) -> Iterator[Event]:
    for value in values:
        if isinstance(value, CoroutineType) and is_unawaited(value):
            yield unawaited(value)
