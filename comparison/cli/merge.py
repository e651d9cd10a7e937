"""`comparison merge`."""

from pathlib import Path

import click

from comparison.core.escaping import echo
from comparison.reports import STANDARD_OUTPUT
from comparison.runner.settings import RunSettings

from .options import ALLOW_FILES, PATH, selection_options, tracebacks


@click.command()
@click.argument("output", type=PATH)
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option(
    "--cases", "paths", multiple=True, metavar="PATH", type=PATH,
    help="The case files of the run, for a report. JSON Lines do not need them.",
)  # fmt: skip
@ALLOW_FILES
@selection_options
@tracebacks
def merge(
    output: str,
    files: tuple[str, ...],
    paths: tuple[str, ...],
    allow_files: bool,
    expression: str | None,
) -> int:
    """Join the shards in FILES (JSON Lines, from run --shard) into OUTPUT.

    The suffix of OUTPUT selects a report, as .html or .xml, or JSON Lines. OUTPUT - writes
    JSON Lines to standard output. We reject shards of different environments, targets or
    cases. The exit code is that of the whole run.
    """
    from comparison.cases import select_cases
    from comparison.runs.merge import format_merged, verdict
    from comparison.runs.merge import merge as join

    shards, place = [Path(file) for file in files], Path(output)
    if format_merged(place) == "jsonl":
        header = join(shards, place)
    else:
        settings = RunSettings((), paths, (), None, allow_files=allow_files)
        cases = select_cases(settings.load_cases(), expression)
        header = join(shards, place, cases, settings.redact_comparison)
    echo(verdict(header), err=output == STANDARD_OUTPUT)
    return int(header.exit_code or 0)
