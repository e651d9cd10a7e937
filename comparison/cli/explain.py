"""`comparison explain`."""

from functools import partial
from typing import TYPE_CHECKING

import click

from comparison.core.errors import UsageError, nearest
from comparison.core.escaping import echo
from comparison.runner.config import Project
from comparison.runner.settings import RunSettings

from .options import ReportOptions, RunOptions, report_options, run_options
from .outputs import Reports
from .run_cases import run_cases

if TYPE_CHECKING:
    from comparison.known import KnownDifferences


@click.command()
@click.argument("id_", metavar="[ID]", required=False)
@run_options
@report_options
def explain(id_: str | None, options: RunOptions, report: ReportOptions) -> int:
    """Explain a cause or a known difference: what happens, why, and what to do.

    The ID is one that a report names. A known difference is shown with a recording. With
    any other word, list the explanations that contain it. Without ID, list all that can be
    explained.
    """
    from comparison.causes import load_explanations
    from comparison.causes.structure import STRUCTURAL
    from comparison.reports.explanation import explanation_of_cause, list_lines
    from comparison.reports.terminal import make_console

    settings = options.settings()
    differences = settings.load_known()
    shipped_settings = RunSettings((), (), options.known, options.timeout, Project())
    shipped = shipped_settings.load_known()
    explanations = load_explanations()
    if id_ in explanations:
        text = explanation_of_cause(explanations[id_], expressions=report.verbosity > 0)
        make_console(None, report.color).print(text)
        return 0
    if id_ in STRUCTURAL:
        echo(f"{id_}: {STRUCTURAL[id_]}")
        return 0
    if id_ in differences.entries:
        return _known(settings, differences, id_, report)
    if id_ in shipped.entries:
        given = RunSettings(
            options.targets, (), options.known, options.timeout, Project()
        )
        if not given.uses_twins:
            given = shipped_settings
        return _known(given, shipped, id_, report)
    lines = list(list_lines(shipped, id_ or ""))
    if not lines:
        hint = nearest(id_ or "", [*explanations, *STRUCTURAL, *shipped.entries])
        raise UsageError(f"no cause or known difference {id_!r}{hint}")
    for line in lines:
        echo(line)
    return 0


def _known(
    settings: RunSettings,
    differences: "KnownDifferences",
    id_: str,
    report: ReportOptions,
) -> int:
    """Explain a known difference, with a recording that shows it."""
    from comparison.cases import find_case
    from comparison.known.models import EVERY_CASE
    from comparison.known.observed import stacks_of
    from comparison.reports.explanation import ExplanationReport, explanation
    from comparison.reports.terminal import make_console

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
