"""`comparison fuzz`."""

import click

from comparison.core.errors import UsageError

from .options import PATH, SECONDS
from .run_cases import command_line


@click.command()
@click.option(
    "--target", "targets", multiple=True, metavar="NAME=SPEC",
    help="A target that behaves like the bundled apps; these are the default.",
)  # fmt: skip
@click.option(
    "--stack", "stacks", multiple=True, metavar="STACK",
    help="A stack, as quart+hypercorn, instead of in process. The first is the reference.",
)  # fmt: skip
@click.option(
    "--known", multiple=True, metavar="FILE", type=PATH,
    help="Known differences and their patterns: a file or a folder, instead of ours.",
)  # fmt: skip
@click.option(
    "--examples", metavar="N", type=click.IntRange(min=1),
    help="The number of views. The default is 5000, or as many as --time allows.",
)  # fmt: skip
@click.option("--time", metavar="TIME", help="The time limit, as 60s or 5m.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    help="A different number gives different views.",
)
@click.option(
    "--timeout", metavar="SECONDS", default=5.0, show_default=True,
    type=SECONDS,
    help="The time limit for each answer.",
)  # fmt: skip
@click.option(
    "--database", metavar="FOLDER", default=".hypothesis/examples", show_default=True,
    help="Save findings here, and run them first the next time. '' saves none.",
)  # fmt: skip
@click.option(
    "--format", "format_", type=click.Choice(["text", "md", "json"]), default="text",
    help="text, md or json.", metavar="FORMAT",
)  # fmt: skip
@click.option(
    "--write-cases", "cases", metavar="FILE", type=PATH,
    help="Add new differences to a case file.",
)  # fmt: skip
@click.option("-q", "quiet", is_flag=True, help="Print no progress.")
@click.option("-v", "verbose", count=True, help="Twice: print tracebacks.")
def fuzz(
    targets: tuple[str, ...],
    stacks: tuple[str, ...],
    known: tuple[str, ...],
    examples: int | None,
    time: str | None,
    seed: int,
    timeout: float,
    database: str,
    format_: str,
    cases: str | None,
    quiet: bool,
    verbose: int,
) -> int:
    """Compare generated views of both frameworks; report each new difference once.

    The views return, change and raise unusual values; see comparison.views. Each
    difference is shown on a view as small as possible. A new difference fails the run.
    """
    if targets and stacks:
        raise UsageError("give --target or --stack, not both")
    try:
        from comparison.studies.fuzz.command import fuzz as search
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "hypothesis":
            raise
        raise UsageError(
            "fuzz needs Hypothesis: pip install 'flask-quart-comparison[fuzz]'"
        ) from None
    return search(
        targets, stacks, known, examples, time, seed, timeout, database, format_,
        cases, quiet, command_line(),
    )  # fmt: skip
