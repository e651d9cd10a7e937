"""`comparison discover`."""

import click

from .options import drafting, tracebacks


@click.command()
@click.argument("app", required=False)
@drafting
@click.option(
    "--all-methods", is_flag=True, help="Include methods that may change something."
)
@tracebacks
def discover(
    app: str | None, output: str | None, force: bool, all_methods: bool
) -> int:
    """Draft a case file from an APP's url map.

    APP is module:attribute or module:factory(). It defaults to the project's reference.
    """
    from comparison.runner.drafted import draft_of_app

    from .drafting import check_output, ids_beside, write_draft

    check_output(output, force=force)
    text = draft_of_app(app, all_methods=all_methods, others=ids_beside(output))
    write_draft(text.split("\n"), output, force=force)
    return 0
