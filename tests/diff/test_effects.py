"""Work that one app loses inside, although the responses are equal."""

import logging
from typing import Any

import flask
import pytest
import quart

from comparison import compare
from comparison.cli import main
from comparison.diff.effects import differing_effects, effects, lost_work
from comparison.models import SECOND, Comparison, Event
from tests.apps import case
from tests.diff.making import exchange, response
from tests.project import Project, project

__all__ = ["project"]

CASES = '[[case]]\nid = "effect"\nrequest = { path = "/" }\n'
APP = """
import logging
import threading
from {framework} import {name}, g, request, signals

async def save():
    pass

def create_app():
    app = {name}(__name__)

    @app.get("/")
    {prefix}def view():
        {body}
        return "saved"

    {outside}
    return app
"""


LOGGED = Event(
    "logged", name="ERROR", detail="Exception on request GET /: ValueError: no"
)
CAUGHT = Event("error_caught", name="handle_exception", detail="ValueError: no")


@pytest.mark.parametrize(
    ("trace", "lost"),
    [
        ([CAUGHT, LOGGED], []),
        ([LOGGED, CAUGHT], []),
        # Quart logs the exception of a background task in the same words.
        ([LOGGED], ["ValueError ended a background task"]),
        ([CAUGHT, LOGGED, LOGGED], ["ValueError ended a background task"]),
        ([CAUGHT, LOGGED, LOGGED, LOGGED], ["ValueError ended a background task"]),
        ([Event("thread_raised", detail="KeyError: 1")], ["KeyError ended a thread"]),
        ([Event("task_raised", detail="KeyError: 1")], ["KeyError ended a task"]),
        ([Event("task_destroyed")], ["a task was destroyed before its end"]),
        ([Event("logged", name="ERROR", detail="no")], []),
    ],
)
def test_an_exception_that_nothing_caught_is_lost_work(
    trace: list[Event], lost: list[str]
) -> None:
    assert lost_work(trace) == lost


ROUTED = Event("route_matched", rule="/")
OWN_HOOK = Event("hook_called", name="open_db")


@pytest.mark.parametrize(
    "failing",
    [
        Event("error_caught", detail="NotFound: no"),
        Event("view_raised", detail="NotFound: no"),
        Event("hook_raised", detail="NotFound: no"),
    ],
    ids=lambda event: event.event,
)
@pytest.mark.parametrize("by", ["reference", "candidate"])
def test_hooks_only_in_the_candidate_count_if_an_app_has_raised(
    failing: Event, by: str
) -> None:
    one: list[Event] = [ROUTED]
    other = [ROUTED, OWN_HOOK]
    sent = exchange(response())
    assert list(differing_effects((one, sent), (other, sent), set())) == []
    (one if by == "reference" else other).append(failing)
    assert list(differing_effects((one, sent), (other, sent), set())) == [
        ("effect", None, "hook open_db ran")
    ]


@pytest.mark.parametrize(
    ("event", "status", "effect"),
    [
        (Event("never_awaited", name="save"), 200, "coroutine save was never awaited"),
        (Event("thread_raised", detail="KeyError: 1"), 200, "KeyError ended a thread"),
        (Event("task_raised", detail="KeyError: 1"), 200, "KeyError ended a task"),
        (Event("task_destroyed"), 200, "a task was destroyed before its end"),
        (Event("hook_called", name="close_db"), 200, "hook close_db ran"),
        (Event("logged", name="ERROR", detail="no"), 200, "an error was logged"),
        (Event("error_caught", detail="KeyError: 1"), 500, "raised KeyError"),
        (Event("app_raised", detail="KeyError: 1"), 500, "raised KeyError"),
        (Event("app_raised", detail="KeyError: 1"), 200, "KeyError left the app after its response"),
        (Event("protocol_broken", detail=SECOND), 200, "a second response was started"),
    ],
)  # fmt: skip
def test_each_effect_differs_from_none_and_from_another(
    event: Event, status: int, effect: str
) -> None:
    sent = exchange(response(status))
    trace = [ROUTED, event]
    assert effects(trace, sent) == [effect]
    assert list(differing_effects((trace, sent), (trace, sent), set())) == []
    without = list(differing_effects((trace, sent), ([ROUTED], sent), set()))
    if status == 500:
        # Where only one app has raised, the status differs, or we did not see it.
        assert without == []
        other = [ROUTED, Event(event.event, detail="ValueError: 1")]
        found = list(differing_effects((trace, sent), (other, sent), set()))
        assert found == [("effect", effect, "raised ValueError")]
    else:
        assert without == [("effect", effect, None)]


def test_hooks_only_in_the_candidate_count_if_one_of_the_reference_is_lost() -> None:
    lost = Event("hook_called", name="close_db")
    sent = exchange(response())
    one, other = [ROUTED, lost], [ROUTED, OWN_HOOK]
    assert list(differing_effects((one, sent), (other, sent), set())) == [
        ("effect", "hook close_db ran", "hook open_db ran")
    ]


