"""The quiz: right answers computed, wrong ones not shown, the same by seed."""

import json
import re
from collections.abc import Iterator
from typing import Any

import flask
import pytest

from comparison.cases import find_case, load_cases
from comparison.known import BUNDLED, load_known
from comparison.lesson.make import Findings, lesson_of
from comparison.lesson.model import Lesson, Question
from comparison.lesson.quiz import STATUSES, visual_quiz
from comparison.models import Comparison
from comparison.runner.environment import environment
from comparison.runner.run import Run
from comparison.studies.sweep.further import further
from comparison.targets import Target, resolve_target
from tests.apps import (
    app_of,
    case,
    comparison_of,
    recording_of,
    specs_of_twins,
)

KNOWN = load_known([BUNDLED], environment().packages)

CHANGED = (
    "If we changed the status code to 404, what would change in the execution_table?"
)


def twins() -> dict[str, Target]:
    specs = specs_of_twins("custom")
    return {name: resolve_target(spec, name) for name, spec in specs.items()}


@pytest.fixture(scope="module")
def custom() -> Iterator[Any]:
    """A function that tells the lesson's case with a seed."""
    targets = twins()
    run = Run(targets, [find_case(load_cases(), "custom")], KNOWN, lines=True)
    (comparison,) = run
    findings = further(targets, comparison, 10, twins=True)

    def tell(seed: int = 0) -> Lesson:
        return lesson_of(comparison, run.header(), KNOWN, findings, seed)

    yield tell


@pytest.mark.parametrize("target", [0, 1])
def test_the_lesson_has_its_three_questions(custom: Any, target: int) -> None:
    quiz = custom().targets[target].quiz
    assert [(q.question, q.answer) for q in quiz] == [
        ("Look at the execution table, what status code is set at step 3?", "202"),
        ("At which step does the client receive the response?", "Step 3"),
        (
            CHANGED,
            "The 'Status Code Set' at step 3 would be 404",
        ),
    ]


def test_hints_point_at_the_row(custom: Any) -> None:
    assert [q.step for q in custom().targets[0].quiz] == [3, 3, 3]


@pytest.mark.parametrize("seed", range(20))
def test_wrong_answers_are_values_that_this_run_did_not_show(
    custom: Any, seed: int
) -> None:
    question = custom(seed).targets[0].quiz[0]
    assert len(question.choices) == 4
    assert not {"200"} & set(question.choices)


@pytest.mark.parametrize("seed", range(5))
def test_wrong_statuses_are_those_recorded_elsewhere_first(seed: int) -> None:
    recording = recording_of(app_of("flask", lambda: (flask.jsonify(1), 202)))

    def choices(*elsewhere: int) -> set[str]:
        question = visual_quiz(recording, None, seed, elsewhere)[0]
        assert (question.answer, len(question.choices)) == ("202", 4)
        return {*question.choices}

    assert choices(303, 307, 308) == {"202", "303", "307", "308"}
    assert choices(200, 202, 307) > {"202", "307"}
    assert "200" not in choices(200, 202, 307)  # the run showed it
    assert choices(307) <= {"202", "307", *map(str, STATUSES)}


def test_what_the_other_framework_came_to_is_a_wrong_status() -> None:
    apps = app_of("flask", lambda: "Hello"), app_of("quart", lambda: ("Hello", 226))
    comparison = comparison_of(*apps, case(), lines=True)
    quiz = quiz_on(comparison)
    assert quiz[0].answer == "200"
    assert "226" in quiz[0].choices


def test_the_same_seed_asks_the_same(custom: Any) -> None:
    assert custom(7).targets[0].quiz == custom(7).targets[0].quiz


def test_another_seed_asks_otherwise(custom: Any) -> None:
    assert len({custom(seed).targets[0].quiz for seed in range(5)}) > 1


@pytest.mark.parametrize("choices", [("404", "500"), ("202", "202", "404")])
def test_a_question_without_one_right_choice_is_an_error(
    choices: tuple[str, ...],
) -> None:
    with pytest.raises(ValueError, match="must be exactly one choice"):
        Question("What?", choices, "202", "Look.")


