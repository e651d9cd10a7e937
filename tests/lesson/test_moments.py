"""Key moments: questions that arise from a recording, answered by it."""

import asyncio
from typing import Any

import flask
import msgspec
import pytest
import quart

from comparison.lesson.model import Arriving, Note
from tests.apps import FRAMEWORKS, app_of, case, new_app, recording_of

from .making import lesson_of_apps, lesson_of_views, moments_of

framework = pytest.mark.parametrize("framework", FRAMEWORKS)

FRAMEWORK = {"flask": flask, "quart": quart}
CREATED = {
    "flask": app_of("flask", lambda: flask.Response("Hello", 201)),
    "quart": app_of("quart", lambda: quart.Response("Hello", 201)),
}
COOKIE = "What does the client do with the cookie?"
WHO = "Who answered when the view did not?"


@framework
def test_a_plain_response_gives_one_key_moment(framework: str) -> None:
    described = moments_of(recording_of(app_of(framework, lambda: "Hello")))
    assert [*described] == ["Where does the status 200 come from?"]
    (answer,) = described.values()
    assert "returned `str` and no status" in answer
    assert "as step 3.3 shows" in answer


@framework
def test_a_status_from_a_returned_response_is_explained_as_such(framework: str) -> None:
    described = moments_of(recording_of(CREATED[framework]))
    assert [*described] == ["Where does the status 201 come from?"]
    (answer,) = described.values()
    assert "returned a response that had it already" in answer


def test_a_tuple_is_explained_before_the_recording_is_quoted() -> None:
    (moment, *_) = lesson_of_views(lambda: ("Hello", 202)).moments
    assert moment.question == (
        "Why do we return a tuple with (response, status_code) in Flask and Quart?"
    )
    (part,) = moment.answers
    rule, quoted = part.content.text.splitlines()
    assert "becomes the HTTP status" in rule
    assert "returned `('Hello', 202)`, as execution_table step 3.2 shows." in quoted
    assert "set the status 202, as step 3.3 shows." in quoted


@framework
def test_a_redirect_and_its_cookie_are_key_moments(framework: str) -> None:
    def view() -> Any:
        return "", 303, {"Location": "/next", "Set-Cookie": "id=7; Path=/"}

    described = moments_of(recording_of(app_of(framework, view)))
    assert "`Location: /next`" in described["What does a client do with a redirect?"]
    assert "sets `id`" in described[COOKIE]


def cookie_event(*fields: str) -> str:
    def view() -> Any:
        return "", 200, [("Set-Cookie", field) for field in fields]

    described: str = moments_of(recording_of(app_of("flask", view)))[COOKIE]
    return described.splitlines()[1]


