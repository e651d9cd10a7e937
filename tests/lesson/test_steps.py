"""The shared step position: rows aligned by what happened, and what is put at them."""

import asyncio
from collections.abc import Iterable
from typing import Any

import flask
import pytest
import quart

from comparison.lesson.model import NOT_SET, Lesson, TableRow
from tests.apps import FRAMEWORKS, app_of, case

from .making import lesson_of_apps, lesson_of_views


def of_flask() -> Any:
    return flask.jsonify(message="Hello"), 202


async def of_quart() -> Any:
    return quart.jsonify(message="Hello"), 202


def plain() -> Any:
    count = 1
    count += 1
    return str(count), 202


async def waiting() -> Any:
    count = 1
    await asyncio.sleep(0)
    count += 1
    return str(count), 202


def labels(result: Lesson) -> list[str]:
    return [step.label for step in result.steps]


def table(result: Lesson, target: int = 0) -> dict[str, TableRow]:
    return {row.step: row for row in result.targets[target].table}


def alone(result: Lesson) -> dict[str, tuple[bool, ...]]:
    """The steps at which not every target does something."""
    return {s.label: s.reached for s in result.steps if not all(s.reached)}


def test_a_row_is_divided_into_what_happened() -> None:
    result = lesson_of_views(of_flask, of_quart)
    assert [(step.label, step.summary) for step in result.steps] == [
        ("1", "Client sends GET /"),
        ("2", "Flask/Quart route '/' called"),
        ("3.1", "flask: View of_flask called; quart: View of_quart called"),
        ("3.2", "flask/quart.jsonify(message='Hello') creates a response"),
        ("3.3", "View returns the tuple (<Response [200 OK]>, 202)"),
        ("3.4", "Flask/Quart sets the status of the response from 200 to 202"),
        ("3.5", "Flask/Quart sends the response back"),
        ("3.6", "Client receives the response"),
        ("4", "Client processes response"),
    ]


def test_the_rows_of_the_original_lesson_are_there_with_the_steps_inside() -> None:
    rows = table(lesson_of_views(lambda: ("Hello", 202)))
    main = [row.step for row in rows.values() if not row.fine]
    assert main == ["1", "2", "3", "4"]
    assert rows["3"].status_code_set == 202
    assert rows["3"].client_receives == "Response received"
    inside = {step: row.status_code_set for step, row in rows.items() if row.fine}
    assert inside == {"3.1": "N/A", "3.2": "N/A", "3.3": 202, "3.4": 202, "3.5": 202}
    received = [
        s for s, row in rows.items() if row.client_receives == "Response received"
    ]
    assert received == ["3", "3.5"]


def test_flow_table_and_tracker_say_the_same_of_each_step() -> None:
    """A status that is set is set at the same step in all of them."""
    (target, _) = lesson_of_views(of_flask, of_quart).targets
    fine = {row.positions[0]: row for row in target.table if len(row.positions) == 1}
    statuses = {p: row.status_code_set for p, row in fine.items()}
    output = {
        station.step: station.detail.split()[1]
        for station in target.flow
        if station.detail.startswith("status ")
    }
    assert output
    assert output == {step: str(statuses[step]) for step in output}
    tracked = target.variables.variables[0]
    assert tracked.name == "status_code"
    before: Any = None
    for position, value in zip(
        target.variables.positions, tracked.steps.values(), strict=True
    ):
        set_now = statuses[position] if statuses[position] != "N/A" else before
        assert value == set_now
        before = value
    assert before == 202


def test_who_has_nothing_to_do_waits() -> None:
    result = lesson_of_views(plain, waiting)
    assert alone(result) == {
        "3.1": (False, True), "3.2": (False, True), "3.3": (False, True),
        "3.4": (False, True), "4": (False, True), "5.1": (True, False),
        "5.2": (True, False),
    }  # fmt: skip
    assert [row.step for row in result.targets[0].table if not row.fine] == [
        "1", "2", "5", "6",
    ]  # fmt: skip


def test_different_hooks_are_not_aligned() -> None:
    def first() -> None: ...

    def second() -> None: ...

    apps = {name: app_of(name, plain) for name in FRAMEWORKS}
    apps["flask"].before_request(first)
    apps["flask"].before_request(second)
    apps["quart"].before_request(second)
    assert alone(lesson_of_apps(apps)) == {"3": (True, False)}


