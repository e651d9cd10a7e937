"""Lessons and their parts, made from small apps."""

from collections.abc import Mapping
from typing import Any

from comparison.known import BUNDLED, load_known
from comparison.lesson.make import Findings, lesson_of, subjects_of
from comparison.lesson.model import Lesson
from comparison.lesson.moments import key_moments
from comparison.lesson.subject import Subject
from comparison.models import Case, Comparison, Recording, RunHeader
from comparison.runner.environment import environment
from comparison.runner.run import Run
from comparison.targets import resolve_target
from tests.apps import FRAMEWORKS, app_of, case

KNOWN = load_known([BUNDLED], environment().packages)


def compared(
    apps: Mapping[str, Any], sent: Case | None = None
) -> tuple[Comparison, RunHeader]:
    """The comparison of apps by their names, with lines, and the header of its run."""
    targets = {name: resolve_target(app, name) for name, app in apps.items()}
    run = Run(targets, [sent or case()], KNOWN, lines=True)
    (comparison,) = run
    return comparison, run.header()


def lesson_of_apps(
    apps: Mapping[str, Any],
    findings: Findings | None = None,
    seed: int = 0,
    **fields: Any,
) -> Lesson:
    """The lesson of apps; `fields` are those of the case."""
    comparison, header = compared(apps, case(**fields))
    return lesson_of(comparison, header, KNOWN, findings, seed)


def lesson_of_views(one: Any, other: Any = None, **fields: Any) -> Lesson:
    """The lesson of a Flask app with one view and a Quart app with another, or the same."""
    views = zip(FRAMEWORKS, (one, other or one), strict=True)
    return lesson_of_apps({name: app_of(name, view) for name, view in views}, **fields)


def subject_of(recording: Recording, framework: str = "Framework") -> Subject:
    """A recording alone, as the modes describe it."""
    (subject,) = subjects_of({"target": framework}, {"target": recording}).values()
    return subject


def answers(lesson: Lesson) -> dict[str, str]:
    """The reference's answer to each question of the key moments."""
    return {m.question: m.answers[0].content.text for m in lesson.moments}


def moments_of(recording: Recording, framework: str = "Framework", **more: Any) -> Any:
    """The key moments of one recording: answers by question."""
    described = key_moments(
        subject_of(recording, framework), **{"statuses": {}, **more}
    )
    return {question: answer.text for question, answer in described}
