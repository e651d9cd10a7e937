"""Record any Flask or Quart app: add events where the framework calls the app.

We wrap the methods that handle a request on the instance, so that overriding subclasses
are recorded too. We remove the wrappers when nothing records the app any more. Without
a trace in the context, they only forward calls.
"""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import iscoroutinefunction
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from comparison.models import Event

from . import following, returns
from .code_objects import codes_of
from .exceptions import raised_events
from .freeze import response_status
from .observe import observed
from .source import Place, definition
from .trace import TraceBuilder, current

_ENTERS = {
    "dispatch_request": "dispatch",
    "process_response": "after",
    "do_teardown_request": "teardown",
}
_ERRORS = ("handle_user_exception", "handle_exception")

_HOOKS = (
    "before_request_funcs", "after_request_funcs", "teardown_request_funcs",
    "teardown_appcontext_funcs",
)  # fmt: skip

_WRAPPED = (
    *("ensure_sync", "ensure_async", "full_dispatch_request", "make_response"),
    *("make_default_options_response", *_ENTERS, *_ERRORS),
)

_lock = threading.Lock()
_recorded: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
_MISSING = object()


def framework_of(app: object) -> str | None:
    """Return `flask` or `quart`, or None for another kind of app."""
    for base in type(app).__mro__:
        package = base.__module__.partition(".")[0]
        if package in ("flask", "quart") and base.__name__ == package.title():
            return package
    return None


@contextmanager
def recorded(app: Any) -> Iterator[None]:
    """Record what happens inside an app while the block runs.

    Only requests with a trace in their context are recorded. Apps of other frameworks
    are left unchanged: we cannot see inside them.
    """
    framework = framework_of(app)
    if framework is None:
        yield
        return
    with _lock:
        users = _recorded.get(app, 0)
        _recorded[app] = users + 1
        if not users:
            _wrap(app, framework)
    try:
        yield
    finally:
        with _lock:
            # When the interpreter exits, the entry may no longer exist.
            users = _recorded.pop(app, 1) - 1
            if users:
                _recorded[app] = users
            else:
                _unwrap(app)
            if not _recorded:
                returns.release()
                following.release()


def _wrap(app: Any, framework: str) -> None:
    ensure = "ensure_sync" if framework == "flask" else "ensure_async"
    wrappers = {
        ensure: _observing(app, getattr(app, ensure)),
        "full_dispatch_request": _matching(app, app.full_dispatch_request, framework),
        "make_response": _making(app.make_response),
        "make_default_options_response": _answering_options(
            app.make_default_options_response
        ),
    }
    for name, phase in _ENTERS.items():
        wrappers[name] = _entering(getattr(app, name), phase)
    for name in _ERRORS:
        wrappers[name] = _catching(getattr(app, name))
    for name, wrapper in wrappers.items():
        wrapper.replaced = app.__dict__.get(name, _MISSING)
        app.__dict__[name] = wrapper


def _unwrap(app: Any) -> None:
    for name in _WRAPPED:
        # Read `__dict__`, not the attribute: an app may define any attribute.
        wrapper = app.__dict__.get(name)
        if isinstance(wrapper, FunctionType) and "replaced" in wrapper.__dict__:
            if wrapper.__dict__["replaced"] is _MISSING:
                del app.__dict__[name]
            else:
                app.__dict__[name] = wrapper.__dict__["replaced"]


def _before(
    method: Callable[..., Any], note: Callable[[TraceBuilder, tuple[Any, ...]], None]
) -> Any:
    """Return the method, calling `note(trace, args)` first; awaitable if it was."""

    @functools.wraps(method)
    def noted(*args: Any, **kwargs: Any) -> Any:
        trace = current.get()
        if trace is not None:
            note(trace, args)
        return method(*args, **kwargs)

    return noted