def test_three_targets_are_aligned() -> None:
    apps = {"one": app_of("flask", plain), "two": app_of("quart", waiting)}
    apps["three"] = app_of("quart", plain)
    result = lesson_of_apps(apps)
    assert alone(result)["4"] == (False, True, False)
    assert result.steps[-1].reached == (True, True, True)


def test_different_steps_have_a_summary_for_each_target() -> None:
    output = [step.summary for step in lesson_of_views(plain, lambda: "Hello").steps]
    assert output[-5:-3] == [
        "flask: View returns the tuple ('2', 202); quart: View returns 'Hello'",
        (
            "flask: Flask makes a response of it, with status 202; quart: Quart makes a"
            " response of it, with status 200"
        ),
    ]


def kinds(rows: Iterable[Any]) -> list[tuple[str, ...]]:
    return [part.targets for part in rows]


def test_a_lesson_shows_equal_targets_once() -> None:
    result = lesson_of_views(plain)
    for mode in (
        result.flow,
        result.table,
        result.variables,
        result.snapshot,
        result.transcript,
    ):
        assert kinds(mode) == [("flask", "quart")]
    words = result.transcript[0].content
    assert (
        "Flask and Quart matched it to the route / and called the view `plain`" in words
    )
    assert result.table[0].content[1].action == "Flask/Quart route '/' called"


def test_what_only_one_did_is_marked_in_the_table_of_both() -> None:
    def hook() -> None: ...

    apps = {name: app_of(name, plain) for name in FRAMEWORKS}
    apps["quart"].before_request(hook)
    (part,) = lesson_of_apps(apps).table
    flagged = {row.action: row.only for row in part.content if row.only}
    assert flagged == {"Hook hook called": ("quart",)}


def test_targets_that_differ_have_a_table_each() -> None:
    result = lesson_of_views(plain, lambda: "Hello")
    assert kinds(result.table) == [("flask",), ("quart",)]


def waving() -> Any:
    def wave() -> Any:
        return "Hello"

    return wave


def waving_later() -> Any:
    async def wave() -> Any:
        return "Hello"

    return wave


def test_words_that_only_one_source_has_are_marked() -> None:
    (sample,) = lesson_of_views(waving(), waving_later()).samples
    assert sample.alike
    assert sample.marked == "quart"
    assert sample.lines[0].text == "‹async› def wave() -> Any:"
    assert sample.lines[1].text == '    return "Hello"'


@pytest.mark.parametrize("target", [0, 1])
def test_stations_have_the_steps_of_the_execution_table(target: int) -> None:
    result = lesson_of_views(waiting)
    flow = result.targets[target].flow
    assert [(s.title.split()[0], result.steps[s.step - 1].label) for s in flow] == [
        ("Client", "1"), (("Flask", "Quart")[target], "2"), ("View", "3.1"),
        ("Suspended", "3.4"), ("Resumed", "4"), ("View", "5.2"), ("Response", "5.3"),
        ("Response", "5.4"), ("Client", "5.5"),
    ]  # fmt: skip


def test_each_setup_request_is_a_station_with_a_separate_step() -> None:
    before = (case("/before").request,)
    flow = lesson_of_views(plain, setup=before).targets[0].flow
    assert [station.step for station in flow[:3]] == [1, 2, 3]


def test_executed_lines_have_the_step_that_they_lead_to() -> None:
    result = lesson_of_views(waiting)
    ran = {r.source: result.steps[r.step - 1].label for r in result.targets[0].lines}
    assert ran["count = 1"] == "3.2"
    assert ran["await asyncio.sleep(0)"] == "3.3"
    assert ran["count += 1"] == "5.1"
    assert ran["return str(count), 202"] == "5.2"


