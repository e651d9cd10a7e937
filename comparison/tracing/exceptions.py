"""Exceptions as text."""

from .freeze import MAX_TEXT, cap


def describe(error: BaseException, limit: int = MAX_TEXT) -> str:
    """Return an exception as one line: its type and message. `str(error)` may raise."""
    try:
        text = str(error)
    except Exception as broken:
        text = f"<its text raised {type(broken).__name__}>"
    name = type(error).__name__
    return cap(f"{name}: {text}" if text else name, limit)
