"""`comparison sweep`."""

import click

from .ask import command_line
from .options import PATH


@click.command()
@click.option(
    "--codes",
    default="100-999,-1,0,1000",
    show_default=True,
    help="Numbers and ranges, as 200-299,404.",
)
@click.option(
    "--stack",
    "stacks",
    multiple=True,
    metavar="STACK",
    help="A stack, as quart+hypercorn; all that are installed unless given.",
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="VARIANT",
    help="json, empty, stream or head; all unless given.",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    type=PATH,
    help="Write FILE.json, .svg, .md or .txt.",
)
@click.option("--resume", is_flag=True, help="Go on with an interrupted sweep.")
@click.option(
    "--from",
    "recorded",
    metavar="FILE",
    type=PATH,
    help="Ask nobody: show a sweep that was kept as JSON.",
)
@click.option("-q", "quiet", is_flag=True, help="No progress and no table.")
@click.option("-v", "verbose", count=True, help="Twice: tracebacks.")
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
    """Ask each stack for one status code after another: the status map."""
    from comparison.studies.sweep.command import sweep as ask

    return ask(
        codes, stacks, variants, outputs, resume, recorded, quiet, command_line()
    )
