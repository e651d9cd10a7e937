"""The shared step position: rows aligned by what happened, and what is put at them."""

import asyncio
from typing import Any

import pytest

from comparison.known import BUNDLED, load_known
from comparison.lesson.make import lesson_of
from comparison.lesson.model import NOT_SET, Lesson
from comparison.models import Comparison
from comparison.runner.environment import environment
from comparison.runner.run import Run
from comparison.targets import resolve_target
from tests.apps import FRAMEWORKS, app_of, case

KNOWN = load_known([BUNDLED], environment().packages)


def lesson(one: Any, other: Any, **fields: Any) -> Lesson:
    """The lesson of a Flask app with one view and a Quart app with another."""
    apps = {"flask": app_of("flask", one), "quart": app_of("quart", other)}
    return lesson_of_apps(apps, **fields)


def lesson_of_apps(apps: dict[str, Any], **fields: Any) -> Lesson:
    targets = {name: resolve_target(app, name) for name, app in apps.items()}
    run = Run(targets, [case(**fields)], KNOWN, lines=True)
    comparison: Comparison
    (comparison,) = run
    return lesson_of(comparison, run.header(), KNOWN)


def plain() -> Any:
    count = 1
    count += 1
    return str(count), 202


async def waiting() -> Any:
    count = 1
    await asyncio.sleep(0)
    count += 1
    return str(count), 202


def rows(told: Lesson) -> list[tuple[int, ...]]:
    return [step.rows for step in told.steps]


def test_equal_tables_are_gone_through_row_by_row() -> None:
    assert rows(lesson(plain, plain)) == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_who_has_nothing_to_do_stays_where_it_is() -> None:
    told = lesson(plain, waiting)
    assert rows(told) == [(1, 1), (2, 2), (2, 3), (2, 4), (3, 5), (4, 6)]
    assert [step.new for step in told.steps[2:4]] == [(False, True)] * 2
    assert told.steps[2].summary == "quart: Suspended at await asyncio.sleep(0)"
    assert [t.shared for t in told.targets] == [(1, 2, 5, 6), (1, 2, 3, 4, 5, 6)]


def test_a_hook_of_one_is_not_taken_for_that_of_the_other() -> None:
    def first() -> None: ...

    def second() -> None: ...

    apps = {name: app_of(name, plain) for name in FRAMEWORKS}
    apps["flask"].before_request(first)
    apps["flask"].before_request(second)
    apps["quart"].before_request(second)
    assert rows(lesson_of_apps(apps))[2:4] == [(3, 2), (4, 3)]


def test_three_targets_go_together() -> None:
    apps = {"one": app_of("flask", plain), "two": app_of("quart", waiting)}
    apps["three"] = app_of("quart", plain)
    told = lesson_of_apps(apps)
    assert rows(told) == [
        (1, 1, 1), (2, 2, 2), (2, 3, 2), (2, 4, 2), (3, 5, 3), (4, 6, 4),
    ]  # fmt: skip


def test_a_step_is_told_once_where_it_is_the_same() -> None:
    said = [step.summary for step in lesson(plain, plain).steps]
    assert said == [
        "Client sends GET /",
        "Flask route '/' called; Quart route '/' called",
        "Return str(count), 202",
        "Client processes response",
    ]


def test_a_step_has_each_target_s_words_where_they_differ() -> None:
    said = [step.summary for step in lesson(plain, lambda: "Hello").steps]
    assert said[2].startswith("flask: Return str(count), 202; quart: ")


@pytest.mark.parametrize("target", [0, 1])
def test_stations_are_passed_at_the_steps_of_the_table(target: int) -> None:
    flow = lesson(waiting, waiting).targets[target].flow
    assert [(station.title.split()[0], station.step) for station in flow] == [
        ("Client", 1), (("Flask", "Quart")[target], 2), ("View", 3),
        ("Suspended", 3), ("Resumed", 4), ("Response", 5), ("Response", 5),
        ("Client", 6),
    ]  # fmt: skip


def test_earlier_requests_are_stations_of_their_own_steps() -> None:
    before = (case("/before").request,)
    flow = lesson(plain, plain, setup=before).targets[0].flow
    assert [station.step for station in flow[:3]] == [1, 2, 3]


def test_lines_have_run_by_the_step_that_they_lead_to() -> None:
    ran = lesson(waiting, waiting).targets[0].lines
    by_step = {step: [r.source for r in ran if r.step == step] for step in (3, 5)}
    assert by_step[3][:2] == ["count = 1", "await asyncio.sleep(0)"]
    assert by_step[5] == ["count += 1", "return str(count), 202"]


