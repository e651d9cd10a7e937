"""`comparison sweep`."""

import click

from .options import PATH
from .run_cases import command_line


@click.command()
@click.option(
    "--codes",
    default="100-999,-1,0,1000",
    show_default=True,
    help="The status codes: numbers and ranges, as 200-299,404.",
)
@click.option(
    "--stack",
    "stacks",
    multiple=True,
    metavar="STACK",
    help="A stack, as quart+hypercorn. The default is all that are installed.",
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="VARIANT",
    help="json, empty, stream or head. The default is all of them.",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    type=PATH,
    help="Write FILE.json, .svg, .md or .txt.",
)
@click.option("--resume", is_flag=True, help="Continue an interrupted sweep.")
@click.option(
    "--from",
    "recorded",
    metavar="FILE",
    type=PATH,
    help="Only show a sweep that was saved as JSON.",
)
@click.option("-q", "quiet", is_flag=True, help="Print no progress and no table.")
@click.option("-v", "verbose", count=True, help="Twice: print tracebacks.")
def sweep(
    codes: str,
    stacks: tuple[str, ...],
    variants: tuple[str, ...],
    outputs: tuple[str, ...],
    resume: bool,
    recorded: str | None,
    quiet: bool,
    verbose: int,
) -> int:
    """Map how each stack answers with every status code."""
    from comparison.studies.sweep.command import sweep as run_sweep

    return run_sweep(
        codes, stacks, variants, outputs, resume, recorded, quiet, command_line()
    )
