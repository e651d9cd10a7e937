"""Where a definition and an exception are, and what is lost in a process of others."""

import importlib
import logging
import threading
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

import pytest

from comparison.models import Event
from comparison.tracing import TraceBuilder, current
from comparison.tracing.logs import captured_logs, lost_work_recorded
from comparison.tracing.source import (
    definition,
    failed_at,
    place,
    place_of_line,
    raised_at,
    returned_from,
)

DECORATED = "".join(f"@plain({n})\n" for n in range(49))
SOURCE = f"""\
def plain(n):
    return lambda function: function

@plain(
    1
)
async def decorated(): pass

class Inner:
    def method(self): raise KeyError("a")

short = lambda: 1  # here

{DECORATED}def often(): pass

@plain(50)
{DECORATED}def too_often(): pass

def wide():
    return {{
        "ä": 1,
    }}

def outer(function): function()

def constant():
    if plain: return 4
    return 5

def nothing():
    plain(1)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "placed_definitions.py").write_text(SOURCE)
    importlib.invalidate_caches()
    return importlib.import_module("placed_definitions")


def line_of(text: str) -> int:
    return SOURCE[: SOURCE.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("name", "line", "source"),
    [
        ("plain", "def plain", "def plain(n):"),
        ("decorated", "async def", "async def decorated(): pass"),
        ("short", "short =", "short = lambda: 1  # here"),
        ("often", "def often", "def often(): pass"),
        ("too_often", "@plain(50)", ""),
    ],
)
def test_a_definition_is_at_its_def(
    name: str, line: str, source: str, module: ModuleType
) -> None:
    found = definition(getattr(module, name).__code__)
    assert found == ("placed_definitions.py", line_of(line), source)


def test_code_without_a_source_has_its_first_line() -> None:
    code = compile("\n\ndef f(): pass", "nowhere.py", "exec").co_consts[0]
    assert definition(code) == ("nowhere.py", 3, "")
    assert place(code, 0) == ("nowhere.py", 3, "")
    assert place(code, 10_000).line == 3
    assert place_of_line(__file__, 1).source.startswith('"""Where a definition')
    assert place_of_line("nowhere.py", 3).source == ""


def test_a_statement_on_several_lines_is_shown_on_one(module: ModuleType) -> None:
    code = module.wide.__code__
    found = returned_from(code, len(code.co_code) - 2)
    assert found.line == line_of("return {")
    assert found.source == 'return { "ä": 1, }'
    code = module.nothing.__code__
    assert returned_from(code, len(code.co_code) - 2).source == ""


def traceback_of(call: Callable[[], Any]) -> TracebackType | None:
    try:
        call()
    except Exception as error:
        return error.__traceback__
    return None


def library(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function of a package outside of the app, which calls another."""
    package = folder / "lib" / "site-packages" / name
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("def call(function): function()\n")
    monkeypatch.syspath_prepend(package.parent)
    return importlib.import_module(name).call


def test_an_exception_is_placed_in_the_app_or_else_in_an_extension(
    module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = module.Inner().method
    own = ("placed_definitions.py", line_of("def method"), 'raise KeyError("a")')
    assert raised_at(traceback_of(lambda: module.outer(method))) == own
    assert failed_at(traceback_of(lambda: module.outer(method))) == own
    # An exception of a library has the place where the app called it.
    called = raised_at(traceback_of(lambda: module.outer(lambda: int("x"))))
    assert called is not None and called.line != own[1]
    assert raised_at(None) is None and failed_at(None) == ("", 0, "")
    extension = library("placed_extension", tmp_path, monkeypatch)
    found = traceback_of(lambda: extension(partial(int, "x")))
    assert found is not None and found.tb_next is not None
    # Without code of the app, an extension says more than a framework.
    inner = found.tb_next.tb_next
    assert raised_at(inner) is None
    place_there = failed_at(inner)
    assert (place_there.file, place_there.line) == ("placed_extension/__init__.py", 1)


# Lost work -----------------------------------------------------------------------------


def recorded(work: Callable[[], Any], *, in_thread: bool = False) -> list[Any]:
    trace = TraceBuilder()
    token = current.set(trace)
    try:
        with lost_work_recorded():
            work()
    finally:
        current.reset(token)
    return [
        (event.event, event.name, event.detail)
        for event in trace.finish()
        if isinstance(event, Event)
    ]


def failing() -> None:
    raise KeyError("a")


def with_error() -> None:
    try:
        failing()
    except KeyError:
        logging.getLogger("shop").exception("lost %s", "order")


@pytest.mark.parametrize(
    ("work", "found"),
    [
        (lambda: logging.getLogger("shop").error("lost %d", 3), [("logged", "ERROR", "lost 3")]),
        (lambda: logging.getLogger("shop").critical("lost"), [("logged", "CRITICAL", "lost")]),
        (lambda: logging.getLogger("shop").warning("lost"), []),
        (with_error, [("logged", "ERROR", "lost order: KeyError: 'a'")]),
        (lambda: logging.getLogger("asyncio").error("Task was destroyed but it is pending!"),
         [("task_destroyed", "", "Task was destroyed but it is pending!")]),
        (lambda: logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: x", exc_info=KeyError("a")),
         [("task_raised", "", "KeyError: 'a'")]),
        (lambda: logging.getLogger("asyncio").error("Other"), [("logged", "ERROR", "Other")]),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("quiet_handlers")
def test_errors_that_are_logged_are_recorded(work: Any, found: list[Any]) -> None:
    assert recorded(work) == found


@pytest.fixture
def quiet_handlers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL", "nothing")


def test_errors_of_threads_are_recorded_and_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", passed.append)

    def work() -> None:
        for function, name in ((failing, "worker"), (exit_quietly, "other")):
            hook = threading.excepthook
            thread = threading.Thread(target=function, name=name)
            try:
                function()
            except BaseException as error:
                given = (type(error), error, error.__traceback__, thread)
                hook(threading.ExceptHookArgs(given))

    assert recorded(work) == [("thread_raised", "worker", "KeyError: 'a'")]
    assert [each.exc_type for each in passed] == [KeyError, SystemExit]
    assert threading.excepthook == passed.append


def exit_quietly() -> None:
    raise SystemExit


def test_other_warnings_are_shown_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", lambda *given: shown.append(given))
        text = "coroutine 'save' was never awaited"
        events = recorded(lambda: [warnings.warn(text, RuntimeWarning, stacklevel=1), warnings.warn("old", UserWarning, stacklevel=1)])  # fmt: skip
    assert [str(given[0]) for given in shown] == ["old"]
    assert [event[:2] for event in events] == [("never_awaited", "save")]


def test_logs_of_a_configured_program_are_left_alone() -> None:
    root = logging.getLogger()
    before, hook = list(root.handlers), threading.excepthook
    assert before
    with captured_logs():
        assert root.handlers == before and threading.excepthook is hook


def test_captured_logs_are_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    hook, show = threading.excepthook, warnings.showwarning
    trace = TraceBuilder()
    token = current.set(trace)
    with warnings.catch_warnings():
        try:
            with captured_logs():
                assert len(root.handlers) == 1
                assert threading.excepthook is not hook
                logging.getLogger("shop").warning("seen")
                with lost_work_recorded():
                    assert len(root.handlers) == 1
        finally:
            current.reset(token)
    assert root.handlers == [] and threading.excepthook is hook
    assert warnings.showwarning is show
    assert [(e.event, e.detail) for e in trace.finish()] == [("logged", "seen")]