def test_a_choice_that_is_there_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="occurs twice"):
        Question("What?", ("202", "404", "404"), "202", "Look.")


def quiz_of(view: Any, findings: Findings | None = None) -> tuple[Question, ...]:
    apps = app_of("flask", view), app_of("quart", view)
    return quiz_on(comparison_of(*apps, case(), lines=True), findings)


def quiz_on(
    comparison: Comparison, findings: Findings | None = None
) -> tuple[Question, ...]:
    run = Run(twins(), [], KNOWN)
    names = dict(zip(("flask", "quart"), comparison.recordings.values(), strict=True))
    document = comparison.__class__(
        comparison.case, comparison.verdict, comparison.expectation, (), names
    )
    return lesson_of(document, run.header(), KNOWN, findings).targets[0].quiz


def test_a_number_that_a_line_set_is_asked_for() -> None:
    def view() -> Any:
        count = 40 + 2
        return json.dumps(count)

    question = quiz_of(view)[-1]
    assert question.question == (
        "What is the value of `count` after the line `count = 40 + 2`?"
    )
    assert question.step == 3
    assert question.answer == "42"


def contents_of(view: Any) -> tuple[str, set[str]]:
    """The content that is asked for, and the wrong ones that any of some seeds offers."""
    recording = recording_of(app_of("flask", view), lines=True)
    answer, wrong = "", set()
    for seed in range(30):
        question = visual_quiz(recording, None, seed)[2]
        assert question.question == "What is the content of the response?"
        assert len(question.choices) == 4
        answer = question.answer
        wrong |= {*question.choices} - {answer}
    return answer, wrong


def test_wrong_contents_are_made_of_the_right_one() -> None:
    answer, wrong = contents_of(lambda: {"count": 3, "name": "ada"})
    assert answer == '{"count":3,"name":"ada"}'
    assert wrong == {
        '{"count":"3","name":"ada"}', '{"count":4,"name":"ada"}',
        '{"count":null,"name":"ada"}', '{"name":"ada"}', '{"count":3}',
        '{"count":3,"name":null}', '{"count":3,"name":["ada"]}',
        '{"count":3,"name":"name"}', '[3,"ada"]', "{}",
        '{"count":3,"name":"ada","status":200}', '[{"count":3,"name":"ada"}]',
    }  # fmt: skip


def test_a_value_that_the_run_showed_is_no_wrong_content() -> None:
    assert contents_of(lambda: "Hello")[1] >= {'"Hello"', "b'Hello'", "('Hello', 200)"}

    def view() -> Any:
        octets = b"Hello"
        return octets.decode()

    assert "b'Hello'" not in contents_of(view)[1]


def test_an_error_page_is_among_others_of_its_kind() -> None:
    def view() -> Any:
        flask.abort(409)

    answer, wrong = contents_of(view)
    assert "<title>409 Conflict</title>" in answer
    assert all(re.search("<title>(4..|500) ", page) for page in wrong)


@pytest.mark.parametrize(
    "body",
    ['"-5-"', '{"a": "--1"}', "1" * 5000, f'["{"9" * 5000}"]', "[" * 900 + "]" * 900,
     "NaN", '"\\ud800"', "x" * 100_000],
    ids=lambda body: body[:8],
)  # fmt: skip
def test_whatever_an_app_answers_can_be_asked_about(body: str) -> None:
    assert len(contents_of(lambda: body)[1]) >= 3


def test_an_empty_content_is_among_others_that_have_little() -> None:
    assert contents_of(lambda: "") == ("(empty)", {"null", "{}", "[]", '""', "b''"})


@pytest.mark.usefixtures("quiet")
def test_a_response_that_never_came_is_asked_about() -> None:
    def view() -> Any:
        raise SystemExit

    (question,) = quiz_of(view)
    assert (
        question.answer == "The app raised an exception before it started its response"
    )
