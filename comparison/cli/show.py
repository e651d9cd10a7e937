"""`comparison show`."""

from collections.abc import Collection
from functools import partial

import click

from comparison.lesson.model import MODES, Lesson
from comparison.models import Case, Comparison, RunHeader
from comparison.reports import LessonOptions
from comparison.runner.settings import RunSettings

from .options import ReportOptions, RunOptions, report_options, run_options
from .outputs import Reports, lesson_report
from .run_cases import run_cases


@click.command()
@click.argument("case")
@run_options
@click.option(
    "--mode", "modes", multiple=True, type=click.Choice(list(MODES)), metavar="NAME",
    help=f"Show only this mode; you may repeat it. One of {', '.join(MODES)}.",
)  # fmt: skip
@click.option(
    "--seed", default=0, show_default=True,
    help="A different number gives the quiz other wrong answers, in another order.",
)  # fmt: skip
@report_options
def show(
    case: str,
    options: RunOptions,
    modes: tuple[str, ...],
    seed: int,
    report: ReportOptions,
) -> int:
    """Show one CASE as a lesson, side by side.

    The command sends the request now. The recording gives the nine modes of the lesson.
    """
    from comparison.cases import find_case

    settings = options.settings()
    cases = settings.load_cases()
    chosen = find_case(cases, case)
    shown = modes or tuple(MODES)
    others = cases if {"quiz", "snapshot"} & {*shown} else ()
    lesson_options = LessonOptions(
        partial(_lesson, settings, seed, others, chosen), shown
    )
    making = partial(lesson_report, report.color, lesson_options)
    reports = Reports(
        report.format_, report.outputs, making, full=True, lesson=lesson_options
    )
    with reports as listed:
        return run_cases(settings, [chosen], listed, lines=True)


def _lesson(
    settings: RunSettings,
    seed: int,
    others: Collection[Case],
    case: Case,
    comparison: Comparison,
    header: RunHeader,
) -> Lesson:
    import msgspec

    from comparison.lesson.make import lesson_of
    from comparison.studies.sweep.further import further

    targets = settings.load_targets()
    # The lesson must not show secrets, but requests that we send again need them.
    with_secrets = msgspec.structs.replace(comparison, case=case)
    findings = further(
        targets, with_secrets, settings.timeout, settings.redact_comparison,
        twins=settings.uses_twins, cases=others,
    )  # fmt: skip
    return lesson_of(comparison, header, settings.load_known(), findings, seed)
