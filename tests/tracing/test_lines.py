"""Views line by line: what ran and what it changed, written by hand."""

import asyncio
import importlib
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import flask.views
import pytest
import quart

from comparison.models import Event, Request
from comparison.targets import build_request
from comparison.targets.in_process import asgi, wsgi
from comparison.targets.in_process.limit import Limit
from comparison.tracing import TraceBuilder, current, recorded
from comparison.tracing.lines import MAX_LINES
from tests.apps import FRAMEWORKS, PATIENT, app_of, event, events, recording_of

from . import lined
from .expected_lines import EXPECTED, expected

framework = pytest.mark.parametrize("framework", FRAMEWORKS)


def lines_of(trace: tuple[Event, ...]) -> list[str]:
    """The lines of a trace as this file writes them, indented by depth."""
    out = []
    for e in trace:
        if e.event == "line":
            after = [f"{name}={value.text}" for name, value in e.changed.items()]
            after += [f"-{name}" for name in e.removed]
            after += [f"! {e.detail}"] if e.detail else []
            text = f"{e.source:<22} # {', '.join(after)}" if after else e.source
        elif e.event == "function_called":
            given = ", ".join(f"{n}={v.text}" for n, v in e.arguments.items())
            text = f"> {e.name}({given})"
        elif e.event == "function_returned":
            text = f"< {e.value.text if e.value else ''}"
        elif e.event == "function_raised":
            text = f"! {e.name} {e.detail}".rstrip()
        elif e.event == "yielded":
            text = f"yielded {e.value.text if e.value else ''}".rstrip()
        elif e.event in ("suspended", "resumed", "continued"):
            text = e.event
        else:
            continue
        out.append("    " * e.depth + text)
    return out


@framework
@pytest.mark.parametrize("name", EXPECTED)
def test_lines_and_variables_are_those_written_by_hand(
    framework: str, name: str
) -> None:
    view = getattr(lined, name)
    assert lines_of(
        recording_of(app_of(framework, view), lines=True).trace
    ) == expected(name)


@framework
def test_lines_are_not_traced_by_default(framework: str) -> None:
    trace = recording_of(app_of(framework, lined.helped)).trace
    assert lines_of(trace) == []


@framework
def test_tracing_lines_does_not_change_other_events(framework: str) -> None:
    app = app_of(framework, lined.awaited)
    names = ("line", "function_called", "function_returned")
    with_lines = [e for e in events(recording_of(app, lines=True)) if e not in names]
    assert with_lines == events(recording_of(app))


@framework
def test_a_suspended_view_names_its_thread(framework: str) -> None:
    trace = recording_of(app_of(framework, lined.awaited), lines=True).trace
    threads = [e.thread for e in trace if e.event in ("suspended", "resumed")]
    assert len(threads) >= 2
    assert all(threads)


@framework
@pytest.mark.usefixtures("quiet")
def test_lines_of_error_handlers_are_traced_and_of_hooks_are_not(
    framework: str,
) -> None:
    def view() -> Any:
        raise LookupError("not here")

    def handler(error: Exception) -> Any:
        text = "handled"
        return text, 409

    def hook() -> None:
        unseen = 1
        assert unseen

    app = app_of(framework, view)
    app.register_error_handler(LookupError, handler)
    app.before_request(hook)
    lines = [e for e in recording_of(app, lines=True).trace if e.event == "line"]
    assert [(e.name, e.source, e.detail) for e in lines] == [
        ("view", 'raise LookupError("not here")', "LookupError: not here"),
        ("handler", 'text = "handled"', ""),
        ("handler", "return text, 409", ""),
    ]


@framework
def test_a_long_loop_is_truncated_and_counted(framework: str) -> None:
    def view() -> Any:
        n = 0
        while n < 1000:
            n += 1
        return str(n)

    recording = recording_of(app_of(framework, view), lines=True)
    # One before the loop, two a turn, the last look at the condition, the return.
    left_out = 1 + 2 * 1000 + 1 + 1 - MAX_LINES
    assert len(lines_of(recording.trace)) == MAX_LINES
    assert (
        event(recording, "lines_truncated").detail == f"{left_out} more lines and calls"
    )
    assert events(recording)[-1] == "client_received"


