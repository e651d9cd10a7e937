"""Log records and warnings of an app belong to the request that caused them."""

import asyncio
import gc
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import quart

from comparison.models import Event
from comparison.tracing import TraceBuilder, captured_logs
from comparison.tracing.coroutines import never_awaited
from tests.apps import case, recording_of


@pytest.fixture(autouse=True)
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on the command line: logging is not configured."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    with warnings.catch_warnings(), captured_logs():
        yield


async def forget() -> None:
    """A coroutine function that a view does not await."""


def forgotten(app: Any) -> list[str]:
    """The coroutines that the recording says were not awaited."""
    trace = recording_of(app, case("/")).trace
    return [event.name for event in trace if event.event == "never_awaited"]


def test_a_coroutine_that_two_notice_is_recorded_once() -> None:
    trace = TraceBuilder()
    for name in ("save", "save", "load"):
        trace.add(Event("never_awaited", name=name))
    assert [event.name for event in trace.finish()] == ["save", "load"]


def test_a_coroutine_of_a_library_has_no_place_in_the_app() -> None:
    of_library = [(asyncio.tasks.__file__, 1)]
    assert never_awaited("sleep", of_library) == Event("never_awaited", name="sleep")
    found = never_awaited("sleep", [(__file__, 3), *of_library])
    assert (Path(found.file).name, found.line) == ("test_logs.py", 3)


def test_each_request_records_its_unawaited_coroutine() -> None:
    app = quart.Quart("small")

    @app.get("/")
    async def view() -> str:
        forget()  # type: ignore[unused-coroutine]
        return "done"

    assert [forgotten(app), forgotten(app)] == [["forget"], ["forget"]]


def lose() -> None:
    """Make a coroutine that only the collector frees."""
    cycle: list[Any] = [forget()]
    cycle.append(cycle)


def test_a_collected_coroutine_belongs_to_the_request_that_created_it() -> None:
    app = quart.Quart("small")

    @app.get("/")
    async def view() -> str:
        lose()
        gc.collect()
        return "done"

    assert forgotten(app) == ["forget"]


def test_a_foreign_coroutine_is_not_attributed_to_the_current_request() -> None:
    app = quart.Quart("small")

    @app.get("/")
    async def view() -> str:
        gc.collect()
        return "done"

    gc.disable()
    try:
        lose()
        assert forgotten(app) == []
    finally:
        gc.enable()
