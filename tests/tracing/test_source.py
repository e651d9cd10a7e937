"""Where code stands: matching apps have the same code in two files."""

import ast
import gc
import importlib
import inspect
import sys
import textwrap
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from flask import Flask

from comparison import Case, Request, compare
from comparison.tracing.code_objects import only_return
from comparison.tracing.source import definition, place
from comparison.tracing.source_files import (
    function_source,
    is_app_file,
    parse,
    short_path,
)

SAME = """\
def hello():
    return "Hello"

def either(name=None):
    if name:
        return name
    return "Nobody"
"""


def functions(file: Path) -> dict[str, Any]:
    file.write_text(SAME)
    namespace: dict[str, Any] = {}
    exec(compile(SAME, str(file), "exec"), namespace)
    return namespace


@pytest.fixture
def twins(tmp_path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    return functions(tmp_path / "one.py"), functions(tmp_path / "other.py")


def test_equal_code_in_two_files_is_placed_in_its_own_file(
    twins: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    one, other = (twin["hello"].__code__ for twin in twins)
    assert one == other
    instruction = only_return(one)
    assert instruction is not None
    assert [definition(code).file for code in (one, other)] == ["one.py", "other.py"]
    places = [place(code, instruction).file for code in (one, other)]
    assert places == ["one.py", "other.py"]


def test_equal_code_in_two_files_is_recorded_in_its_own_file(
    twins: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    def app(view: Callable[..., Any]) -> Flask:
        made = Flask("made")
        made.add_url_rule("/", "either", view)
        return made

    one, other = (app(twin["either"]) for twin in twins)
    (comparison,) = compare(one, other, [Case("either", Request())])
    returned = [
        [(e.file, e.line, e.source) for e in recording.trace if e.source]
        for recording in comparison.recordings.values()
    ]
    expected = (7, 'return "Nobody"')
    assert returned == [[("one.py", *expected)], [("other.py", *expected)]]


@pytest.mark.parametrize(
    ("source", "one"),
    [
        ("def f():\n    return 1\n", True),
        ("def f(a):\n    return [n for n in a]\n", True),
        ("def f(a):\n    if a:\n        return 1\n    return 2\n", False),
        ("def f():\n    yield 1\n", False),
        ("def f():\n    raise ValueError\n", False),
        ("async def f(a):\n    return await a\n", True),
    ],
)
def test_the_only_return_of_a_function_is_found(source: str, one: bool) -> None:
    namespace: dict[str, FunctionType] = {}
    exec(source, namespace)
    found = only_return(namespace["f"].__code__)
    assert (found is not None) is one


def test_a_package_outside_sys_path_has_its_short_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "offside"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "views.py").write_text("@str\ndef hello():\n    return 'Hello'\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("offside.views")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "offside", sys.modules["offside"])
    assert module.__file__ is not None
    assert short_path(module.__file__) == "offside/views.py"
    assert function_source("offside/views.py", 2).startswith("@str\ndef hello():")


def test_sources_are_parsed_in_many_threads_at_once() -> None:
    """CPython 3.11.7 fails if the collector runs code amid `ast.parse`."""
    source = Path(ast.__file__).read_text()
    failed: list[BaseException] = []

    def work(depth: int) -> None:
        if depth:
            return work(depth - 1)
        try:
            for _ in range(10):
                parse(source)
        except BaseException as error:
            failed.append(error)

    def collected(phase: str, info: dict[str, int]) -> None:
        sum(range(100))

    interval = sys.getswitchinterval()
    threads = [threading.Thread(target=work, args=(10 * n,)) for n in range(4)]
    gc.callbacks.append(collected)
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
        gc.callbacks.remove(collected)
    assert failed == []


@pytest.mark.slow
def test_sources_are_parsed_while_other_threads_show_tracebacks() -> None:
    """They parse each line of a traceback, without our lock."""
    source = inspect.getsource(textwrap)
    done = threading.Event()

    def show() -> None:
        while not done.is_set():
            try:
                sum([1, 2, [3, 4, {5: "six"}]])  # type: ignore[list-item]
            except TypeError as error:
                with suppress(SystemError):
                    traceback.format_exception(error)

    def collected(phase: str, info: dict[str, int]) -> None:
        sum(range(100))

    interval = sys.getswitchinterval()
    threads = [threading.Thread(target=show) for _ in range(2)]
    gc.callbacks.append(collected)
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for _ in range(200):
            parse(source)
    finally:
        done.set()
        sys.setswitchinterval(interval)
        gc.callbacks.remove(collected)
        for thread in threads:
            thread.join()


def test_a_file_that_has_changed_shows_its_new_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, value in (("old", 1), ("new", 22)):
        path = tmp_path / folder / "rewritten.py"
        path.parent.mkdir()
        path.write_text(f"def view():\n    return {value}\n")
        monkeypatch.chdir(path.parent)
        assert function_source("rewritten.py", 1) == f"def view():\n    return {value}"


def test_only_files_outside_of_libraries_are_files_of_the_app() -> None:
    assert is_app_file(short_path(__file__))
    for library in ("flask/app.py", "asyncio/tasks.py"):
        assert not is_app_file(library)
    assert not is_app_file("")
    assert not is_app_file("no/such/file.py")
