"""The execution table and the variable tracker show a recording as the lesson does."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import flask_app
import quart_app
from comparison.models import Case, Recording, Request, Row
from tests.apps import FRAMEWORKS, app_of, case, recording_of

from . import views

pytestmark = pytest.mark.usefixtures("quiet")

TWINS = {"flask": flask_app, "quart": quart_app}

# The lesson's own table, in the words of its five columns; {} is the framework.
LESSON = [
    ("1", "Client sends GET /custom", "N/A", "N/A", "Request sent"),
    ("2", "{} route '/custom' called", "N/A", "N/A", "Waiting for response"),
    (
        "3", "Return jsonify(message='Hello'), 202", "202", '{"message": "Hello"}',
        "Response received",
    ),
    (
        "4", "Client processes response", "202", '{"message": "Hello"}',
        "Message shown with status 202",
    ),
]  # fmt: skip


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def lesson(framework: str) -> Recording:
    twin: ModuleType = TWINS[framework]
    return recording_of(twin.create_app({"TOPICS": ["custom"]}), case("/custom"))


def content(text: str) -> Any:
    """A cell of response content: JSON where it is JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def actions(recording: Recording) -> list[str]:
    return [row.action for row in recording.table]


def answering(recording: Recording) -> Row:
    """The row in which the response is returned: the last but one."""
    return recording.table[-2]


@pytest.mark.parametrize("row", range(4))
def test_each_row_of_custom_is_that_of_the_lesson(
    lesson: Recording, framework: str, row: int
) -> None:
    step, action, status, body, receives = LESSON[row]
    found = lesson.table[row]
    assert str(found.step) == step
    assert found.action == action.format(framework.title())
    assert str(found.status_code_set) == status
    assert content(found.response_content) == content(body)
    assert found.client_receives == receives


def test_custom_has_the_rows_of_the_lesson_and_no_others(lesson: Recording) -> None:
    assert len(lesson.table) == len(LESSON)


def test_the_variable_tracker_of_custom_is_that_of_the_lesson(
    lesson: Recording,
) -> None:
    status, body = lesson.variables
    assert (status.name, status.start, status.final) == ("status_code", None, 202)
    assert status.steps == {"1": None, "2": None, "3": 202, "4": 202}
    assert (body.name, body.start) == ("response_content", None)
    described = {step: content(str(value)) for step, value in body.steps.items()}
    hello = {"message": "Hello"}
    assert described == {"1": "None", "2": "None", "3": hello, "4": hello}
    assert content(str(body.final)) == hello


@pytest.mark.parametrize(
    ("path", "method", "before_last"),
    [
        ("/nowhere", "GET", "{} has no route for '/nowhere'"),
        ("/", "PUT", "{} route for '/' does not allow PUT"),
        ("/", "OPTIONS", "{} route '/' called"),
    ],
)
def test_a_response_made_by_routing_has_four_rows(
    framework: str, path: str, method: str, before_last: str
) -> None:
    app = app_of(framework, views.decorated_view)
    recording = recording_of(app, case(path, method))
    described = actions(recording)
    assert described[0] == f"Client sends {method} {path}"
    assert before_last.format(framework.title()) in described
    assert described[-1] == "Client processes response"


def test_an_await_is_two_rows(framework: str) -> None:
    described = actions(recording_of(app_of(framework, views.waiting)))
    assert described[2:4] == ['Suspended at await asyncio.sleep(0, "one")', "Resumed"]


def test_the_return_row_precedes_the_rows_of_later_hooks(
    framework: str,
) -> None:
    def teapot(response: Any) -> Any:
        response.status_code = 418
        return response

    app = app_of(framework, views.decorated_view)
    app.after_request(teapot)
    name = framework.title()
    described = [(r.action, r.status_code_set) for r in recording_of(app).table[2:-1]]
    assert described == [
        ('Return "decorated", 202', 202),
        ("Hook teapot called", "N/A"),
        (f"{name} returns a response", 418),
    ]


def test_an_invalid_return_value_precedes_its_error(framework: str) -> None:
    def view() -> Any:
        return "Hello", 200, {}, "more"

    described = actions(recording_of(app_of(framework, view)))
    assert described[2] == 'Return "Hello", 200, {}, "more"'
    assert described[3].startswith(f"{framework.title()} catches TypeError")


def test_a_hook_that_raises_was_called(framework: str) -> None:
    def failing(response: Any) -> Any:
        raise LookupError("in the hook")

    app = app_of(framework, views.decorated_view)
    app.after_request(failing)
    assert "Hook failing called" in actions(recording_of(app))