def _observing(app: Any, ensure: Callable[..., Any]) -> Any:
    is_hook = functools.partial(_is_registered, app)

    @functools.wraps(ensure)
    def ensure_observed(function: Callable[..., Any]) -> Any:
        trace = current.get()
        if trace is None:
            return ensure(function)
        return ensure(observed(function, trace, is_hook))

    return ensure_observed


def _is_registered(app: Any, function: Callable[..., Any]) -> bool:
    """Return whether a function is a hook of the app.

    Quart calls receivers of signals in the same way as hooks; Flask does not.
    """
    return any(
        function in functions
        for name in _HOOKS
        for functions in _lists(getattr(app, name, ()))
    )


def _lists(hooks: Any) -> Iterator[Any]:
    if isinstance(hooks, dict):
        yield from hooks.values()
    else:
        yield hooks


def _entering(method: Callable[..., Any], phase: str) -> Any:
    def enter(trace: TraceBuilder, args: tuple[Any, ...]) -> None:
        trace.phase = phase

    return _before(method, enter)


def _handling(view: Any, method: str) -> Any:
    """Return the method of a class-based view that handles a request, or the view.

    The function that the framework makes of the class is not the app's code.
    """
    of_class = getattr(view, "view_class", None)
    # A MethodView without `head` answers HEAD with its `get`.
    names = (method.lower(), "get" if method == "HEAD" else "", "dispatch_request")
    methods = (getattr(of_class, name, None) for name in names if name)
    return next((found for found in methods if found is not None), view)


def _matching(app: Any, method: Callable[..., Any], framework: str) -> Any:
    if framework == "flask":
        from flask import request
    else:
        from quart import request  # type: ignore[assignment]

    def match(trace: TraceBuilder, args: tuple[Any, ...]) -> None:
        current_request = request._get_current_object()  # type: ignore[attr-defined]
        rule = current_request.url_rule
        if rule is None:
            error = current_request.routing_exception
            detail = "" if error is None else type(error).__name__
            trace.add(Event("route_missed", name=current_request.path, detail=detail))
            return
        view = _handling(app.view_functions.get(rule.endpoint), current_request.method)
        where = _definition_of(view)
        trace.add(Event(
            "route_matched", name=rule.endpoint, rule=rule.rule, file=where.file,
            line=where.line,
        ))  # fmt: skip

    return _before(method, match)


def _making(method: Callable[..., Any]) -> Any:
    if iscoroutinefunction(method):

        @functools.wraps(method)
        async def make_async(*args: Any, **kwargs: Any) -> Any:
            before = _status_before(args)
            response = await method(*args, **kwargs)
            _made(before, response)
            return response

        return make_async

    @functools.wraps(method)
    def make(*args: Any, **kwargs: Any) -> Any:
        before = _status_before(args)
        response = method(*args, **kwargs)
        _made(before, response)
        return response

    return make


def _status_before(args: tuple[Any, ...]) -> int | None:
    value = args[0] if args else None
    return response_status(value[0] if isinstance(value, tuple) and value else value)


def _made(status_before: int | None, response: Any) -> None:
    trace = current.get()
    if trace is not None:
        trace.add(Event(
            "response_made", status_before=status_before,
            status=response_status(response), detail="in the view" if trace.depth else "",
        ))  # fmt: skip


def _answering_options(method: Callable[..., Any]) -> Any:
    def answer(trace: TraceBuilder, args: tuple[Any, ...]) -> None:
        trace.add(Event("automatic_options"))

    return _before(method, answer)


def _catching(method: Callable[..., Any]) -> Any:
    def catch(trace: TraceBuilder, args: tuple[Any, ...]) -> None:
        trace.phase = "error"
        trace.extend(raised_events("error_caught", args[-1], method.__name__))

    return _before(method, catch)


@functools.lru_cache(maxsize=4096)
def _definition_of(view: Any) -> Place:
    codes = codes_of(view)
    return definition(codes[-1]) if codes else Place("", 0, "")
