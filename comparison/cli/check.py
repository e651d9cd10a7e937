"""`comparison check`."""

from pathlib import Path

import click

from comparison.core.escaping import echo

from .options import PATH, RunOptions, run_options, selection_options, tracebacks
from .run_cases import run_cases


@click.command()
@click.argument("file", type=PATH)
@run_options
@selection_options
@click.option("-q", "quiet", is_flag=True, help="Print only new differences.")
@tracebacks
def check(
    file: str,
    options: RunOptions,
    expression: str | None,
    quiet: bool,
) -> int:
    """Run the cases of FILE again; fail for new differences, and show fixed ones.

    `record` writes FILE. Its cases run on its targets with its known differences, unless
    options name others. Cases that are not in FILE never run.
    """
    from comparison.runs.baseline import read_baseline
    from comparison.runs.check import CheckReport, choose, rerun_settings

    baseline = read_baseline(Path(file))
    settings = rerun_settings(baseline, *options)
    chosen = choose(baseline, settings.load_cases(), expression)
    report = CheckReport(baseline, chosen, echo, quiet)
    code = run_cases(settings, chosen.cases, [report], rules=True, alone=baseline.alone)
    return code if code > 1 else report.exit_code
