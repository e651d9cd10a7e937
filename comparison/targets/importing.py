"""Import the module of a target, and reject a module that starts its app on import."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn

_STARTING = {"flask.app": ("Flask", "run"), "quart.app": ("Quart", "run", "run_task")}
"""A class in each module, and its methods that start a server."""


class AppStarted(BaseException):
    """A module started its app on import; `place` is `file:line`.

    It is a BaseException, so that the module does not catch it.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(place)


@contextmanager
def starting_rejected() -> Iterator[None]:
    """Raise `AppStarted` if code starts an app while the block runs."""
    undo: list[Callable[[], None]] = []
    for name in _STARTING:
        if name in sys.modules:
            undo += _reject(sys.modules[name])
    finder = _Finder(undo)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for each in undo:
            each()


class _Finder(MetaPathFinder):
    """An import finder; it patches a framework on import, so that it rejects a start."""

    def __init__(self, undo: list[Callable[[], None]]) -> None:
        self.undo = undo

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname not in _STARTING:
            return None
        others = (each for each in sys.meta_path if each is not self)
        found = (each.find_spec(fullname, path, target) for each in others)
        spec = next(filter(None, found), None)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def executed(module: ModuleType) -> None:
                execute(module)
                self.undo += _reject(module)

            spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec


def _reject(module: ModuleType) -> list[Callable[[], None]]:
    """Replace the methods that start an app; return functions that undo it."""
    name, *methods = _STARTING[module.__name__]
    framework = getattr(module, name, None)
    before = {m: getattr(framework, m) for m in methods if hasattr(framework, m)}
    for method in before:
        setattr(framework, method, _started)

    def undo() -> None:
        for method, function in before.items():
            setattr(framework, method, function)

    return [undo]


def _started(*arguments: Any, **options: Any) -> NoReturn:
    frame = sys._getframe(1)  # noqa: SLF001  # the caller
    raise AppStarted(f"{frame.f_code.co_filename}:{frame.f_lineno}")
