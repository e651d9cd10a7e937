"""`comparison record`."""

from functools import partial

import click

from comparison.core.escaping import echo
from comparison.core.plural import counted
from comparison.reports import STANDARD_OUTPUT

from .options import PATH, RunOptions, run_options, selection_options, tracebacks
from .outputs import Reports, text_report
from .run_cases import run_cases


@click.command()
@click.argument("file", type=PATH)
@run_options
@selection_options
@click.option("-q", "quiet", count=True, help="Print only the verdict.")
@tracebacks
def record(
    file: str,
    options: RunOptions,
    expression: str | None,
    quiet: int,
) -> int:
    """Save a run in FILE (JSON Lines), for `check` to compare with later.

    One target is enough: then `check` reports whether its answers changed. The exit code
    is 0 even if the run finds differences.
    """
    from comparison.cases import select_cases

    settings = options.settings()
    cases = select_cases(settings.load_cases(), expression)
    to_output = file == STANDARD_OUTPUT
    making = partial(text_report, -1 - quiet, "auto", len(cases))
    with Reports("jsonl", (file,), making) as reports:
        written = reports[:1] if quiet else reports
        code = run_cases(
            settings, cases, written, rules=True, alone=True, expression=expression
        )
    if code in (0, 1) and not to_output:
        echo(f"{file}: {counted(len(cases), 'case')} saved")
    return 0 if code == 1 else code
