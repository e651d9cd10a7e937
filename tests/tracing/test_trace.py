"""The trace of a recording: events inside an app."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.views import MethodView as FlaskMethodView
from flask.views import View as FlaskView
from quart.views import MethodView as QuartMethodView
from quart.views import View as QuartView

import flask_app
import quart_app
from comparison.tracing import recorded
from tests.apps import FRAMEWORKS, app_of, case, event, events, new_app, recording_of

from . import views

pytestmark = [
    pytest.mark.usefixtures("quiet"),
    pytest.mark.parametrize("framework", FRAMEWORKS),
]

HERE = "tests/tracing/views.py"


def returned(framework: str, view: Any, path: str = "/", rule: str = "/") -> Any:
    recording = recording_of(app_of(framework, view, rule=rule), case(path))
    return event(recording, "view_returned")


def test_events_are_in_chronological_order(framework: str) -> None:
    assert events(recording_of(app_of(framework, views.decorated_view))) == [
        "request_sent",
        "route_matched",
        "view_called",
        "view_returned",
        "response_made",
        "response_handed_over",
        "client_received",
    ]


def twin_of(framework: str, topic: str) -> Any:
    twin = flask_app if framework == "flask" else quart_app
    return twin.create_app({"TOPICS": [topic]})


def test_the_lesson_sets_its_status_only_in_make_response(framework: str) -> None:
    app = twin_of(framework, "custom")
    made = event(recording_of(app, case("/custom")), "response_made")
    assert (made.status_before, made.status) == (200, 202)


def test_the_view_returned_a_response_of_status_200_and_a_number(
    framework: str,
) -> None:
    app = twin_of(framework, "custom")
    value = event(recording_of(app, case("/custom")), "view_returned").value
    assert value is not None
    assert [item.type for item in value.items] == ["Response", "int"]
    assert (value.items[0].status, value.items[1].text) == (200, "202")


def test_a_matched_route_names_rule_endpoint_and_view(framework: str) -> None:
    app = app_of(framework, views.branching, rule="/<kind>")
    found = event(recording_of(app, case("/one")), "route_matched")
    assert (found.rule, found.name, found.file) == ("/<kind>", "view", HERE)
    assert found.line == views.branching.__code__.co_firstlineno


def test_the_arguments_of_a_view_are_recorded(framework: str) -> None:
    app = app_of(framework, views.branching, rule="/<kind>")
    called = event(recording_of(app, case("/one")), "view_called")
    assert {n: v.text for n, v in called.arguments.items()} == {"kind": "'one'"}


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("one", 'return "first", 201'),
        ("two", "return body, 202"),
        ("three", 'return ( "third", 203, )'),
    ],
)
def test_the_source_is_that_of_the_return_that_ran(
    framework: str, kind: str, source: str
) -> None:
    found = returned(framework, views.branching, f"/{kind}", "/<kind>")
    assert found.source == source


@pytest.mark.parametrize(
    ("kind", "source"),
    [("one", 'return "first", 201'), ("two", 'return "second", 202')],
)
def test_the_source_is_that_of_the_return_that_ran_after_an_await(
    framework: str, kind: str, source: str
) -> None:
    found = returned(framework, views.branching_async, f"/{kind}", "/<kind>")
    assert (found.source, found.file) == (source, HERE)


@pytest.mark.parametrize(
    ("view", "kind", "source"),
    [
        (views.within, "one", 'return "first", 201'),
        (views.within, "two", "return ( kind, 202, )"),
        (views.within, "three", ""),
        (views.within, "four", "return kind, 204"),
        (views.within, "five", "return kind, status"),
        (views.within_async, "one", 'return "first", 201'),
        (views.within_async, "two", "return kind, 202"),
    ],
)
def test_the_source_is_that_of_a_return_followed_by_other_code(
    framework: str, view: Any, kind: str, source: str
) -> None:
    assert returned(framework, view, f"/{kind}", "/<kind>").source == source


def test_a_decorated_view_is_recorded_as_the_view(framework: str) -> None:
    found = returned(framework, views.decorated_view)
    assert (found.name, found.source) == ("decorated_view", 'return "decorated", 202')


def test_a_lambda_is_recorded_where_it_is_written(framework: str) -> None:
    app = app_of(framework, views.SHORT)
    found = event(recording_of(app, case("/")), "route_matched")
    assert found.line == views.SHORT.__code__.co_firstlineno


def test_a_class_based_view_is_recorded_as_its_method(framework: str) -> None:
    base = FlaskView if framework == "flask" else QuartView

    class Greeting(base):  # type: ignore[misc, valid-type]
        def dispatch_request(self) -> Any:
            return "Hello"

    found = returned(framework, Greeting.as_view("view"))
    assert (found.name, found.source) == ("Greeting.dispatch_request", 'return "Hello"')


def test_a_method_view_is_recorded_as_the_method_called(framework: str) -> None:
    base = FlaskMethodView if framework == "flask" else QuartMethodView

    class Greeting(base):  # type: ignore[misc, valid-type]
        def get(self) -> Any:
            return "Hello"

    found = returned(framework, Greeting.as_view("view"))
    assert (found.name, found.source) == ("Greeting.get", 'return "Hello"')


def test_the_route_of_a_class_leads_to_the_method_that_handles_the_request(
    framework: str,
) -> None:
    base = FlaskMethodView if framework == "flask" else QuartMethodView

    class Greeting(base):  # type: ignore[misc, valid-type]
        def get(self) -> Any:
            return "Hello"

    app = app_of(framework, Greeting.as_view("view"))
    for method in ("GET", "HEAD"):
        found = recording_of(app, case("/", method=method))
        matched, called = (
            event(found, f"{what}ed") for what in ("route_match", "view_call")
        )
        assert (matched.file, matched.line) == (called.file, called.line)


def test_a_view_that_ends_without_a_return_has_no_source_to_quote(
    framework: str,
) -> None:
    assert returned(framework, views.forgetful).source == ""


def test_an_await_is_recorded_as_suspended_and_resumed(framework: str) -> None:
    recording = recording_of(app_of(framework, views.waiting))
    inside = events(recording)
    inside = inside[inside.index("view_called") : inside.index("view_returned") + 1]
    pair = ["suspended", "resumed"]
    assert inside == ["view_called", *pair, *pair, "view_returned"]
    suspended = [e for e in recording.trace if e.event == "suspended"]
    assert [e.source for e in suspended] == [
        'await asyncio.sleep(0, "one")',
        'await asyncio.sleep(0, "two")',
    ]


def test_a_library_exception_is_recorded_with_the_line_of_the_app(
    framework: str,
) -> None:
    raised = event(
        recording_of(app_of(framework, lambda: json.loads("{"))), "view_raised"
    )
    assert (raised.file, raised.source) == (
        "tests/tracing/test_trace.py", 'json.loads("{")',
    )  # fmt: skip


def test_an_error_handler_is_recorded_after_the_exception(framework: str) -> None:
    app = app_of(framework, views.raising)
    app.register_error_handler(LookupError, views.handling)
    recording = recording_of(app)
    assert events(recording)[2:-3] == [
        "view_called",
        "view_raised",
        "error_caught",
        "handler_called",
        "handler_returned",
    ]
    assert event(recording, "view_raised").source == 'raise LookupError("not here")'
    assert event(recording, "error_caught").detail == "LookupError: not here"
    handler = event(recording, "handler_returned")
    assert (handler.name, handler.source) == (
        "handling", 'return f"handled {error}", 409',
    )  # fmt: skip


def test_an_exception_without_a_handler_is_caught_by_the_framework(
    framework: str,
) -> None:
    recording = recording_of(app_of(framework, views.raising))
    assert "handler_called" not in events(recording)
    assert {e.detail for e in recording.trace if e.event == "error_caught"} == {
        "LookupError: not here"
    }


def test_hooks_are_recorded_around_the_view(framework: str) -> None:
    app = app_of(framework, views.decorated_view)
    app.before_request(views.first_hook)
    app.after_request(views.last_hook)
    recording = recording_of(app)
    called = [(e.event, e.name) for e in recording.trace if e.event.endswith("_called")]
    assert called == [
        ("hook_called", "first_hook"),
        ("view_called", "decorated_view"),
        ("hook_called", "last_hook"),
    ]


def test_a_hook_that_responds_skips_the_view(framework: str) -> None:
    app = app_of(framework, views.decorated_view)
    app.before_request(views.answering_hook)
    recording = recording_of(app)
    assert "view_called" not in events(recording)
    answered = event(recording, "hook_returned")
    assert answered.source == 'return "hooked", 203'


def test_a_path_without_a_route_is_recorded_as_missed(framework: str) -> None:
    app = app_of(framework, views.decorated_view)
    missed = event(recording_of(app, case("/nowhere")), "route_missed")
    assert (missed.name, missed.detail) == ("/nowhere", "NotFound")


def test_a_method_without_a_route_is_recorded_as_missed(framework: str) -> None:
    app = app_of(framework, views.decorated_view)
    missed = event(recording_of(app, case(method="PUT")), "route_missed")
    assert missed.detail == "MethodNotAllowed"


def test_the_automatic_options_response_is_recorded(framework: str) -> None:
    app = app_of(framework, views.decorated_view)
    assert "automatic_options" in events(recording_of(app, case(method="OPTIONS")))


def test_responses_made_by_the_view_and_the_framework_are_distinct(
    framework: str,
) -> None:
    app = twin_of(framework, "tuples")
    recording = recording_of(app, case("/tuples/made"))
    made = [e.detail for e in recording.trace if e.event == "response_made"]
    assert made == ["in the view", ""]


def state(app: Any) -> dict[str, Any]:
    """All attributes but the event that Quart makes anew whenever it is started."""
    return {k: v for k, v in vars(app).items() if k != "shutdown_event"}


@pytest.fixture
def app(framework: str) -> Iterator[Any]:
    app = app_of(framework, views.decorated_view)
    recording_of(app)  # both frameworks note their first request
    yield app


def test_recording_restores_the_app_exactly(app: Any, framework: str) -> None:
    before = state(app)
    assert recording_of(app).exchange.response is not None
    assert state(app) == before


def test_app_attributes_that_resemble_the_recorder_are_not_touched(
    app: Any, framework: str
) -> None:
    class Posing:
        replaced = "something else"

    app.mailer = Posing()
    before = state(app)
    recording_of(app)
    assert state(app) == before


def test_a_method_replaced_on_the_app_is_recorded_and_put_back(
    app: Any, framework: str
) -> None:
    original = app.make_response
    app.make_response = lambda *args: original(*args)
    mine = vars(app)["make_response"]
    assert recording_of(app).exchange.response.status == 202  # type: ignore[union-attr]
    assert vars(app)["make_response"] is mine


def test_nested_recording_restores_the_app_at_the_end(app: Any, framework: str) -> None:
    before = state(app)
    with recorded(app):
        with recorded(app):
            pass
        assert state(app) != before
    assert state(app) == before


def test_an_exception_in_the_block_releases_the_app(app: Any, framework: str) -> None:
    before = state(app)
    with pytest.raises(ValueError, match="in the block"), recorded(app):
        raise ValueError("in the block")
    assert state(app) == before


def test_requests_outside_a_trace_are_not_recorded(app: Any, framework: str) -> None:
    with recorded(app):
        client = app.test_client()
        if framework == "flask":
            assert client.get("/").status_code == 202
    assert events(recording_of(app)).count("view_called") == 1


def test_a_long_trace_is_truncated(framework: str) -> None:
    app = new_app(framework)
    for _ in range(600):
        app.before_request(lambda: None)
    app.add_url_rule("/", "view", views.decorated_view)
    trace = recording_of(app).trace
    assert len(trace) == 501
    assert trace[-1].event == "truncated"
    assert trace[-1].detail.endswith(" more events")


def test_a_trace_can_be_written_as_json(framework: str) -> None:
    import msgspec

    recording = recording_of(app_of(framework, views.waiting))
    assert json.loads(msgspec.json.encode(recording))["trace"]
