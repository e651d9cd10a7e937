"""The quiz: right answers computed, wrong ones not shown, the same by seed."""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import flask
import pytest

from comparison.cases import find_case, load_cases
from comparison.lesson.make import Findings, lesson_of
from comparison.lesson.model import Lesson, Question
from comparison.lesson.quiz import STATUSES, visual_quiz
from comparison.runner.run import Run
from comparison.studies.sweep.further import further
from comparison.targets import Target, resolve_target
from tests.apps import (
    FRAMEWORKS,
    app_of,
    recording_of,
    specs_of_twins,
)

from .making import KNOWN, lesson_of_apps, lesson_of_views, subject_of

CHANGED = (
    "If we changed the status code to 404, what would change in the execution_table?"
)


def twins() -> dict[str, Target]:
    specs = specs_of_twins("custom")
    return {name: resolve_target(spec, name) for name, spec in specs.items()}


@pytest.fixture(scope="module")
def custom() -> Iterator[Any]:
    """A function that makes the lesson of the case with a seed."""
    targets = twins()
    run = Run(targets, [find_case(load_cases(), "custom")], KNOWN, lines=True)
    (comparison,) = run
    findings = further(targets, comparison, 10, twins=True)

    def lesson_for_seed(seed: int = 0) -> Lesson:
        return lesson_of(comparison, run.header(), KNOWN, findings, seed)

    yield lesson_for_seed


def test_the_lesson_has_its_three_questions_first_then_others(custom: Any) -> None:
    quiz = custom().quiz
    assert [(q.question, q.answer) for q in quiz] == [
        ("Look at the execution table, what status code is set at step 3.4?", "202"),
        ("At which step does the client receive the response?", "Step 3.6"),
        (CHANGED, "The 'Status Code Set' at step 3 would be 404"),
        ("At which step does the status become 202?", "Step 3.4"),
        ("Which Content-Type does the response have?", "application/json"),
    ]


def test_the_quiz_agrees_with_flow_and_table(custom: Any) -> None:
    lesson = custom()
    (flow,), (table,) = lesson.flow, lesson.table
    (received,) = [s for s in flow.content if s.title == "Client receives response"]
    label = lesson.steps[received.step - 1].label
    assert lesson.quiz[1].answer == f"Step {label}"
    (row,) = [row for row in table.content if row.step == label]
    assert row.client_receives == "Response received"


def test_hints_point_at_the_row(custom: Any) -> None:
    lesson = custom()
    steps = [lesson.steps[q.step - 1].label for q in lesson.quiz]
    assert steps == ["3.4", "3.6", "3.4", "3.4", "3.6"]


def test_the_change_shows_both_tables(custom: Any) -> None:
    experiment = custom().quiz[2].experiment
    assert experiment.change == "202 changed to 404"
    rows = [[(r.step, r.status_code_set) for r in t] for t in (
        experiment.before, experiment.after)]  # fmt: skip
    assert rows == [
        [("1", "N/A"), ("2", "N/A"), ("3", 202), ("4", 202)],
        [("1", "N/A"), ("2", "N/A"), ("3", 404), ("4", 404)],
    ]


def test_a_different_response_of_another_target_is_named() -> None:
    lesson = lesson_of_apps({
        "flask": app_of("flask", lambda: {"a": 1}),
        "quart": app_of("quart", lambda: ('{"a": 1}', {"Content-Type": "text/json"})),
    })  # fmt: skip
    others = {q.question: q.others for q in lesson.quiz}
    assert others["What is the content of the response?"] == {"quart": '{"a": 1}'}
    assert others["At which step does the client receive the response?"] == {}


@pytest.mark.parametrize("seed", range(20))
def test_distractors_do_not_occur_in_the_run(custom: Any, seed: int) -> None:
    question = custom(seed).quiz[0]
    assert len(question.choices) == 4
    assert not {"200"} & set(question.choices)