@pytest.fixture
def code(project: Project, quiet: None) -> Any:
    """Run the case on a Flask and a Quart app; return the exit code and the report."""

    def code(
        flask: str = "pass", quart: str = "pass", outside: tuple[str, str] = ("", ""),
        case: str = "",
    ) -> tuple[int, str]:  # fmt: skip
        bodies = {"flask": flask, "quart": quart}
        for (framework, body), more in zip(bodies.items(), outside, strict=True):
            source = APP.format(
                framework=framework, name=framework.title(), body=body, outside=more,
                prefix="async " if framework == "quart" else "",
            )  # fmt: skip
            project.write(f"shop_{framework}.py", source)
        project.write("cases.toml", CASES + case)
        project.write("pyproject.toml", CONFIG)
        result = main(["run", "--jobs", "1", "--output", "run.txt"])
        return result, (project.root / "run.txt").read_text()

    return code


CONFIG = """
[tool.comparison]
cases = ["cases.toml"]
[tool.comparison.targets]
flask = "shop_flask:create_app()"
quart = "shop_quart:create_app()"
"""
HOOK = "@app.after_request\n    def stamp(response): return response"
THREAD = (
    "thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()"
)


def test_a_forgotten_await_differs_even_if_the_responses_are_equal(
    code: Any,
) -> None:
    result, output = code(quart="save()")
    assert result == 1
    assert "≠ effect  GET /  effect\n" in output
    assert "shop_quart.py:13  save()" in output
    assert "remedy: Await it: `await save()`" in output


def test_an_awaited_coroutine_is_not_an_effect(code: Any) -> None:
    assert code(quart="await save()")[0] == 0


def test_a_lost_hook_is_different(code: Any) -> None:
    result, output = code(outside=(HOOK, ""))
    assert result == 1
    assert "≠ effect  GET /  effect\n" in output
    assert "The hook stamp runs in flask only." in output
    assert code(outside=(HOOK, HOOK))[0] == 0


def test_an_exception_in_a_thread_is_different(code: Any) -> None:
    result, output = code(quart=THREAD)
    assert result == 1
    assert "ZeroDivisionError" in output
    assert "shop_quart.py:13" in output
    assert code(THREAD, THREAD)[0] == 0


def test_effects_may_be_expected(code: Any) -> None:
    lost = '"coroutine save was never awaited"'
    assert code("save()", "save()")[0] == 0
    case = "expect = { effects = [] }\n"
    result, output = code("pass", "pass", case=case)
    assert result == 0, output
    result, output = code("save()", "save()", case=case)
    assert result == 1
    assert "expected of flask: effect" in output
    assert "expected of quart: effect" in output
    assert code("save()", "save()", case=f"expect = {{ effects = [{lost}] }}\n")[0] == 0


def test_effects_may_be_normalised(code: Any) -> None:
    case = 'normalisations = { effects = ["coroutine * was never awaited"] }\n'
    result, output = code(quart="save()", case=case)
    assert result == 0, output
    assert "effect:coroutine * was never awaited (1)" in output
    assert code(quart=THREAD, case=case)[0] == 1


def test_a_hook_only_in_the_candidate_is_not_a_difference(code: Any) -> None:
    result, output = code(outside=("", HOOK))
    assert (result, "hook" in output) == (0, False)


def test_receivers_of_signals_are_not_hooks(code: Any) -> None:
    # Quart calls receivers of signals through its app, as hooks; Flask does not.
    receiver = (
        "def note(sender, **extra): pass\n"
        "    app.extensions['note'] = note\n"
        "    signals.request_started.connect(note, app)"
    )
    assert code(outside=(receiver, receiver))[0] == 0


def effects_of(comparison: Comparison) -> list[Any]:
    """Both sides of the effect."""
    return [
        (d.reference, d.candidate)
        for d in comparison.differences
        if d.field == "effect"
    ]


def test_the_effect_field_lists_the_effects_of_each_side(
    project: Project, quiet: None
) -> None:
    import quart

    from tests.apps import app_of, comparison_of

    one, other = app_of("flask", lambda: "same"), quart.Quart("small")
    one.after_request(stamp)
    other.add_url_rule("/", "view", lambda: "same")
    found = comparison_of(one, other)
    assert effects_of(found) == [("hook stamp ran", None)]


def stamp(response: Any) -> Any:
    """A hook that changes nothing."""
    return response


def test_a_logged_error_is_an_effect_in_the_python_api_too() -> None:
    apps = flask.Flask("one"), quart.Quart("other")
    apps[0].add_url_rule("/", view_func=lambda: "saved")

    @apps[1].get("/")
    async def view() -> str:
        logging.getLogger("shop").error("The disk is full.")
        return "saved"

    handlers = list(logging.getLogger().handlers)
    (found,) = compare(*apps, [case("/")])
    assert [d.field for d in found.unexpected] == ["effect"]
    assert found.unexpected[0].candidate == "an error was logged"
    assert logging.getLogger().handlers == handlers
