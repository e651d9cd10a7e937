"""`comparison check`."""

from pathlib import Path

import click

from comparison.asking import Asking

from .ask import ask
from .options import asking, selecting


@click.command()
@click.argument("file", type=click.Path())
@asking
@selecting
@click.option("-q", "quiet", is_flag=True, help="Only what is new.")
def check(
    file: str,
    targets: tuple[str, ...],
    paths: tuple[str, ...],
    known: tuple[str, ...],
    timeout: float | None,
    expression: str | None,
    quiet: bool,
) -> int:
    """Ask again what FILE keeps; fail only for what is new, and show what was fixed.

    FILE is what `record` wrote.
    """
    from comparison.baseline import read_baseline
    from comparison.cases import select_cases
    from comparison.checking import CheckReport

    baseline = read_baseline(Path(file))
    asking = Asking(targets, paths, known, timeout)
    cases = select_cases(asking.load_cases(), expression)
    report = CheckReport(baseline, click.echo, quiet)
    code = ask(asking, cases, [report], rules=True, alone=baseline.alone)
    return code if code > 1 else report.exit_code
