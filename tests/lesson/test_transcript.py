"""Snapshot and transcript say what was recorded, and nothing that was not."""

import threading
from typing import Any

import flask
import pytest

from comparison import Expect, Request
from comparison.lesson.flow import concept_flow
from comparison.lesson.moments import key_moments
from comparison.lesson.sample import execution_sample
from comparison.lesson.transcript import concept_snapshot, full_transcript
from comparison.models import Capture, NormalisationRules, Recording
from tests.apps import FRAMEWORKS, PATIENT, app_of, case, comparison_of

framework = pytest.mark.parametrize("framework", FRAMEWORKS)


def titles(recording: Recording) -> list[str]:
    return [station.title for station in concept_flow("Framework", recording)]


@pytest.mark.usefixtures("quiet")
def test_an_error_that_one_method_alone_caught_is_told() -> None:
    app = app_of("quart", lambda: ("Hello", "202 Accepted"))
    found = comparison_of(app, app)
    recording = next(iter(found.recordings.values()))
    assert "Framework catches it" in titles(recording)
    told = full_transcript("Quart", recording, found)
    assert told.count("Quart caught ValueError.") == 1


@pytest.mark.usefixtures("quiet")
def test_a_response_that_breaks_off_is_not_called_nothing() -> None:
    def pieces() -> Any:
        yield "one"
        raise LookupError("no more")

    app = app_of("flask", lambda: flask.Response(pieces()))
    found = comparison_of(app, app)
    recording = next(iter(found.recordings.values()))
    assert titles(recording)[-2:] == ["Response breaks off", "Client receives a part"]
    lines = concept_snapshot("Flask", recording, found)
    assert lines[0].startswith("Flask breaks off its answer to GET /: aborted: ")
    assert lines[3] == "The response began with 200 and broke off."
    told = full_transcript("Flask", recording, found)
    assert "The response broke off: aborted: LookupError: no more." in told
    questions = [m.question for m in key_moments("Flask", recording, {})]
    assert "Why is the response incomplete?" in questions
    assert lines[4] == "Not every target responded."


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (404, "Not every target did what the case expects."),
        (200, "All targets did the same."),
    ],
)
def test_a_case_that_expects_something_else_is_told_as_such(
    expected: int, said: str
) -> None:
    app = app_of("flask", lambda: "Hello")
    found = comparison_of(app, app, case(expect=Expect(status=expected)))
    recording = next(iter(found.recordings.values()))
    assert concept_snapshot("Flask", recording, found)[4] == said
    assert full_transcript("Flask", recording, found).endswith(said)


def test_what_a_case_leaves_out_is_not_told_as_the_same() -> None:
    apps = [app_of("flask", lambda text=text: text) for text in ("[1]", "[ 1]")]
    found = comparison_of(*apps, case(normalisations=NormalisationRules(json=True)))
    recording = next(iter(found.recordings.values()))
    said = "All targets did the same, except for what the case ignores: `json`."
    assert concept_snapshot("Flask", recording, found)[4] == said


def test_a_request_that_was_not_sent_is_not_told_as_sent() -> None:
    before = Request("GET", "/nowhere", capture={"token": Capture(json="$.token")})
    asked = case(setup=(before,), request=Request("GET", "/${token}"))
    app = app_of("flask", lambda: "Hello")
    found = comparison_of(app, app, asked)
    recording = next(iter(found.recordings.values()))
    assert titles(recording) == [
        "Client sends earlier request",
        "Client sends no request",
    ]
    assert "The client did not send GET" in full_transcript("Flask", recording, found)
    lines = concept_snapshot("Flask", recording, found)
    assert lines[1] == "The request was not sent."


@framework
def test_a_snapshot_has_five_lines(framework: str) -> None:
    def view() -> Any:
        return "Hello", 202

    found = comparison_of(*[app_of(framework, view)] * 2)
    recording = next(iter(found.recordings.values()))
    assert concept_snapshot("Framework", recording, found) == (
        "Framework answers GET / with status 202 Accepted.",
        "The view `view` returned `('Hello', 202)`.",
        'Example: `return "Hello", 202`',
        "Content-Length says how long the body is.",
        "All targets did the same.",
    )


def test_of_an_app_of_another_kind_nothing_inside_is_told() -> None:
    def plain(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", "5")])
        return [b"Hello"]

    found = comparison_of(app_of("flask", lambda: "Hello"), plain)
    _, other = found.recordings.values()
    assert execution_sample(found.recordings) == ()
    lines = concept_snapshot("Plain", other, found)
    assert lines[1] == "The inside of the app was not recorded."


@pytest.mark.slow
def test_a_view_that_never_returns_is_told_as_far_as_it_came() -> None:
    released = threading.Event()

    def view() -> Any:
        waited = "for ever"
        released.wait()
        return waited

    app = app_of("flask", view)
    try:
        found = comparison_of(app, app, timeout=PATIENT, lines=True)
    finally:
        released.set()
    recording = next(iter(found.recordings.values()))
    assert titles(recording)[-2:] == ["View processes request", "No response"]
    told = full_transcript("Flask", recording, found)
    assert "2 lines ran. The client received nothing: timeout: no answer" in told
    lines = concept_snapshot("Flask", recording, found)
    assert lines[0].startswith("Flask does not answer GET /: timeout: no answer")
    assert lines[2] == "No return ran."
