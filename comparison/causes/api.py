"""The names that are coroutines in Quart's API, and plain values in Flask's.

We read them from the installed packages, so that a new release needs no new list.
"""

import inspect
from functools import cache
from types import FunctionType
from typing import Any


@cache
def coroutine_functions() -> frozenset[str]:
    """Return the functions that both packages have, and that only Quart's needs awaited.

    >>> sorted(coroutine_functions() & {"make_response", "url_for"})
    ['make_response']
    """
    import flask
    import quart

    return frozenset(
        name
        for name, value in vars(quart).items()
        # The types come first: a proxy such as `request` has no value here.
        if type(value) is FunctionType
        and type(getattr(flask, name, None)) is FunctionType
        and inspect.iscoroutinefunction(value)
    )


@cache
def coroutine_members(kind: str) -> frozenset[str]:
    """Return the attributes and methods of a `Request` or `Response` that need awaiting.

    >>> sorted(coroutine_members("Request") & {"args", "form", "get_json"})
    ['form', 'get_json']
    """
    import flask
    import quart

    ours, theirs = getattr(flask, kind), getattr(quart, kind)
    return frozenset(
        name
        for name in dir(theirs)
        if not name.startswith("_") and hasattr(ours, name)
        and inspect.iscoroutinefunction(_function(theirs, name))
        and not inspect.iscoroutinefunction(_function(ours, name))
    )  # fmt: skip


def parameter_instead(function: str, keyword: str) -> str | None:
    """Return Quart's parameter at the place of one that only Flask's function has.

    Returns "" if Quart's function has no parameter there, and None if the function is
    not in both packages, or Flask's has no such parameter.

    >>> parameter_instead("send_from_directory", "path")
    'file_name'
    >>> parameter_instead("redirect", "Response")
    ''
    """
    import flask
    import quart

    ours, theirs = getattr(flask, function, None), getattr(quart, function, None)
    if type(ours) is not FunctionType or type(theirs) is not FunctionType:
        return None
    flasks, quarts = (inspect.signature(f).parameters for f in (ours, theirs))
    if keyword not in flasks or keyword in quarts:
        return None
    if flasks[keyword].kind is inspect.Parameter.KEYWORD_ONLY:
        return ""
    place = list(flasks).index(keyword)
    found = [
        name
        for name, parameter in quarts.items()
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    ][place : place + 1]
    return found[0] if found and found[0] not in flasks else ""


def is_method(kind: str, name: str) -> bool:
    """Return whether a member of Quart's `Request` or `Response` is called."""
    import quart

    member = inspect.getattr_static(getattr(quart, kind), name, None)
    return isinstance(member, FunctionType)


def _function(kind: Any, name: str) -> Any:
    """Return the function of a method or of a property."""
    member = inspect.getattr_static(kind, name, None)
    return getattr(member, "fget", None) or getattr(member, "func", None) or member
