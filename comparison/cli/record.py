"""`comparison record`."""

from functools import partial
from pathlib import Path

import click

from comparison.asking import Asking
from comparison.reports import FileReport, Report, make_report

from .ask import ask
from .options import asking, selecting
from .told import text_report


@click.command()
@click.argument("file", type=click.Path())
@asking
@selecting
@click.option("-q", "quiet", count=True, help="Only the verdict.")
def record(
    file: str,
    targets: tuple[str, ...],
    paths: tuple[str, ...],
    known: tuple[str, ...],
    timeout: float | None,
    expression: str | None,
    quiet: int,
) -> int:
    """Keep a run in FILE (JSON Lines), for `check` to compare with later.

    One target is enough: then `check` says whether its answers changed. Whatever the
    run finds, the exit code is 0.
    """
    from comparison.cases import select_cases

    asking = Asking(targets, paths, known, timeout)
    cases = select_cases(asking.load_cases(), expression)
    kept = FileReport(Path(file), partial(make_report, "jsonl"))
    try:
        text = text_report(-1 - quiet, "auto", len(cases))
        reports: list[Report] = [kept] if quiet else [kept, text]
        code = ask(asking, cases, reports, rules=True, alone=True)
    finally:
        kept.discard_if_empty()
    if code in (0, 1):
        click.echo(f"{file}: {len(cases)} cases kept")
    return 0 if code == 1 else code