@framework
def test_a_view_that_never_returns_has_a_partial_trace(framework: str) -> None:
    stop = threading.Event()

    def view() -> Any:
        begun = True
        while not stop.is_set():
            time.sleep(0.01)
        return str(begun)

    try:
        app = app_of(framework, view)
        trace = recording_of(app, lines=True, timeout=PATIENT).trace
    finally:
        stop.set()
    assert lines_of(trace)[:2] == ["begun = True           # begun=True",
                               "while not stop.is_set():"]  # fmt: skip


class Slow:
    """An object whose text takes long to make."""

    repr_calls = 0

    def __repr__(self) -> str:
        type(self).repr_calls += 1
        time.sleep(0.15)
        return "slow"


@framework
def test_a_slow_repr_is_called_once(framework: str) -> None:
    def view() -> Any:
        thing = Slow()
        n = 1
        n = 2
        return f"{n}{type(thing)}"

    Slow.repr_calls = 0
    trace = recording_of(app_of(framework, view), lines=True).trace
    assert [list(e.changed) for e in trace if e.event == "line"] == [
        ["thing"], ["n"], ["n"], [],
    ]  # fmt: skip
    assert Slow.repr_calls == 2  # once by each of the two recordings


# Other tools that trace ----------------------------------------------------------------


class Tracer:
    """A trace function as debuggers have one: it notes the lines it is shown."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []

    def __call__(self, frame: Any, kind: str, arg: Any) -> Any:
        if frame.f_code.co_filename == lined.__file__:
            if kind == "line":
                self.seen.append((frame.f_code.co_name, frame.f_lineno))
            return self
        return None


@pytest.fixture
def tracer() -> Iterator[Tracer]:
    before = sys.gettrace()
    tracer = Tracer()
    threading.settrace(tracer)
    sys.settrace(tracer)
    try:
        yield tracer
    finally:
        sys.settrace(before)
        threading.settrace(before)  # type: ignore[arg-type]


@framework
@pytest.mark.parametrize("name", ["refused", "generated"])
def test_line_tracing_does_not_disturb_a_debugger(
    framework: str, name: str, tracer: Tracer
) -> None:
    app = app_of(framework, getattr(lined, name))
    recording_of(app)
    alone, tracer.seen = tracer.seen, []
    trace = recording_of(app, lines=True).trace
    assert lines_of(trace) == expected(name)
    assert alone
    assert tracer.seen == alone
    assert sys.gettrace() is tracer


@framework
def test_line_tracing_does_not_disturb_coverage(framework: str) -> None:
    coverage = pytest.importorskip("coverage")
    if sys.gettrace() is not None:
        pytest.skip("coverage is at work already")
    app = app_of(framework, lined.refused)

    def measured(lines: bool) -> list[int]:
        measuring = coverage.Coverage(
            data_file=None, include=[lined.__file__], config_file=False
        )
        with measuring.collect():
            trace = recording_of(app, lines=lines).trace
        assert lines_of(trace) == (expected("refused") if lines else [])
        return sorted(measuring.get_data().lines(lined.__file__) or [])

    alone = measured(lines=False)
    assert alone
    assert measured(lines=True) == alone


def test_line_tracing_restores_the_trace_function() -> None:
    before = sys.gettrace()
    recording_of(app_of("flask", lined.helped), lines=True)
    assert sys.gettrace() is before
    if sys.version_info >= (3, 12):
        named = [sys.monitoring.get_tool(n) for n in range(6)]
        assert not [name for name in named if name and "comparison" in name]


# Many at once -------------------------------------------------------------------------

AT_ONCE = 20


def check(traces: list[tuple[Event, ...]]) -> None:
    for number, trace in enumerate(traces):
        lines = [e for e in trace if e.event == "line" and e.name == "view"]
        changed = {n: v.text for e in lines for n, v in e.changed.items()}
        assert changed["twice"] == str(number * 2)
        assert [e.source for e in lines][-1] == "return str(twice)"
        calls = [e for e in trace if e.event == "function_called"]
        assert [e.arguments["n"].text for e in calls] == [str(number)]


def test_twenty_requests_on_threads_each_have_their_own_lines() -> None:
    barrier = threading.Barrier(AT_ONCE)
    app = flask.Flask("small")

    @app.get("/<int:number>")
    def view(number: int) -> Any:
        barrier.wait(10)
        twice = lined.double(number)
        return str(twice)

    traces: dict[int, tuple[Event, ...]] = {}

    def send(number: int) -> None:
        trace = TraceBuilder(lines=True)
        current.set(trace)
        request = build_request(Request(path=f"/{number}"))
        assert wsgi.call_app(app, request, lambda status: None)[1] is None
        traces[number] = trace.finish()

    with recorded(app):
        threads = [threading.Thread(target=send, args=(n,)) for n in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    check([traces[number] for number in range(AT_ONCE)])


async def test_twenty_requests_in_tasks_each_have_their_own_lines() -> None:
    everybody = asyncio.Barrier(AT_ONCE)
    app = quart.Quart("small")

    @app.get("/<int:number>")
    async def view(number: int) -> Any:
        async with everybody:
            await asyncio.sleep(0)
        twice = await lined.fetch(number)
        return str(twice)

    async def send(number: int) -> tuple[Event, ...]:
        trace = TraceBuilder(lines=True)
        current.set(trace)
        request = build_request(Request(path=f"/{number}"))
        assert (await asgi.call_app(app, request, lambda status: None, Limit(10)))[
            1
        ] is None
        return trace.finish()

    with recorded(app):
        check(await asyncio.gather(*map(send, range(AT_ONCE))))


@framework
def test_line_tracing_enters_classes_and_their_methods(framework: str) -> None:
    class Counter:
        def __init__(self) -> None:
            self.n = 1

    def view() -> Any:
        return str(Counter().n)

    recording = recording_of(app_of(framework, view), lines=True)
    assert event(recording, "function_called").name == "__init__"


def test_a_method_of_a_class_based_view_is_traced_once() -> None:
    class Greeting(flask.views.MethodView):
        decorators = (lambda function: lambda **values: function(**values),)

        def get(self) -> Any:
            return "Hello"

    recording = recording_of(app_of("flask", Greeting.as_view("view")), lines=True)
    lines = [e.source for e in recording.trace if e.event == "line" and e.name == "get"]
    assert lines == ['return "Hello"']


ONE_LINE = """\
import asyncio
import importlib

def looped():
    n = 0
    while n < 2: n += 1
    return str(n)

async def fetch(n):
    await asyncio.sleep(0)
    return n + 1

async def awaited():
    n = 0
    n = await fetch(n); n = n + 1
    while n < 4: n += 1
    return str(n)
"""


@framework
@pytest.mark.parametrize(
    ("name", "repeated"),
    [("looped", "while n < 2: n += 1"), ("awaited", "while n < 4: n += 1")],
)
def test_a_loop_on_one_line_is_recorded(
    framework: str,
    name: str,
    repeated: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "lined_in_one.py").write_text(ONE_LINE)
    monkeypatch.delitem(sys.modules, "lined_in_one", raising=False)
    view = getattr(importlib.import_module("lined_in_one"), name)
    trace = recording_of(app_of(framework, view), lines=True).trace
    sources = [each.partition("#")[0].strip() for each in lines_of(trace)]
    # `sys.monitoring`, which we use from Python 3.12 on, has an event only where the line
    # changes. Before, versions differ in whether the end of the loop is a turn.
    turns = 2 if sys.version_info < (3, 12) else 1
    assert sources.count(repeated) >= turns
    assert sources[-1].startswith("return")
