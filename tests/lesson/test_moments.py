"""Key moments: questions that arise from a recording, answered by it."""

import asyncio
from typing import Any

import flask
import msgspec
import pytest
import quart

from comparison.lesson.model import Note
from comparison.lesson.moments import key_moments
from tests.apps import FRAMEWORKS, app_of, case, recording_of

framework = pytest.mark.parametrize("framework", FRAMEWORKS)

CREATED = {
    "flask": app_of("flask", lambda: flask.Response("Hello", 201)),
    "quart": app_of("quart", lambda: quart.Response("Hello", 201)),
}


@framework
def test_a_plain_answer_raises_one_question(framework: str) -> None:
    recording = recording_of(app_of(framework, lambda: "Hello"))
    (moment,) = key_moments("Framework", recording, {})
    assert moment.question == "Where does the status 200 come from?"
    assert "returned `str` and no status" in moment.answer
    assert moment.steps == (3,)


@framework
def test_a_status_that_a_response_had_already_was_not_set_later(framework: str) -> None:
    recording = recording_of(CREATED[framework])
    (moment,) = key_moments("Framework", recording, {})
    assert moment.question == "Where does the status 201 come from?"
    assert "returned a response that had it already" in moment.answer


@framework
def test_a_redirect_and_its_cookie_are_moments(framework: str) -> None:
    def view() -> Any:
        return "", 303, {"Location": "/next", "Set-Cookie": "id=7; Path=/"}

    told = key_moments("Framework", recording_of(app_of(framework, view)), {})
    answers = {moment.question: moment.answer for moment in told}
    assert "`Location: /next`" in answers["What does a client do with a redirect?"]
    assert "sets `id`" in answers["What does the client store?"]


@framework
def test_a_request_before_is_a_moment(framework: str) -> None:
    asked = case(setup=(case("/nowhere").request,))
    recording = recording_of(app_of(framework, lambda: "Hello"), asked)
    moment = key_moments("Framework", recording, {})[0]
    assert "sent GET /nowhere first and received 404" in moment.answer
    assert moment.steps == (1,)


@framework
@pytest.mark.usefixtures("quiet")
def test_whoever_answered_is_named(framework: str) -> None:
    def view() -> Any:
        raise LookupError("not here")

    def handler(error: LookupError) -> Any:
        return "handled", 409

    app = app_of(framework, view)
    app.register_error_handler(LookupError, handler)
    told = key_moments("Framework", recording_of(app), {})
    answers = {moment.question: moment.answer for moment in told}
    why = "Why do we return a tuple with (response, status_code) in Framework?"
    assert answers[why].startswith("The error handler `handler` returned a tuple")
    who = answers["Who answered when the view did not?"]
    assert who.startswith("The error handler `handler` took over at step 4.")


def test_where_flask_and_quart_wait_is_told_of_each() -> None:
    async def view() -> Any:
        await asyncio.sleep(0)
        return "Hello"

    for framework, words in (("flask", "on a separate event loop"),
                             ("quart", "can serve other requests")):  # fmt: skip
        recording = recording_of(app_of(framework, view))
        told = key_moments(framework.title(), recording, {})
        (moment,) = [m for m in told if m.question == "What happens at an await?"]
        first, _, third = moment.answer.splitlines()
        assert first.startswith(
            "The code was suspended once at `await asyncio.sleep(0)` (step 3), on the"
            " thread "
        )
        assert words in third


def test_a_difference_is_a_moment_of_the_candidate() -> None:
    note = Note("quart", "status", "framework", "known", "It is 500", "Quart counts.")
    other = msgspec.structs.replace(note, field="header:x-step")
    recording = recording_of(app_of("quart", lambda: ("Hello", 202)))
    moment = key_moments("Quart", recording, {}, notes=(note, other))[-1]
    assert moment.question == "Why does quart differ in status and header x-step?"
    assert moment.answer == "It is 500. Quart counts."


def test_numbers_that_do_not_come_back_are_told() -> None:
    recording = recording_of(app_of("flask", lambda: ("Hello", 202)))
    moments = key_moments("Flask", recording, {202: 202, 600: "no response", 700: 700})
    answer = next(m.answer for m in moments if "any number" in m.question)
    assert answer.splitlines() == [
        (
            "In process Flask let 202 and 700 through unchanged, although a status is"
            " between 100 and 599 (RFC 9110, section 15)."
        ),
        "In process not all came back: 600: no response.",
        "The example uses 202, which means 'Accepted': see execution_table step 3.",
    ]


@framework
def test_a_body_that_never_left_is_a_moment(framework: str) -> None:
    recording = recording_of(app_of(framework, lambda: "Hello"), case(method="HEAD"))
    assert "Where did the body go?" in [
        m.question for m in key_moments("Framework", recording, {})
    ]
