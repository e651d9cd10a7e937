"""Snapshot and transcript say what was recorded, and nothing that was not."""

import threading
from typing import Any

import flask
import pytest
import quart

from comparison import Expect, Request
from comparison.lesson.flow import concept_flow
from comparison.lesson.model import Arriving
from comparison.lesson.snapshot import captions, concept_snapshot
from comparison.lesson.transcript import full_transcript
from comparison.models import Capture, Comparison, NormalisationRules, Recording
from tests.apps import FRAMEWORKS, PATIENT, app_of, case, comparison_of, recording_of

from .making import lesson_of_views, moments_of, subject_of

framework = pytest.mark.parametrize("framework", FRAMEWORKS)


def titles(recording: Recording) -> list[str]:
    subject = subject_of(recording)
    return [station.title for station in concept_flow(subject.steps, subject.name)]


def transcript(found: Comparison, framework: str = "Framework") -> str:
    """The transcript of the reference."""
    recording = next(iter(found.recordings.values()))
    return full_transcript(subject_of(recording, framework), found)


def snapshot(found: Comparison, framework: str = "Framework") -> tuple[str, ...]:
    """The snapshot of the reference."""
    recording = next(iter(found.recordings.values()))
    return concept_snapshot(subject_of(recording, framework), found)


@pytest.mark.usefixtures("quiet")
def test_an_exception_that_the_framework_caught_is_reported() -> None:
    app = app_of("quart", lambda: ("Hello", "202 Accepted"))
    found = comparison_of(app, app)
    recording = next(iter(found.recordings.values()))
    assert "Framework catches it" in titles(recording)
    assert transcript(found, "Quart").count("Quart caught ValueError.") == 1


@pytest.mark.usefixtures("quiet")
def test_a_partial_response_is_not_described_as_no_response() -> None:
    def pieces() -> Any:
        yield "one"
        raise LookupError("no more")

    app = app_of("flask", lambda: flask.Response(pieces()))
    found = comparison_of(app, app)
    recording = next(iter(found.recordings.values()))
    assert titles(recording)[-2:] == ["Response breaks off", "Client receives a part"]
    lines = snapshot(found, "Flask")
    assert lines[0].startswith("Flask broke off its answer to GET /: aborted: ")
    assert "The response began with 200 and broke off." in lines
    assert "The response broke off: aborted: LookupError: no more." in transcript(found)
    assert "Why is the response incomplete?" in moments_of(recording)
    assert lines[-1] == "Not every target responded."
    described = captions(subject_of(recording)).flow
    assert described.endswith("no whole response came back to the client.")


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        (404, "Not every target did what the case expects."),
        (200, "All targets did the same."),
    ],
)
def test_an_expectation_is_reported_as_met_or_unmet(
    expected: int, sentence: str
) -> None:
    app = app_of("flask", lambda: "Hello")
    found = comparison_of(app, app, case(expect=Expect(status=expected)))
    assert snapshot(found)[-1] == sentence
    assert transcript(found).endswith(sentence)


def test_ignored_differences_are_not_described_as_equal() -> None:
    apps = [app_of("flask", lambda text=text: text) for text in ("[1]", "[ 1]")]
    found = comparison_of(*apps, case(normalisations=NormalisationRules(json=True)))
    sentence = "All targets did the same, except for what the case ignores: `json`."
    assert snapshot(found)[-1] == sentence


def test_an_unsent_request_is_not_described_as_sent() -> None:
    before = Request("GET", "/nowhere", capture={"token": Capture(json="$.token")})
    sent = case(setup=(before,), request=Request("GET", "/${token}"))
    app = app_of("flask", lambda: "Hello")
    found = comparison_of(app, app, sent)
    recording = next(iter(found.recordings.values()))
    assert titles(recording) == [
        "Client sends earlier request",
        "Client sends no request",
    ]
    assert "The client did not send GET" in transcript(found)
    assert snapshot(found)[1] == "The request was not sent."


@framework
def test_a_snapshot_has_the_rules_of_what_was_recorded(framework: str) -> None:
    found = comparison_of(*[app_of(framework, view_with_status)] * 2)
    assert snapshot(found) == (
        "Framework answered GET / with status 202 Accepted.",
        "A view chooses its status code by returning a tuple: `(response, status_code)`.",
        "The view `view_with_status` returned `('Hello', 202)`.",
        'Example: `return "Hello", 202`',
        "Content-Length says how long the body is.",
        (
            "The status code tells the client how to interpret the response: 2xx means that"
            " the request succeeded, 202 'Accepted'."
        ),
        "All targets did the same.",
    )