def test_source_lines_list_the_steps_at_which_they_ran() -> None:
    result = lesson_of_views(plain, waiting)
    (sample,) = result.samples

    def labels_of(steps: tuple[int, ...]) -> list[str]:
        return [result.steps[step - 1].label for step in steps]

    steps = {line.candidate: labels_of(line.candidate_steps) for line in sample.lines}
    assert steps["async def waiting() -> Any:"] == ["2", "3.1"]
    assert steps["    count = 1"] == ["3.2"]
    assert steps["    await asyncio.sleep(0)"] == ["3.3", "3.4", "4"]
    assert steps["    return str(count), 202"] == ["5.4"]
    of_reference = {line.reference: line.reference_steps for line in sample.lines}
    assert labels_of(of_reference["    return str(count), 202"]) == ["5.4"]


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
def test_an_error_handler_that_ran_follows_the_view() -> None:
    view, handler = handled(found_nothing).samples
    assert view.lines[0].reference == "def missing() -> Any:"
    assert handler.title == "Error handler `found_nothing`"
    steps = {line.reference: line.reference_steps for line in handler.lines}
    assert steps == {
        "def found_nothing(error: LookupError) -> Any:": (6,),
        "    words = str(error)": (7,),
        "    return words, 404": (8,),
    }
    assert all(line.reference == line.candidate for line in handler.lines)
    assert all(line.reference_steps == line.candidate_steps for line in handler.lines)


@pytest.mark.usefixtures("quiet")
def test_handlers_with_different_names_are_aligned() -> None:
    _, handler = handled(nothing_found).samples
    assert handler.title == "Error handler `found_nothing` and `nothing_found`"
    marks = {line.candidate: line.mark for line in handler.lines}
    assert marks["    return str(error), 404"] == "different"


@pytest.mark.usefixtures("quiet")
def test_a_handler_in_one_app_only_is_aligned_with_nothing() -> None:
    _, handler = handled(None).samples
    assert {line.candidate for line in handler.lines} == {None}


def test_the_tracker_has_the_variables_of_the_view() -> None:
    result = lesson_of_views(waiting)
    tracker = result.targets[1].variables
    names = [variable.name for variable in tracker.variables]
    assert names == ["status_code", "returned", "response_content", "count"]
    assert tracker.local == 3
    count = tracker.variables[3]
    assert [*count.steps.items()][:2] == [("3.2", "1"), ("5.1", "2")]
    assert (count.start, count.final) == (NOT_SET, "2")


async def fetching() -> Any:
    found = await found_later()
    return found


async def found_later() -> str:
    await asyncio.sleep(0)
    return "Hello"


def test_a_variable_is_set_once_its_await_is_over() -> None:
    result = lesson_of_views(fetching)
    at = {step.summary: step.label for step in result.steps}
    (variable,) = [
        v for v in result.targets[0].variables.variables if v.name == "found"
    ]
    values = variable.steps
    assert values[at["Resumed"]] == "'Hello'"
    assert "3.2" not in values
    assert "Suspended at await found_later()" in at


def test_a_long_tracker_has_short_values() -> None:
    def view() -> Any:
        words = ""
        for number in range(20):
            words += "word " * number
        return words

    result = lesson_of_views(view).targets[0].variables
    (words,) = [v for v in result.variables if v.name == "words"]
    assert max(len(str(value)) for value in words.steps.values()) == 41
    assert len(str(words.final)) == 121


def test_variables_with_equal_names_are_labelled_with_their_function() -> None:
    def view() -> Any:
        status_code = 404
        raise LookupError(status_code)

    def handler(error: LookupError) -> Any:
        status_code = 409
        return "handled", status_code

    apps = {name: app_of(name, view) for name in FRAMEWORKS}
    for app in apps.values():
        app.register_error_handler(LookupError, handler)
    tracked = lesson_of_apps(apps).targets[0].variables.variables
    finals = {variable.name: variable.final for variable in tracked}
    assert finals["status_code"] == 409
    assert finals["status_code (view)"] == "404"
    assert finals["status_code (handler)"] == "409"


def test_a_variable_that_was_deleted_does_not_exist() -> None:
    def view() -> Any:
        count = 1
        del count
        return "Hello"

    (*_, count) = lesson_of_views(view).targets[0].variables.variables
    assert (count.name, count.final) == ("count", NOT_SET)


def test_the_parameters_of_a_view_are_variables() -> None:
    def view(number: int) -> Any:
        return str(number)

    apps = {n: app_of(n, view, rule="/<int:number>") for n in FRAMEWORKS}
    (*_, number) = lesson_of_apps(apps, path="/7").targets[0].variables.variables
    assert (number.name, number.final) == ("number", "7")
