"""`comparison discover`."""

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
    from comparison.drafting import draft_of_app, ids_beside, write_draft

    text = draft_of_app(app, all_methods=all_methods, others=ids_beside(output))
    write_draft(text.split("\n"), output, force=force)
    return 0
