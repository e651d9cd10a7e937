"""`comparison merge`."""

from pathlib import Path

import click


@click.command()
@click.argument("output", type=click.Path())
@click.argument("files", nargs=-1, required=True, type=click.Path())
def merge(output: str, files: tuple[str, ...]) -> int:
    """Join the shards in FILES (JSON Lines, from run --shard) into OUTPUT.

    Shards of different environments, targets or cases are refused. The exit code is
    that of the whole run.
    """
    from comparison.merging import merge as join
    from comparison.merging import verdict

    header = join([Path(file) for file in files], Path(output))
    click.echo(verdict(header))
    return int(header.exit_code or 0)
