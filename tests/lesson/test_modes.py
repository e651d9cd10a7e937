"""The other modes: what appears only where it happened."""

import asyncio
from typing import Any

import pytest

from comparison.lesson.changing import apply_change, change_of
from comparison.lesson.flow import concept_flow
from comparison.lesson.model import Station
from comparison.lesson.sample import Source, align, lines_run
from comparison.models import Recording
from tests.apps import FRAMEWORKS, app_of, recording_of

from .making import subject_of

framework = pytest.mark.parametrize("framework", FRAMEWORKS)


def flow_of(recording: Recording, framework: str) -> tuple[Station, ...]:
    subject = subject_of(recording, framework)
    return concept_flow(subject.steps, subject.name)


def titles(recording: Recording, framework: str) -> list[str]:
    return [station.title for station in flow_of(recording, framework)]


@framework
def test_a_concept_flow_has_only_the_stations_that_were_reached(framework: str) -> None:
    assert titles(recording_of(app_of(framework, lambda: "Hello")), "Framework") == [
        "Client sends request",
        "Framework route receives request",
        "View processes request",
        "View returns",
        "Response is made",
        "Response is sent back",
        "Client receives response",
    ]


@framework
@pytest.mark.usefixtures("quiet")
def test_an_error_handler_a_hook_and_an_await_are_stations(framework: str) -> None:
    async def view() -> Any:
        await asyncio.sleep(0)
        raise LookupError("not here")

    app = app_of(framework, view)
    app.register_error_handler(LookupError, lambda error: ("handled", 409))
    app.after_request(lambda response: response)
    recording = recording_of(app)
    found = titles(recording, "Framework")
    assert found[3:7] == [
        "Suspended at an await",
        "Resumed",
        "View raises",
        "Framework catches it",
    ]
    assert found[7] == "Error handler takes over"
    assert "Hook runs" in found


@framework
def test_the_last_station_is_the_current_one(framework: str) -> None:
    flow = flow_of(recording_of(app_of(framework, lambda: "Hello")), framework)
    assert [station.current for station in flow] == [False] * (len(flow) - 1) + [True]


def unrun(*lines: str) -> Source:
    return Source([*lines], [() for _ in lines])


def test_sources_are_aligned_and_differences_marked() -> None:
    reference = unrun("def view():", "    a = 1", "    return flask.jsonify(a)")
    candidate = unrun("async def view():", "    return quart.jsonify(a)")
    assert [(line.mark, line.candidate) for line in align(reference, candidate)] == [
        ("framework", "async def view():"),
        ("different", None),
        ("framework", "    return quart.jsonify(a)"),
    ]


@framework
def test_executed_lines_list_the_variables_they_changed(framework: str) -> None:
    def view() -> Any:
        count = 2
        return str(count)

    recording = recording_of(app_of(framework, view), lines=True)
    assert [(ran.source, ran.changes) for ran in lines_run(subject_of(recording))] == [
        ("count = 2", ("count = 2",)),
        ("return str(count)", ()),
    ]


def accepted() -> Any:
    """A view whose status can be changed."""
    return "Hello", 202


@framework
def test_a_changed_view_returns_the_new_status(framework: str) -> None:
    recording = recording_of(app_of(framework, accepted))
    change = change_of(recording)
    assert change is not None
    app = app_of(framework, accepted)
    assert apply_change(app, change)
    response = recording_of(app).exchange.response
    assert response is not None
    assert (response.status, response.body) == (404, "Hello")


@framework
def test_a_view_without_a_status_code_is_not_changed(framework: str) -> None:
    def view() -> Any:
        return "Hello"

    assert change_of(recording_of(app_of(framework, view))) is None