def test_lines_of_the_sources_know_the_steps_at_which_they_ran() -> None:
    (sample,) = lesson(plain, waiting).samples
    steps = {line.candidate: line.candidate_steps for line in sample.lines}
    assert steps["async def waiting() -> Any:"] == (2,)
    assert steps["    count = 1"] == (3,)
    assert steps["    await asyncio.sleep(0)"] == (3, 4)
    assert steps["    return str(count), 202"] == (5,)
    of_reference = {line.reference: line.reference_steps for line in sample.lines}
    assert of_reference["    return str(count), 202"] == (3,)


def missing() -> Any:
    raise LookupError("nothing here")


def found_nothing(error: LookupError) -> Any:
    words = str(error)
    return words, 404


async def nothing_found(error: LookupError) -> Any:
    return str(error), 404


def handled(quart_handler: Any) -> Lesson:
    """The lesson of a view that raises, with a handler in Flask and another in Quart."""
    apps = {name: app_of(name, missing) for name in FRAMEWORKS}
    apps["flask"].register_error_handler(LookupError, found_nothing)
    if quart_handler is not None:
        apps["quart"].register_error_handler(LookupError, quart_handler)
    return lesson_of_apps(apps)


@pytest.mark.usefixtures("quiet")
def test_an_error_handler_that_ran_is_shown_beneath_the_view() -> None:
    view, handler = handled(found_nothing).samples
    assert view.lines[0].reference == "def missing() -> Any:"
    assert handler.title == "Error handler `found_nothing`"
    steps = {line.reference: line.reference_steps for line in handler.lines}
    assert steps == {
        "def found_nothing(error: LookupError) -> Any:": (4,),
        "    words = str(error)": (5,),
        "    return words, 404": (5,),
    }
    assert all(line.reference == line.candidate for line in handler.lines)
    assert all(line.reference_steps == line.candidate_steps for line in handler.lines)


@pytest.mark.usefixtures("quiet")
def test_handlers_with_other_names_stand_side_by_side() -> None:
    _, handler = handled(nothing_found).samples
    assert handler.title == "Error handler `found_nothing` and `nothing_found`"
    marks = {line.candidate: line.mark for line in handler.lines}
    assert marks["    return str(error), 404"] == "different"


@pytest.mark.usefixtures("quiet")
def test_a_handler_of_one_app_alone_stands_beside_nothing() -> None:
    _, handler = handled(None).samples
    assert {line.candidate for line in handler.lines} == {None}


def test_the_tracker_has_the_variables_of_the_view() -> None:
    flask, quart = (target.variables for target in lesson(plain, waiting).targets)
    assert [variable.name for variable in flask][2:] == ["count"]
    assert list(flask[2].steps.values()) == [NOT_SET, NOT_SET, "2", "2"]
    assert list(quart[2].steps.values()) == [NOT_SET, NOT_SET, "1", "1", "2", "2"]
    assert (quart[2].start, quart[2].final) == (NOT_SET, "2")


def test_variables_of_the_same_name_are_told_apart_by_their_functions() -> None:
    def view() -> Any:
        status_code = 404
        raise LookupError(status_code)

    def handler(error: LookupError) -> Any:
        status_code = 409
        return "handled", status_code

    apps = {name: app_of(name, view) for name in FRAMEWORKS}
    for app in apps.values():
        app.register_error_handler(LookupError, handler)
    tracked = lesson_of_apps(apps).targets[0].variables
    finals = {variable.name: variable.final for variable in tracked}
    assert finals["status_code"] == 409
    assert finals["status_code (view)"] == "404"
    assert finals["status_code (handler)"] == "409"


def test_a_variable_that_was_deleted_does_not_exist() -> None:
    def view() -> Any:
        count = 1
        del count
        return "Hello"

    (*_, count) = lesson(view, view).targets[0].variables
    assert (count.name, count.final) == ("count", NOT_SET)


def test_the_parameters_of_a_view_are_variables() -> None:
    def view(number: int) -> Any:
        return str(number)

    apps = {n: app_of(n, view, rule="/<int:number>") for n in FRAMEWORKS}
    (*_, number) = lesson_of_apps(apps, path="/7").targets[0].variables
    assert (number.name, number.final) == ("number", "7")