def test_an_error_handler_row_follows_the_exception_it_caught(framework: str) -> None:
    app = app_of(framework, views.raising)
    app.register_error_handler(LookupError, views.handling)
    recording = recording_of(app)
    assert actions(recording)[2:-1] == [
        f"{framework.title()} catches LookupError: not here",
        "Error handler handling called",
        'Return f"handled {error}", 409',
    ]
    assert answering(recording).status_code_set == 409


def test_the_status_of_an_unhandled_exception_is_500(framework: str) -> None:
    found = answering(recording_of(app_of(framework, views.raising)))
    assert found.status_code_set == 500
    assert found.action == f"{framework.title()} answers LookupError"


def test_a_constant_that_a_view_returns_is_in_its_return_row(
    framework: str,
) -> None:
    app = app_of(framework, views.branching, rule="/<kind>")
    assert answering(recording_of(app, case("/one"))).action == 'Return "first", 201'


def test_setup_requests_have_separate_rows(framework: str) -> None:
    app = app_of(framework, views.decorated_view)
    sent = case(setup=(case("/nowhere").request,))
    first = recording_of(app, sent).table[0]
    assert (first.action, first.status_code_set) == (
        "Client first sends GET /nowhere", 404,
    )  # fmt: skip


def test_the_mount_is_in_the_row_of_the_request(framework: str) -> None:
    app = app_of(framework, lambda: "Hello")
    mounted = Request("GET", "/shop/", mount="/shop")
    recording = recording_of(app, Case("case", mounted, setup=(mounted,)))
    assert [row.action for row in recording.table][:3] == [
        "Client first sends GET /shop/ (mounted at /shop)",
        "Client sends GET /shop/ (mounted at /shop)",
        f"{framework.title()} route '/' called",
    ]
    assert recording.exchange.request.mount == "/shop"


def test_a_failure_fills_the_last_two_rows() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        """An app that returns at once."""

    last = recording_of(silent).table[-2:]
    message = "the app returned without starting a response"
    assert [(row.action, row.client_receives) for row in last] == [
        (f"No response: {message}", "Nothing received"),
        ("Client gives up", "Failure: incomplete"),
    ]


def test_a_partial_response_is_in_the_table(
    framework: str,
) -> None:
    def view() -> Any:
        def pieces() -> Any:
            yield "one"
            raise LookupError("no more")

        return pieces()

    recording = recording_of(app_of(framework, view))
    returned, broken, _ = recording.table[-3:]
    assert (returned.action, returned.status_code_set) == ("Return pieces()", 200)
    assert broken.action.startswith("Response breaks off: ")
    assert (broken.status_code_set, broken.response_content) == (200, "one")
    assert broken.client_receives == "Part of a response received"
    status, content = recording.variables
    assert (status.final, content.final) == (200, "one")


def test_a_partial_setup_response_is_in_the_table() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        start = {"type": "http.response.start", "status": 206, "headers": []}
        await send(start)
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        raise LookupError

    case = Case("case", Request("GET", "/"), setup=(Request("GET", "/first"),))
    first = recording_of(broken, case).table[0]
    assert (first.status_code_set, first.response_content) == (206, "one")
    assert first.client_receives == "Response breaks off: aborted: LookupError"


def test_an_empty_body_is_labelled_empty(framework: str) -> None:
    found = recording_of(app_of(framework, lambda: ("", 202)))
    assert answering(found).response_content == "(empty)"
    assert found.table[-1].client_receives == "Empty response shown with status 202"


def test_a_binary_body_is_described_by_its_size(framework: str) -> None:
    found = recording_of(app_of(framework, lambda: b"\xff\xfe\xfd"))
    assert answering(found).response_content == "(3 bytes, not text)"


def test_a_long_body_is_truncated(framework: str) -> None:
    found = recording_of(app_of(framework, lambda: "x" * 5000))
    assert len(answering(found).response_content) == 121


def test_a_body_cannot_write_to_the_terminal(framework: str) -> None:
    found = recording_of(app_of(framework, lambda: "\x1b[31mred\x07"))
    assert answering(found).response_content == r"\x1b[31mred\x07"


def test_traces_contain_no_absolute_paths() -> None:
    recording = recording_of(app_of("flask", views.decorated_view))
    here = str(Path(__file__).parent)
    assert [e for e in recording.trace if here in e.file + e.source] == []