@pytest.mark.parametrize(
    "field", ["id=; Max-Age=0", "id=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]
)
def test_a_deleted_cookie_is_not_called_one_that_is_sent_along(field: str) -> None:
    described = cookie_event(field)
    assert "deletes `id`" in described
    assert "sends it no more" in described
    assert "returns it" not in described


def test_max_age_overrides_expires() -> None:
    described = cookie_event("id=7; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
    assert "sets `id`" in described
    assert "until `Max-Age=60`" in described


def test_the_attributes_of_a_cookie_say_where_it_is_sent() -> None:
    described = cookie_event("id=7; Path=/shop; Domain=example.com; Secure; HttpOnly")
    assert (
        "to paths at or below `/shop`, to `example.com` and its subdomains and"
        in described
    )
    assert "over HTTPS only" in described
    assert "Scripts of a page cannot read it" in described
    plain = cookie_event("id=7; Path=/")
    assert plain.endswith("The client returns it with requests to this host only.")


@framework
def test_a_setup_request_is_a_key_moment(framework: str) -> None:
    sent = case(setup=(case("/nowhere").request,))
    described = moments_of(recording_of(app_of(framework, lambda: "Hello"), sent))
    answer = described["Why does the client send more than one request?"]
    assert "sent GET /nowhere first and received 404, as step 1 shows" in answer


@framework
@pytest.mark.usefixtures("quiet")
def test_the_error_handler_that_responded_is_named(framework: str) -> None:
    def view() -> Any:
        raise LookupError("not here")

    def handler(error: LookupError) -> Any:
        return "handled", 409

    app = app_of(framework, view)
    app.register_error_handler(LookupError, handler)
    described = moments_of(recording_of(app))
    why = "Why do we return a tuple with (response, status_code) in Framework?"
    assert "The error handler `handler` returned" in described[why]
    assert "The error handler `handler` took over at step 4." in described[WHO]


@pytest.mark.usefixtures("quiet")
def test_a_view_that_responded_has_no_question_about_who_responded() -> None:
    described = moments_of(
        recording_of(app_of("flask", lambda: ("Hello", 200, {}, "no")))
    )
    assert WHO not in described
    answer = described["Which tuples may a view return?"]
    assert "returned `('Hello', 200, {}, 'no')` at step 3.2" in answer
    assert "At step 4 Framework caught TypeError" in answer
    assert "Where does the status 500 come from?" not in described


@pytest.mark.usefixtures("quiet")
def test_an_empty_tuple_is_no_response_either() -> None:
    lesson = lesson_of_views(lambda: ())
    assert "returned `()`" in lesson.transcript[0].content


@pytest.mark.usefixtures("quiet")
def test_a_value_that_is_no_response_is_explained() -> None:
    described = moments_of(recording_of(app_of("flask", lambda: 404)))
    assert "returned `404`" in described["Which values may a view return?"]
    assert "Where does the status 500 come from?" not in described


@framework
def test_abort_is_explained_with_its_status(framework: str) -> None:
    def view() -> Any:
        FRAMEWORK[framework].abort(413)

    described = moments_of(recording_of(app_of(framework, view)))
    answer = described["What does `abort` do?"]
    assert "raised `RequestEntityTooLarge`" in answer
    # The name is that of RFC 9110, section 15.5.14.
    assert "status 413 Content Too Large" in answer
    assert "makes the response itself" in described[WHO]


@framework
def test_hooks_have_key_moments_in_their_order(framework: str) -> None:
    def first() -> None: ...

    def last(response: Any) -> Any:
        return response

    app = app_of(framework, lambda: "Hello")
    app.before_request(first)
    app.after_request(last)
    described = moments_of(recording_of(app))
    answer = described["Which functions ran around the view, and in which order?"]
    assert "Before the view: `first`. After the view: `last`." in answer


@framework
def test_a_hook_that_answered_is_why_the_view_was_not_called(framework: str) -> None:
    app = app_of(framework, lambda: "Hello")
    app.before_request(lambda: ("Stop", 403))
    described = moments_of(recording_of(app))
    assert (
        "returned `('Stop', 403)` at step 3"
        in described["Why was the view not called?"]
    )


@framework
def test_a_path_without_a_route_is_why_no_view_was_called(framework: str) -> None:
    described = moments_of(recording_of(new_app(framework), case("/nowhere")))
    assert "no route has this path" in described["Why was no view called?"]


@framework
def test_options_is_answered_by_the_framework(framework: str) -> None:
    app = app_of(framework, lambda: "Hello")
    described = moments_of(recording_of(app, case(method="OPTIONS")))
    assert "responds to OPTIONS itself" in described["Why was no view called?"]


@framework
def test_a_dict_becomes_json(framework: str) -> None:
    described = moments_of(recording_of(app_of(framework, lambda: {"a": 1})))
    answer = described["How does a dict become a response?"]
    assert "returned `{'a': 1}`" in answer
    assert "`application/json`" in answer


def test_a_generator_is_streamed() -> None:
    def pieces() -> Any:
        yield "one"

    described = moments_of(recording_of(app_of("flask", pieces)))
    answer = described["Is the whole body made before it is sent?"]
    assert "The response has no Content-Length" in answer


def test_the_client_stores_the_session() -> None:
    def view() -> Any:
        flask.session["user"] = "ada"
        return "Hello"

    app = app_of("flask", view)
    app.secret_key = "for tests"
    described = moments_of(recording_of(app))
    assert '`{"user": "ada"}`' in described["Where is the session kept?"]


def test_a_cookie_of_an_earlier_response_is_sent_back() -> None:
    app = app_of("flask", lambda: ("Hello", {"Set-Cookie": "id=7; Path=/"}))
    described = moments_of(recording_of(app, case(setup=(case("/").request,))))
    answer = described["Where does the cookie of the request come from?"]
    assert (
        "stored `id` from the response of step 1, and sent it back at step 2" in answer
    )


def test_key_moments_explain_where_each_framework_awaits() -> None:
    async def view() -> Any:
        await asyncio.sleep(0)
        return "Hello"

    lesson = lesson_of_views(view)
    (moment,) = [m for m in lesson.moments if m.question == "What happens at an await?"]
    (part,) = moment.answers
    *places, resumed, of_flask, of_quart = part.content.text.splitlines()
    for name, place in zip(FRAMEWORKS, places, strict=True):
        assert place.startswith(
            f"{name}: The code was suspended once at `await asyncio.sleep(0)` (step 3.3),"
            " on the thread "
        )
    assert resumed == "It was resumed there, with its variables as they were."
    assert of_flask.startswith("flask: ")
    assert "on a separate event loop" in of_flask
    assert of_quart == "quart: Meanwhile the event loop can serve other requests."


def test_a_difference_is_a_key_moment_of_the_candidate() -> None:
    note = Note("quart", "status", "framework", "known", "It is 500", "Quart counts.")
    other = msgspec.structs.replace(note, field="header:x-step")
    recording = recording_of(app_of("quart", lambda: ("Hello", 202)))
    described = moments_of(recording, notes=(note, other))
    answer = described["Why does quart differ in status and header x-step?"]
    assert answer == "It is 500. Quart counts."


def test_statuses_without_a_response_are_listed() -> None:
    recording = recording_of(app_of("flask", lambda: ("Hello", 202)))
    statuses = {202: 202, 600: "no response", 700: 700}
    described = moments_of(
        recording, "Flask", statuses=statuses, arriving=Arriving(6, 5, "200", "204")
    )
    answer = next(
        text for question, text in described.items() if "any number" in question
    )
    assert answer.splitlines() == [
        (
            "No. In the recorded status map 200 arrived as sent, with the body, from"
            " all 6 stacks (5 servers). None of them delivered 204. The rest"
            " depends on the server."
        ),
        (
            "In process Flask let 202 and 700 through unchanged, although a status is"
            " between 100 and 599 (RFC 9110, section 15)."
        ),
        "In process not all came back: 600: no response.",
        "The example uses 202, which means 'Accepted': see execution_table step 3.5.",
    ]


@framework
@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204)])
def test_a_body_that_was_not_sent_is_a_key_moment(
    framework: str, method: str, status: int
) -> None:
    app = app_of(framework, lambda: ("Hello", status))
    described = moments_of(recording_of(app, case(method=method)))
    assert "The client received none" in described["Where did the body go?"]


def test_answers_that_differ_name_their_targets() -> None:
    apps = {"flask": app_of("flask", lambda: "Hello")}
    apps["quart"] = app_of("quart", lambda: b"Hello")
    (moment, *_) = lesson_of_apps(apps).moments
    assert moment.question == "Where does the status 200 come from?"
    assert [part.targets for part in moment.answers] == [("flask",), ("quart",)]
