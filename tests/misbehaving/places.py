"""The places where an act happens, and the acts that happen in more than one."""

import atexit
import functools
import inspect
import weakref
from collections.abc import Callable
from typing import Any

from . import ending, flooding, hanging, patching, processes, protocol
from .table import Act, Kit, elsewhere

# They enter what they have into the table.
__all__ = ["ending", "flooding", "hanging", "patching", "processes", "protocol"]

REFERENCES: list[Any] = []


def _is_bad(kit: Kit) -> bool:
    return str(kit.framework.request.path) == "/bad"


def _called(kit: Kit, act: Act) -> Callable[..., Any]:
    """Return a function for the framework that acts and may be awaited."""
    if kit.name == "flask":
        return lambda *_, **__: act(kit)

    async def acting(*_: Any, **__: Any) -> Any:
        result = act(kit)
        return await result if inspect.isawaitable(result) else result

    return acting


def _hook(kit: Kit, act: Act, register: Callable[[Any], Any], passes: bool) -> None:
    """Register an act as a hook that acts on /bad alone."""
    if kit.name == "flask":

        def hook(*given: Any) -> Any:
            if _is_bad(kit):
                act(kit)
            return given[0] if passes else None

        register(hook)
    else:

        async def hook(*given: Any) -> Any:
            if _is_bad(kit):
                act(kit)
            return given[0] if passes else None

        register(hook)


def _fails(kit: Kit) -> Any:
    raise LookupError("for the error handler")


def _stream(kit: Kit, act: Act) -> Any:
    """Return a response that acts in the middle of its body."""
    if kit.name == "flask":

        def chunks() -> Any:
            yield b"first "
            act(kit)
            yield b"second"

        return kit.framework.Response(chunks())

    async def asynchronous() -> Any:
        yield b"first "
        act(kit)
        yield b"second"

    return kit.framework.Response(asynchronous())


def install(place: str, act: Act, kit: Kit) -> None:
    """Put an act into an app. The view for /bad is registered here as well."""
    app = kit.app

    def view(views_act: Act) -> None:
        app.add_url_rule("/bad", "bad", _called(kit, views_act))

    harmless: Act = lambda _: "harmless"  # noqa: E731
    if place == "view":
        view(act)
        return
    if place == "stream":
        view(functools.partial(_stream, act=act))
        return
    view(_fails if place == "handler" else harmless)
    if place == "before":
        _hook(kit, act, app.before_request, passes=False)
    elif place == "after":
        _hook(kit, act, app.after_request, passes=True)
    elif place == "teardown":
        _hook(kit, act, app.teardown_request, passes=False)
    elif place == "handler":
        app.errorhandler(LookupError)(_called(kit, act))
    elif place == "factory":
        act(kit)
    elif place == "atexit":
        atexit.register(act, kit)
    elif place == "finaliser":
        REFERENCES.append(app)
        weakref.finalize(app, act, kit)
    elif place == "lifespan-start" and kit.name == "quart":
        app.before_serving(_called(kit, act))
    elif place == "lifespan-end" and kit.name == "quart":
        app.after_serving(_called(kit, act))
    elif place == "lifespan-generator" and kit.name == "quart":

        async def while_serving() -> Any:
            yield
            act(kit)

        app.while_serving(while_serving)


IN_REQUESTS = ("before", "after", "teardown", "handler", "stream")
MOST = ("in process", "servers")

for _place in IN_REQUESTS:
    for _name in ("sleep-forever", "exit-0", "catastrophic-regex", "sigkill"):
        elsewhere(_name, _place, ways=MOST, bad="any")
for _place in ("before", "teardown", "stream"):
    for _name in ("sys-exit", "sigterm", "fork-and-die", "execv-sleep"):
        elsewhere(_name, _place, ways=MOST, bad="any")

# At import and in a factory no app can receive a case: exit 3.
for _place in ("import", "factory"):
    for _name in (
        "sleep-forever", "busy-loop", "catastrophic-regex", "sleep-in-c-with-the-gil",
        "exit-0", "exit-1", "sys-exit", "sigkill", "sigterm", "sigstop", "execv-true",
        "execv-sleep", "fork-and-die", "keyboard-interrupt", "recursion",
        "ignore-signals-and-hang", "base-exception", "deadlock",
    ):  # fmt: skip
        elsewhere(_name, _place, ways=MOST, bad="any", after="any")
    for _name in (
        "fork-a-sleeper", "process-that-is-joined-at-exit", "daemon-of-the-old-kind",
        "thread-that-is-joined-at-exit", "thread-that-is-busy", "change-folder",
        "print-ten-megabytes", "close-standard-output", "environment-is-cleared",
        "program-that-keeps-the-pipes-open", "pool-of-processes", "fork-and-return-in-both",
    ):  # fmt: skip
        elsewhere(_name, _place, ways=("in process", "jobs"), bad="any", after="any")

for _place in ("atexit", "lifespan-end", "lifespan-generator"):
    for _name in (
        "sleep-forever", "exit-0", "exit-1", "catastrophic-regex", "sigkill", "sys-exit",
        "fork-a-sleeper", "swallow-everything",
    ):  # fmt: skip
        elsewhere(_name, _place, ways=MOST, bad="same")
for _name in (
    "sleep-forever", "exit-0", "catastrophic-regex", "sigkill", "sys-exit",
    "fork-a-sleeper", "await-forever", "stop-loop", "cancelled", "execv-sleep",
):  # fmt: skip
    elsewhere(_name, "lifespan-start", ways=MOST, bad="any", after="any")
for _name in ("sleep-forever", "exit-1"):
    elsewhere(_name, "finaliser", ways=("in process",), bad="same")
