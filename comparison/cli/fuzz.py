"""`comparison fuzz`."""

import click

from comparison.core.errors import UsageError

from .ask import command_line
from .options import PATH, SECONDS


@click.command()
@click.option(
    "--target", "targets", multiple=True, metavar="NAME=SPEC",
    help="A target that answers as the bundled apps do; those unless given.",
)  # fmt: skip
@click.option(
    "--stack", "stacks", multiple=True, metavar="STACK",
    help="A stack, as quart+hypercorn, instead of in process; the first is the reference.",
)  # fmt: skip
@click.option(
    "--known", multiple=True, metavar="FILE", type=PATH,
    help="Known differences and forms of them: a file or a folder, instead of ours.",
)  # fmt: skip
@click.option(
    "--examples", metavar="N", type=click.IntRange(min=1),
    help="How many; 5000 unless given, or as many as the time allows.",
)  # fmt: skip
@click.option("--time", metavar="TIME", help="How long at most, as 60s or 5m.")
@click.option(
    "--seed", default=0, show_default=True, help="Other examples for another number."
)
@click.option(
    "--timeout", metavar="SECONDS", default=5.0, show_default=True,
    type=SECONDS,
    help="How long a target may take to answer.",
)  # fmt: skip
@click.option(
    "--database", metavar="FOLDER", default=".hypothesis/examples", show_default=True,
    help="Where findings are kept, to be asked first; '' keeps none.",
)  # fmt: skip
@click.option(
    "--format", "format_", type=click.Choice(["text", "md", "json"]), default="text",
    help="text, md or json.", metavar="FORMAT",
)  # fmt: skip
@click.option(
    "--write-cases", "cases", metavar="FILE", type=PATH,
    help="Add what is new to a case file.",
)  # fmt: skip
@click.option("-q", "quiet", is_flag=True, help="No progress.")
@click.option("-v", "verbose", count=True, help="Twice: tracebacks.")
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
    """Ask generated views of both frameworks; each new difference once, and small.

    Views return, change and raise what nobody thought of; see comparison.views for
    what is described. What is new fails the run.
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
