"""Twenty requests in flight at once: each has its own trace."""

import asyncio
import contextvars
import threading
from typing import Any

import flask
import quart

from comparison.models import Event, Request
from comparison.targets import build_request
from comparison.targets.in_process import asgi, wsgi
from comparison.targets.in_process.limit import Limit
from comparison.tracing import TraceBuilder, current, recorded

AT_ONCE = 20


def check(traces: list[tuple[Event, ...]]) -> None:
    """Each trace has the events of its own request, from beginning to end."""
    for number, trace in enumerate(traces):
        called = [e for e in trace if e.event == "view_called"]
        returned = [e for e in trace if e.event == "view_returned"]
        assert [e.arguments["number"].text for e in called] == [str(number)]
        assert [e.value.text for e in returned if e.value] == [f"('{number}', 202)"]
        assert [e.source for e in returned] == ["return str(number), 202"]
        assert [e.event for e in trace][-1] == "response_made"


def test_concurrent_flask_threads_have_separate_traces() -> None:
    barrier = threading.Barrier(AT_ONCE)
    app = flask.Flask("small")

    @app.get("/<int:number>")
    def view(number: int) -> Any:
        barrier.wait(10)
        if number < 0:
            return "never", 500
        return str(number), 202

    traces: dict[int, tuple[Event, ...]] = {}

    def send(number: int) -> None:
        trace = TraceBuilder()
        current.set(trace)
        request = build_request(Request(path=f"/{number}"))
        response, failure = wsgi.call_app(app, request, lambda status: None)
        assert failure is None
        assert response is not None
        assert response.body == str(number)
        traces[number] = trace.finish()

    with recorded(app):
        threads = [
            threading.Thread(target=contextvars.Context().run, args=(send, number))
            for number in range(AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    check([traces[number] for number in range(AT_ONCE)])


def test_concurrent_flask_async_views_have_separate_traces() -> None:
    barrier = threading.Barrier(AT_ONCE)
    app = flask.Flask("small")

    @app.get("/<int:number>")
    async def view(number: int) -> Any:
        barrier.wait(10)
        await asyncio.sleep(0)
        return str(number), 202

    traces: dict[int, tuple[Event, ...]] = {}

    def send(number: int) -> None:
        trace = TraceBuilder()
        current.set(trace)
        request = build_request(Request(path=f"/{number}"))
        assert wsgi.call_app(app, request, lambda status: None)[1] is None
        traces[number] = trace.finish()

    with recorded(app):
        threads = [
            threading.Thread(target=contextvars.Context().run, args=(send, number))
            for number in range(AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    check([traces[number] for number in range(AT_ONCE)])


async def tasks(app: quart.Quart) -> list[tuple[Event, ...]]:
    async def send(number: int) -> tuple[Event, ...]:
        trace = TraceBuilder()
        current.set(trace)
        request = build_request(Request(path=f"/{number}"))
        response, failure = await asgi.call_app(
            app, request, lambda status: None, Limit(10)
        )
        assert failure is None
        assert response is not None
        assert response.body == str(number)
        return trace.finish()

    with recorded(app):
        return await asyncio.gather(*map(send, range(AT_ONCE)))


async def test_concurrent_quart_tasks_have_separate_traces() -> None:
    everybody = asyncio.Barrier(AT_ONCE)
    app = quart.Quart("small")

    @app.get("/<int:number>")
    async def view(number: int) -> Any:
        async with everybody:
            await asyncio.sleep(0)
        if number < 0:
            return "never", 500
        return str(number), 202

    check(await tasks(app))


async def test_concurrent_quart_sync_views_have_separate_traces() -> None:
    # The pool has fewer threads than there are requests, so they meet two by two.
    pairs = threading.Barrier(2)
    app = quart.Quart("small")

    @app.get("/<int:number>")
    def view(number: int) -> Any:
        pairs.wait(10)
        if number < 0:
            return "never", 500
        return str(number), 202

    check(await tasks(app))
