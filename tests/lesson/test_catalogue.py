"""Any case of the catalogue becomes a lesson."""

import io

import pytest

from comparison.cases import load_cases
from comparison.cli import DEFAULT_TARGETS
from comparison.known import BUNDLED, load_known
from comparison.lesson.make import lesson_of
from comparison.lesson.model import MODES, Lesson
from comparison.reports.lesson import LessonReport
from comparison.reports.lesson_page import page
from comparison.reports.output import LessonOptions
from comparison.reports.terminal import make_console
from comparison.runner.environment import environment
from comparison.runner.run import Run
from comparison.targets import resolve_targets

SOME = 23  # every 23rd: all of them take minutes
KNOWN = load_known([BUNDLED], environment().packages)


@pytest.mark.slow
@pytest.mark.usefixtures("uploads")
def test_cases_of_the_catalogue_become_lessons_in_every_mode() -> None:
    run = Run(
        resolve_targets(DEFAULT_TARGETS), load_cases()[::SOME], KNOWN,
        lines=True, keep=False,
    )  # fmt: skip
    header = run.header(ended=False)
    shown = io.StringIO()
    lessons: list[Lesson] = []
    report = LessonReport(
        make_console(shown, "never"), LessonOptions(lambda found, header: lessons[-1])
    )
    report.begin(header)
    for comparison in run:
        assert comparison.verdict in ("identical", "known"), comparison.case.id
        lesson = lesson_of(comparison, header, KNOWN)
        lessons.append(lesson)
        report.add(comparison)
        assert lesson.quiz, comparison.case.id
        for target in lesson.targets:
            steps = [station.step for station in target.flow]
            assert steps == sorted(steps), comparison.case.id
            assert steps[-1] <= len(lesson.steps)
            covered = [p for row in target.table if not row.fine for p in row.positions]
            assert covered == sorted(covered), comparison.case.id
        written = page([lesson], header)
        assert len(written.encode()) < 200_000
    for title in MODES.values():
        assert shown.getvalue().count(f". {title} ") == run.summary.total
