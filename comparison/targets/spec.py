"""Parse targets of the command line, `module:attribute@server`, and load their apps."""

import ast
import importlib
import inspect
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple

from comparison.core.errors import FactoryNeeded, TargetError, UsageError, nearest
from comparison.tracing import describe, framework_of, raised_at, short_path

from .describe import MAX_MESSAGE
from .importing import AppStarted, starting_rejected

FACTORIES = ("create_app", "make_app")
APPS = ("app", "application")
Interface = Literal["wsgi", "asgi"]
Factory = Callable[..., Any]
"""`factory(settings, fresh)` returns an app; raises `FactoryNeeded` if it cannot."""


class Spec(NamedTuple):
    """The parts of a SPEC. `call` is the argument list of a factory, if it has one."""

    module: str
    attribute: str | None
    call: str | None
    server: str | None


def parse_spec(text: str) -> Spec:
    """Parse `module:attribute@server` or `module:factory(arguments)@server`.

    Raises UsageError for anything else.

    >>> parse_spec("my_app.web:create_app('prod')@waitress")
    Spec(module='my_app.web', attribute='create_app', call="'prod'", server='waitress')
    """
    path, at, server = text.partition("@")
    module, colon, attribute = path.partition(":")
    call = None
    if attribute.endswith(")"):
        attribute, _, call = attribute[:-1].partition("(")
    parts = [*module.split("."), *attribute.split(".")] if colon else module.split(".")
    if "/" in module or "\\" in module or module.startswith("."):
        raise UsageError(
            f"target {text!r}: a path is not a module: write the module's name, and start the"
            " command in its folder or put that into PYTHONPATH"
        )
    if not all(part.isidentifier() for part in parts):
        raise UsageError(
            f"target {text!r}: write module:attribute, module:factory(),"
            " either with @server, or a URL"
        )
    return Spec(module, attribute or None, call, server if at else None)


def parse_target(text: str) -> tuple[str, str]:
    """Parse a `NAME=SPEC` argument. Raises UsageError."""
    name, equals, spec = text.partition("=")
    if not equals or not name or not spec:
        raise UsageError(f"--target {text!r}: write NAME=SPEC, as flask=my_app:app")
    return name, spec


def attribute_of(spec: Spec, text: str) -> Any:
    """Import what a SPEC names. Raises TargetError."""
    return _attribute(_import(spec.module, text), spec, text)


def load_factory(spec: Spec, text: str) -> Factory:
    """Load the factory that a SPEC names.

    If the SPEC names an app, the factory returns it as it is, and cannot take settings.
    Raises TargetError if the module or attribute cannot be loaded.
    """
    found = attribute_of(spec, text)
    if spec.call is None and not is_factory(found):
        interface_of(found, text)
        return ready_made(found, text)
    if not callable(found):
        raise TargetError(f"target {text!r}: {spec.attribute} is not callable")
    arguments = _arguments(spec.call or "", text)
    return from_factory(found, text, arguments)


def ready_made(app: Any, text: str) -> Factory:
    """Make a factory that returns an existing app."""

    def give(settings: Mapping[str, Any], fresh: bool) -> Any:
        if settings or fresh:
            raise FactoryNeeded(f"{text} is an app, not a factory")
        return app

    return give


def from_factory(
    function: Callable[..., Any], text: str, arguments: tuple[Any, ...] = ()
) -> Factory:
    """Make a factory that calls a function, with `settings` if it takes them.

    The settings of a case override those in the arguments.
    """
    names = list(_parameters(function))
    at = names.index("settings") if "settings" in names else None

    def make(settings: Mapping[str, Any], fresh: bool) -> Any:
        if settings and at is None:
            raise FactoryNeeded(f"{text} has no parameter named settings")
        given, keywords = list(arguments), {"settings": settings} if settings else {}
        if keywords and at is not None and at < len(given):
            if not isinstance(given[at], Mapping):
                raise FactoryNeeded(f"the settings of {text} are not a mapping")
            given[at] = {**given[at], **keywords.pop("settings")}
        try:
            app = function(*given, **keywords)
        except BaseException as error:
            raise _unloaded(text, error) from error
        if inspect.iscoroutine(app):
            app.close()
            raise TargetError(
                f"target {text!r}: the factory is a coroutine function; write one that"
                " returns an app"
            )
        interface_of(app, text)
        return app

    return make


def is_factory(found: Any) -> bool:
    """Return True for a function that makes an app, and not for an app itself."""
    if framework_of(found) is not None or not inspect.isfunction(found):
        return False
    parameters = _parameters(found).values()
    needed = [
        p for p in parameters if p.default is p.empty and p.kind < p.VAR_POSITIONAL
    ]
    return not needed


