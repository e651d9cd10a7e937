"""`comparison explain`."""

from functools import partial

import click

from comparison.core.errors import UsageError, nearest
from comparison.core.escaping import echo
from comparison.runner.config import Project
from comparison.runner.settings import RunSettings

from .options import ReportOptions, RunOptions, report_options, run_options
from .outputs import Reports
from .run_cases import run_cases


@click.command()
@click.argument("id_", metavar="ID")
@run_options
@report_options
def explain(
    id_: str,
    options: RunOptions,
    report: ReportOptions,
) -> int:
    """Explain one known difference, by its ID, with a recording that shows it.

    The ID is one of the project, or of the bundled known differences. The bundled twins
    show the latter.
    """
    from comparison.cases import find_case
    from comparison.known.models import EVERY_CASE
    from comparison.known.observed import stacks_of
    from comparison.reports.explanation import ExplanationReport, explanation
    from comparison.reports.text import make_console

    settings = options.settings()
    differences = settings.load_known()
    if id_ not in differences.entries:
        settings = RunSettings(
            options.targets, (), options.known, options.timeout, Project()
        )
        shipped = settings.load_known()
        if id_ not in shipped.entries:
            hint = nearest(id_, differences.entries | shipped.entries)
            raise UsageError(f"no known difference {id_!r}{hint}")
        differences = shipped
    entry = differences.find(id_)
    console = make_console(None, report.color)
    if report.format_ in (None, "text"):
        console.print(explanation(entry, differences))
    if EVERY_CASE in entry.cases:
        echo(
            f"It occurs in every case on {stacks_of(entry)}:"
            " `comparison show CASE` with such targets shows it."
        )
        return 0
    case = find_case(settings.load_cases(), entry.cases[0])
    making = partial(ExplanationReport, console, entry, differences)
    with Reports(report.format_, report.outputs, making, full=True) as reports:
        return run_cases(settings, [case], reports)