@pytest.mark.parametrize("seed", range(5))
def test_status_distractors_prefer_statuses_of_other_cases(seed: int) -> None:
    recording = recording_of(app_of("flask", lambda: (flask.jsonify(1), 202)))
    subject = subject_of(recording)

    def choices(*elsewhere: int) -> set[str]:
        question = visual_quiz({"flask": subject}, {}, seed, elsewhere)[0]
        assert (question.answer, len(question.choices)) == ("202", 4)
        return {*question.choices}

    assert choices(303, 307, 308) == {"202", "303", "307", "308"}
    assert choices(200, 202, 307) > {"202", "307"}
    assert "200" not in choices(200, 202, 307)  # the run showed it
    assert choices(307) <= {"202", "307", *map(str, STATUSES)}


def test_the_status_of_the_other_framework_is_a_distractor() -> None:
    quiz = lesson_of_views(lambda: "Hello", lambda: ("Hello", 226)).quiz
    assert quiz[0].answer == "200"
    assert "226" in quiz[0].choices


def test_the_same_seed_gives_the_same_quiz(custom: Any) -> None:
    assert custom(7).quiz == custom(7).quiz


def test_another_seed_gives_another_quiz(custom: Any) -> None:
    assert len({str(custom(seed).quiz) for seed in range(5)}) > 1


@pytest.mark.parametrize("choices", [("404", "500"), ("202", "202", "404")])
def test_a_question_without_one_right_choice_is_an_error(
    choices: tuple[str, ...],
) -> None:
    with pytest.raises(ValueError, match="must be exactly one choice"):
        Question("What?", choices, "202", "Look.")


def test_a_duplicate_choice_is_an_error() -> None:
    with pytest.raises(ValueError, match="occurs twice"):
        Question("What?", ("202", "404", "404"), "202", "Look.")


def quiz_of(view: Any, findings: Findings | None = None) -> tuple[Question, ...]:
    apps = {name: app_of(name, view) for name in FRAMEWORKS}
    return lesson_of_apps(apps, findings).quiz


def test_the_quiz_has_a_question_about_a_variable() -> None:
    def view() -> Any:
        count = 40 + 2
        return json.dumps(count)

    question = quiz_of(view)[-1]
    assert question.question == (
        "What is the value of `count` after the line `count = 40 + 2`?"
    )
    assert question.step == 4
    assert question.answer == "42"


def contents_of(view: Any) -> tuple[str, set[str]]:
    """Return the right content, and the wrong ones that some seed offers."""
    subject = subject_of(recording_of(app_of("flask", view), lines=True))
    answer, wrong = "", set()
    for seed in range(30):
        question = visual_quiz({"flask": subject}, {}, seed)[2]
        assert question.question == "What is the content of the response?"
        assert len(question.choices) == 4
        answer = question.answer
        wrong |= {*question.choices} - {answer}
    return answer, wrong


def test_content_distractors_are_variants_of_the_right_answer() -> None:
    answer, wrong = contents_of(lambda: {"count": 3, "name": "ada"})
    assert answer == '{"count":3,"name":"ada"}'
    assert wrong == {
        '{"count":"3","name":"ada"}', '{"count":4,"name":"ada"}',
        '{"count":null,"name":"ada"}', '{"name":"ada"}', '{"count":3}',
        '{"count":3,"name":null}', '{"count":3,"name":["ada"]}',
        '{"count":3,"name":"name"}', '[3,"ada"]', "{}",
        '{"count":3,"name":"ada","status":200}', '[{"count":3,"name":"ada"}]',
    }  # fmt: skip


def test_a_value_that_occurs_in_the_run_is_not_a_distractor() -> None:
    assert contents_of(lambda: "Hello")[1] >= {'"Hello"', "b'Hello'", "('Hello', 200)"}

    def view() -> Any:
        octets = b"Hello"
        return octets.decode()

    assert "b'Hello'" not in contents_of(view)[1]