def interface_of(app: Any, text: str) -> Interface:
    """Find the interface of an app: WSGI or ASGI. Raises TargetError for neither."""
    framework = framework_of(app)
    if framework is not None:
        return "wsgi" if framework == "flask" else "asgi"
    if callable(app):
        call = app if inspect.isroutine(app) else type(app).__call__
        positional = [
            p for p in _parameters(app).values() if p.kind <= p.POSITIONAL_OR_KEYWORD
        ]
        if inspect.iscoroutinefunction(call) and len(positional) == 3:
            return "asgi"
        if not inspect.iscoroutinefunction(call) and len(positional) == 2:
            return "wsgi"
    kind = type(app).__name__
    raise TargetError(
        f"target {text!r}: {kind} is neither a WSGI app (environ, start_response)"
        " nor an ASGI app (async: scope, receive, send)"
    )


def check_threading(text: str) -> None:
    """Raise TargetError if an app has replaced the threads of the interpreter.

    We call apps on system threads. gevent's patch would turn them into greenlets.
    """
    patched = getattr(sys.modules.get("gevent.monkey"), "saved", None)
    if patched and "threading" in patched:
        raise TargetError(
            f"target {text!r}: its import patches threading (gevent.monkey), so it runs"
            " only under gevent; move the patch to the code that starts the server"
        )


def _import(name: str, text: str) -> ModuleType:
    folder = str(Path.cwd())
    if folder not in sys.path and "" not in sys.path:
        sys.path.insert(0, folder)
    try:
        with starting_rejected():
            return importlib.import_module(name)
    except AppStarted as error:
        raise TargetError(
            f"target {text!r}: {error.place}: the module starts its app on import;"
            ' move that below `if __name__ == "__main__":`'
        ) from None
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            known = [path.stem for path in Path.cwd().glob("*.py")]
            known += [path.parent.name for path in Path.cwd().glob("*/__init__.py")]
            hint = nearest(error.name, known)
            message = f"target {text!r}: no module named {error.name!r}{hint}"
            raise TargetError(message) from error
        raise _unloaded(text, error) from error
    except BaseException as error:
        raise _unloaded(text, error) from error


def _attribute(module: ModuleType, spec: Spec, text: str) -> Any:
    if spec.attribute is None:
        return _found(module, spec, text)
    found: Any = module
    for name in spec.attribute.split("."):
        if not hasattr(found, name):
            hint = nearest(name, [n for n in dir(found) if not n.startswith("_")])
            raise TargetError(
                f"target {text!r}: {spec.module} has no attribute {name!r}{hint}"
            )
        found = getattr(found, name)
    return found


def _found(module: ModuleType, spec: Spec, text: str) -> Any:
    """Find a factory that needs no arguments, else an app."""
    factories = [name for name in FACTORIES if hasattr(module, name)]
    for name in factories:
        found = getattr(module, name)
        if is_factory(found) or framework_of(found) is not None:
            return found
    for name in APPS:
        if hasattr(module, name):
            return getattr(module, name)
    if factories and not inspect.isfunction(getattr(module, factories[0])):
        return getattr(module, factories[0])
    if factories:
        raise TargetError(
            f"target {text!r}: {factories[0]} needs arguments; write"
            f" {spec.module}:{factories[0]}(ARGUMENTS)"
        )
    raise TargetError(
        f"target {text!r}: {spec.module} has no create_app, app or application;"
        f" write {spec.module}:attribute"
    )


def _arguments(call: str, text: str) -> tuple[Any, ...]:
    try:
        value = ast.literal_eval(f"({call},)") if call.strip() else ()
    except (ValueError, SyntaxError):
        raise UsageError(
            f"target {text!r}: a factory's arguments are literals, not {call!r}"
        ) from None
    return tuple(value)


def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def _unloaded(text: str, error: BaseException) -> TargetError:
    """Describe an exception during the loading of an app, in one message.

    Raises KeyboardInterrupt again if a person may have pressed Ctrl-C. A child process
    ignores Ctrl-C, so there only the app can have raised it.
    """
    on_main = threading.current_thread() is threading.main_thread()
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if isinstance(error, KeyboardInterrupt) and on_main and not ignored:
        raise error
    from comparison.causes import why_not_loaded

    message = f"target {text!r}: {describe(error, MAX_MESSAGE)}"
    if not isinstance(error, SyntaxError):
        return TargetError(with_cause(message, error))
    # Its message has the place already.
    file = short_path(error.filename or "")
    why = why_not_loaded(describe(error, MAX_MESSAGE), file, error.lineno or 0)
    return TargetError("\n".join(filter(None, [message, why])))


def with_cause(message: str, error: BaseException | None) -> str:
    """Add the place of an exception to a message, and on a second line its cause."""
    from comparison.causes import why_not_loaded

    if error is None or error.__traceback__ is None:
        return message
    own = raised_at(error.__traceback__)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    file, line = (own.file, own.line) if own else (frame.filename, frame.lineno)
    exception = describe(error, MAX_MESSAGE)
    why = why_not_loaded(exception, own.file, own.line) if own else ""
    return "\n".join(filter(None, [f"{message} ({Path(file).name}:{line})", why]))
