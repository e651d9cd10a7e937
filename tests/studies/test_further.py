"""Quiz questions of a lesson beyond its case."""

from pathlib import Path
from typing import Any

import flask
import pytest
import quart

from comparison.known import load_known
from comparison.lesson.changing import change_of
from comparison.lesson.model import Arriving
from comparison.models import Case, Comparison, Expect, Request
from comparison.runner.run import Run
from comparison.studies.sweep.further import changed_factory, further, recorded_statuses
from comparison.targets import Target, resolve_target
from tests.apps import case

MAP = b"""{"schema_version": 1, "command": "", "environment": {"python": "", "platform": "",
"packages": {}}, "codes": [[200, 204]], "stacks": ["flask+one", "flask+two"],
"variants": ["json", "head"], "ranges": [
{"stack": "flask+one", "variant": "json", "first": 200, "last": 203, "outcome": "as sent"},
{"stack": "flask+one", "variant": "json", "first": 204, "last": 204,
 "outcome": "body dropped"},
{"stack": "flask+one", "variant": "head", "first": 200, "last": 204, "outcome": "as sent"},
{"stack": "flask+two", "variant": "json", "first": 200, "last": 201, "outcome": "as sent"},
{"stack": "flask+two", "variant": "json", "first": 202, "last": 204,
 "outcome": "no answer"}]}"""


def accepted() -> Any:
    """A view whose status can be changed."""
    return "Hello", 202


def flask_made() -> Any:
    app = flask.Flask("small")
    app.add_url_rule("/", "view", accepted)
    return app


def quart_made() -> Any:
    app = quart.Quart("small")
    app.add_url_rule("/", "view", accepted)
    return app


def compared(
    *apps: Any, of: Case | None = None
) -> tuple[dict[str, Target], Comparison]:
    targets = {str(n): resolve_target(app) for n, app in enumerate(apps)}
    (comparison,) = Run(targets, [of or case()], load_known(()))
    return targets, comparison


def test_both_views_are_changed_and_receive_the_request_once_more() -> None:
    targets, comparison = compared(flask_made, quart_made)
    changed = further(targets, comparison, 10).changed
    came = [(new, r.exchange.response) for new, r in changed.values()]
    assert [(new, r and r.status, r and r.body) for new, r in came] == [
        (404, 404, "Hello"),
        (404, 404, "Hello"),
    ]


def test_a_reused_app_is_changed_from_its_original_state() -> None:
    _, comparison = compared(flask_made, quart_made)
    change = change_of(comparison.recordings["0"])
    assert change is not None

    def factory(settings: Any, fresh: bool) -> Any:
        app = flask_made()
        app.add_url_rule("/other", "other", lambda: settings)
        return app

    make = changed_factory(change, "kept", factory)
    app = make({}, False)
    app.view_functions["other"] = None
    changed = app.view_functions["view"]
    assert make({}, False) is app
    assert app.view_functions["view"] is not changed
    assert app.view_functions["view"]() == ("Hello", 404)
    assert app.view_functions["other"]() == {}
    assert make({"TOPICS": 1}, False) is not app


def test_an_app_object_of_the_user_is_not_changed() -> None:
    app = flask_made()
    view = app.view_functions["view"]
    targets, comparison = compared(app, quart_made)
    assert set(further(targets, comparison, 10).changed) == {"1"}
    assert app.view_functions["view"] is view


def test_only_the_newly_created_app_receives_the_changed_request() -> None:
    receivers: list[flask.Flask] = []

    def make() -> Any:
        app = flask_made()
        app.before_request(lambda: receivers.append(app))
        return app

    targets, comparison = compared(make, quart_made)
    assert len(receivers) == 1
    assert set(further(targets, comparison, 10).changed) == {"0", "1"}
    assert len(receivers) == 2
    assert receivers[0] is not receivers[1]


@pytest.mark.parametrize("twins", [False, True])
def test_unsafe_requests_are_repeated_only_on_the_twins(twins: bool) -> None:
    def make() -> Any:
        app = flask.Flask("small")
        app.add_url_rule("/", "view", accepted, methods=["POST"])
        return app

    targets, comparison = compared(make, make, of=case(method="POST"))
    found = further(targets, comparison, 10, twins=twins)
    assert bool(found.changed) == twins


def test_other_cases_run_on_the_twins_only_common_statuses_first() -> None:
    received_paths: list[str] = []

    def make() -> Any:
        app = flask.Flask("small")
        app.add_url_rule("/", "view", lambda: ("Hello", 202))
        app.add_url_rule("/gone", "gone", lambda: ("Gone", 410))
        app.add_url_rule("/other/<int:code>", "other", lambda code: ("Other", code))
        app.before_request(lambda: received_paths.append(flask.request.path))
        return app

    def other(path: str, status: int, topic: str = "one", **more: Any) -> Case:
        expect = Expect(status=status)
        return Case(path, Request(path=path), expect=expect, topic=topic, **more)

    cases = [
        other("/same", 202), other("/set", 400, settings={"TESTING": True}),
        *(other(f"/other/{code}", code, "two") for code in range(401, 409)),
        other("/gone", 303), other("/again", 303),
    ]  # fmt: skip
    targets, comparison = compared(make, make, of=other("/", 202))
    received_paths.clear()
    assert further(targets, comparison, 10, cases=cases).others == ()
    assert received_paths == []
    found = further(targets, comparison, 10, twins=True, cases=cases)
    # The answer is the recorded status, not the expected one. A common status goes first.
    assert found.others == (401, 402, 404, 410)
    assert received_paths[:4] == ["/other/404"] * 2 + ["/gone"] * 2


def test_statuses_are_tried_only_on_the_twins() -> None:
    targets, comparison = compared(flask_made, quart_made, of=case(id="custom"))
    assert further(targets, comparison, 10).statuses == {}


def test_statuses_are_tried_only_for_the_lesson() -> None:
    targets, comparison = compared(flask_made, quart_made)
    assert further(targets, comparison, 10, twins=True).statuses == {}


def test_delivered_statuses_are_read_from_the_status_map(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_bytes(MAP)
    found = recorded_statuses(path)
    assert found["flask"] == Arriving(2, 2, "200 and 201", "204")


def test_a_server_in_two_modes_is_one_server() -> None:
    # Werkzeug, Gunicorn with two kinds of workers, Waitress, Hypercorn and Granian.
    flask = recorded_statuses()["flask"]
    assert (flask.stacks, flask.servers) == (6, 5)


@pytest.mark.parametrize("content", [None, b"{}", b"nonsense"])
def test_a_missing_status_map_gives_no_server_statuses(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "map.json"
    if content is not None:
        path.write_bytes(content)
    assert recorded_statuses(path) == {}
