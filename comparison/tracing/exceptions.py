"""Exceptions as text and as events."""

from collections.abc import Iterator

from comparison.models import Event

from .coroutines import coroutines_of
from .freeze import MAX_TEXT, cap
from .source import failed_at


def describe(error: BaseException, limit: int = MAX_TEXT) -> str:
    """Return an exception as one line: its type and message. `str(error)` may raise."""
    try:
        text = str(error)
    except Exception as broken:
        text = f"<its text raised {type(broken).__name__}>"
    name = type(error).__name__
    return cap(f"{name}: {text}" if text else name, limit)


def parts_of(error: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions of a group, also of groups inside it; or the exception."""
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for part in error.exceptions:
        yield from parts_of(part)


def raised_events(event: str, error: BaseException, name: str = "") -> Iterator[Event]:
    """Yield an event for an exception, or one for each part of an exception group.

    Its place is the last one in the app's own code, or else in a library. Before it come
    the coroutines in variables that nothing has awaited: the exception holds them, so
    that Python warns of them only later.
    """
    for part in parts_of(error):
        yield from coroutines_of(part)
        where = failed_at(part.__traceback__)
        yield Event(
            event, name=name, detail=describe(part), file=where.file, line=where.line,
            source=where.source,
        )  # fmt: skip
