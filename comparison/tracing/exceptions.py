"""Exceptions as text."""

from .freeze import MAX_TEXT, cap


def describe(error: BaseException, limit: int = MAX_TEXT) -> str:
    """The exception as a line: its type and what it says, which may raise as well."""
    try:
        text = str(error)
    except Exception as broken:
        text = f"<its text raised {type(broken).__name__}>"
    name = type(error).__name__
    return cap(f"{name}: {text}" if text else name, limit)
