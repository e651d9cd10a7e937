"""Any case of the catalogue becomes a lesson."""

import io

import pytest

from comparison.cases import load_cases
from comparison.cli import DEFAULT_TARGETS
from comparison.environment import environment
from comparison.lesson.make import lesson_of
from comparison.lesson.model import MODES
from comparison.parity import BUNDLED, load_known
from comparison.reports.lesson import LessonReport
from comparison.reports.lesson_page import page
from comparison.reports.output import Telling
from comparison.reports.text import make_console
from comparison.runner import Run
from comparison.targets import resolve_targets

SOME = 6  # every sixth: all of them take half a minute
KNOWN = load_known([BUNDLED], environment().packages)


def recorded() -> Run:
    return Run(
        resolve_targets(DEFAULT_TARGETS), load_cases()[::SOME], KNOWN,
        lines=True, keep=False,
    )  # fmt: skip


@pytest.mark.usefixtures("uploads")
def test_cases_of_the_catalogue_become_lessons() -> None:
    run = recorded()
    header = run.header(ended=False)
    for comparison in run:
        assert comparison.verdict in ("identical", "known"), comparison.case.id
        lesson = lesson_of(comparison, header, KNOWN)
        for target in lesson.targets:
            assert target.quiz, comparison.case.id
            assert len(target.shared) == len(target.table)
            steps = [station.step for station in target.flow]
            assert steps == sorted(steps), comparison.case.id
            assert steps[-1] <= len(target.table)
        written = page([lesson], header)
        assert len(written.encode()) < 200_000


@pytest.mark.once
@pytest.mark.usefixtures("uploads")
def test_cases_of_the_catalogue_are_told_in_every_mode() -> None:
    run = recorded()
    shown = io.StringIO()
    telling = Telling(lambda found, header: lesson_of(found, header, KNOWN))
    report = LessonReport(make_console(shown, "never"), telling)
    report.begin(run.header(ended=False))
    for comparison in run:
        report.add(comparison)
    for title in MODES.values():
        assert shown.getvalue().count(f". {title} ") == run.summary.total