def view_with_status() -> Any:
    return "Hello", 202


def test_a_snapshot_names_common_codes_and_codes_to_avoid() -> None:
    found = comparison_of(*[app_of("flask", view_with_status)] * 2)
    subject = subject_of(next(iter(found.recordings.values())))
    lines = concept_snapshot(
        subject, found, (404, 200, 299), Arriving(6, 5, "200", "204")
    )
    assert lines[-3:-1] == (
        "Common codes, recorded in cases: 200 OK, 202 Accepted and 404 Not Found.",
        (
            "Custom codes should follow HTTP standards: use a registered one (RFC 9110,"
            " section 16.2). With a body, 204 arrived through no server in the recorded"
            " status map."
        ),
    )


def test_a_view_that_raises_has_no_rule_of_tuples() -> None:
    def changed() -> Any:
        response = quart.Response("Hello")
        response.status_code = 202
        return response

    for view in (changed, lambda: {"a": 1}):
        described = "\n".join(lesson_of_views(view).snapshot[0].content)
        assert "tuple" not in described


def test_the_words_of_the_author_are_not_in_the_transcript() -> None:
    lesson = lesson_of_views(
        lambda: {"a": 1},
        title="The 202 in the tuple overrides",
        description="It overrides the status",
    )
    for mode in (lesson.transcript, lesson.snapshot, lesson.captions, lesson.moments):
        assert "overrides" not in str(mode)


def test_a_transcript_reads_as_prose() -> None:
    (part,) = lesson_of_views(view_with_status).transcript
    assert part.content == (
        "A view chooses its status code by returning a tuple: `(response, status_code)`."
        " In this recording the client sent GET /. Flask and Quart matched it to the"
        " route / and called the view `view_with_status`. The view `view_with_status`"
        " returned `('Hello', 202)` at `return \"Hello\", 202`. Flask and Quart made a"
        " response with status 202. The response went back with status 202. The client"
        " received 202 Accepted and 5 bytes of text/html. The status code tells the client"
        " how to interpret the response: 2xx means that the request succeeded, 202"
        " 'Accepted'. All targets did the same."
    )


def test_sentences_under_flow_code_and_table_say_what_came_back() -> None:
    captions = lesson_of_views(view_with_status).captions
    described = {mode: part.content for mode, (part,) in captions.items()}
    assert described["flow"] == (
        "The client sent GET /, Flask and Quart received it, the view"
        " `view_with_status` processed it, and a response with status 202 Accepted came"
        " back to the client."
    )
    assert described["sample"] == (
        "Function `view_with_status` returned `('Hello', 202)`. The client received this"
        " as `text/html`, with status 202 Accepted."
    )
    assert described["table"] == (
        "Response sent with status 202 Accepted, ending the request cycle."
    )


def test_a_status_has_the_name_of_its_rfc_and_the_phrase_that_was_sent() -> None:
    recording = recording_of(app_of("flask", lambda: ("Hello", 413)))
    # RFC 9110, section 15.5.14; Werkzeug sends the name of RFC 2616.
    name = "413 Content Too Large (sent as 'REQUEST ENTITY TOO LARGE')"
    assert name in captions(subject_of(recording)).table


def test_a_plain_wsgi_app_is_described_as_not_recorded_inside() -> None:
    def plain(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", "5")])
        return [b"Hello"]

    found = comparison_of(app_of("flask", lambda: "Hello"), plain)
    _, other = found.recordings.values()
    lines = concept_snapshot(subject_of(other, "Plain"), found)
    assert lines[1] == "The inside of the app was not recorded."


@pytest.mark.slow
def test_a_view_that_never_returns_is_described_up_to_where_it_hangs() -> None:
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
    described = transcript(found, "Flask")
    assert "2 lines ran. The client received nothing: timeout: no answer" in described
    lines = snapshot(found, "Flask")
    assert lines[0].startswith("Flask did not answer GET /: timeout: no answer")
    assert "No return ran." in lines
