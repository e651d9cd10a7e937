"""`comparison merge`."""

from pathlib import Path

import click

from comparison.core.escaping import echo
from comparison.reports import STANDARD_OUTPUT
from comparison.runner.settings import RunSettings

from .options import ALLOW_FILES, PATH, selecting, tracebacks


@click.command()
@click.argument("output", type=PATH)
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option(
    "--cases", "paths", multiple=True, metavar="PATH", type=PATH,
    help="The case files that `run` was given, for a report; JSON Lines need none.",
)  # fmt: skip
@ALLOW_FILES
@selecting
@tracebacks
def merge(
    output: str,
    files: tuple[str, ...],
    paths: tuple[str, ...],
    allow_files: bool,
    expression: str | None,
) -> int:
    """Join the shards in FILES (JSON Lines, from run --shard) into OUTPUT.

    The suffix of OUTPUT says whether it is a report, as .html or .xml, or JSON Lines
    again; - is standard output, as JSON Lines. Shards of different environments, targets
    or cases are rejected. The exit code is that of the whole run.
    """
    from comparison.cases import select_cases
    from comparison.runs.merge import format_merged, verdict
    from comparison.runs.merge import merge as join

    shards, place = [Path(file) for file in files], Path(output)
    if format_merged(place) == "jsonl":
        header = join(shards, place)
    else:
        asking = RunSettings((), paths, (), None, allow_files=allow_files)
        cases = select_cases(asking.load_cases(), expression)
        header = join(shards, place, cases, asking.shown)
    echo(verdict(header), err=output == STANDARD_OUTPUT)
    return int(header.exit_code or 0)
