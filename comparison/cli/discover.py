"""`comparison discover`."""

import sys
from contextlib import redirect_stdout

import click


@click.command()
@click.argument("app", required=False)
@click.option("--output", metavar="FILE", type=click.Path(), help="Write it here.")
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@click.option(
    "--all-methods", is_flag=True, help="Methods that may change something too."
)
def discover(
    app: str | None, output: str | None, force: bool, all_methods: bool
) -> int:
    """Write a case file to start from, read from an APP's url map.

    APP is module:attribute or module:factory(); without it, the project's reference.
    """
    from comparison.cases.discover import discover as discovered
    from comparison.drafting import app_of, ids_beside, write_draft

    with redirect_stdout(sys.stderr):  # what the app prints is no part of the draft
        spec, found = app_of(app)
    others = ids_beside(output)
    text = discovered(found, spec, all_methods=all_methods, others=others)
    write_draft(text.split("\n"), output, force=force)
    return 0