def test_distractors_of_an_error_page_are_error_pages() -> None:
    def view() -> Any:
        flask.abort(409)

    answer, wrong = contents_of(view)
    assert "<title>409 Conflict</title>" in answer
    assert len(wrong) >= 3
    assert all(re.search("<title>(4..|500) ", page) for page in wrong)


@pytest.mark.parametrize(
    "body",
    ['"-5-"', '{"a": "--1"}', "1" * 5000, f'["{"9" * 5000}"]', "[" * 900 + "]" * 900,
     "NaN", '"\\ud800"', "x" * 100_000],
    ids=lambda body: body[:8],
)  # fmt: skip
def test_any_body_has_at_least_three_distractors(body: str) -> None:
    assert len(contents_of(lambda: body)[1]) >= 3


def test_distractors_of_an_empty_body_are_short() -> None:
    assert contents_of(lambda: "") == ("(empty)", {"null", "{}", "[]", '""', "b''"})


@pytest.mark.usefixtures("quiet")
def test_the_quiz_has_a_question_about_a_missing_response() -> None:
    def view() -> Any:
        raise SystemExit

    (question,) = quiz_of(view)
    assert (
        question.answer == "The app raised an exception before it started its response"
    )


SPECIAL = {
    "suspended": "At which step is the code suspended for the first time?",
    "raised": "Which exception leaves `view`?",
    "rejected": "Which exception does the framework catch?",
    "hooks": "Which of these functions ran first?",
    "redirect": "Which address does the response send the client to?",
    "streamed": "How is the end of the streamed body known?",
    "session": "Which field of the response carries the session to the client?",
    "cookie": "What does the client do with the cookie `id` of this response?",
    "empty": "How many bytes of content does the client receive with status 204?",
    "json": "Which Content-Type does the response have?",
    "handler": "Which function returned what became the response?",
}


def special(kind: str) -> Any:
    """An app of Flask whose response raises the question of a kind."""

    async def waiting() -> Any:
        await asyncio.sleep(0)
        return "Hello"

    def view() -> Any:
        match kind:
            case "raised" | "handler":
                flask.abort(404)
            case "rejected":
                return "Hello", 200, {}, "too many"
            case "redirect":
                return flask.redirect("/next")
            case "streamed":
                return iter(["one", "two"])
            case "session":
                flask.session["user"] = "ada"
            case "cookie":
                return "Hello", {"Set-Cookie": "id=; Max-Age=0"}
            case "empty":
                return "Hello", 204
            case "json":
                return {"a": 1}
        return "Hello"

    app = app_of("flask", waiting if kind == "suspended" else view)
    app.secret_key = "for tests"
    if kind == "hooks":
        app.before_request(first_hook)
        app.after_request(last_hook)
    if kind == "handler":
        app.register_error_handler(404, not_found)
    return app


def first_hook() -> None: ...


def last_hook(response: Any) -> Any:
    return response


def not_found(error: Exception) -> Any:
    return "gone", 404


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("suspended", "Step 3.3"), ("raised", "NotFound"), ("rejected", "TypeError"),
        ("hooks", "first_hook"), ("redirect", "/next"),
        ("streamed", "By the last piece that the app yields: no field says how long it is"),
        ("session", "Set-Cookie"), ("cookie", "It removes it, and sends it no more"),
        ("empty", "0"), ("json", "application/json"), ("handler", "not_found"),
    ],
)  # fmt: skip
def test_a_kind_of_case_has_its_question(kind: str, answer: str) -> None:
    subject = subject_of(recording_of(special(kind), lines=True))
    found = {q.question: q for q in visual_quiz({"flask": subject}, {}, 0)}
    assert found[SPECIAL[kind]].answer == answer


@pytest.mark.parametrize("kind", [None, "redirect", "json"])
def test_a_quiz_has_only_questions_that_the_recording_answers(kind: str) -> None:
    subject = subject_of(recording_of(special(kind), lines=True))
    sent = {q.question for q in visual_quiz({"flask": subject}, {}, 0)}
    assert sent & {*SPECIAL.values()} == ({SPECIAL[kind]} if kind else set())
