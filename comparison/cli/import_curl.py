"""`comparison import-curl`."""

from pathlib import Path

import click

from .options import PATH, drafting, tracebacks, traffic_options


@click.command("import-curl")
@click.argument("file", type=PATH)
@drafting
@traffic_options
@tracebacks
def import_curl(
    file: str,
    output: str | None,
    force: bool,
    sequence: bool,
    keep: tuple[str, ...],
    hosts: tuple[str, ...],
) -> int:
    """Write a case file from the curl commands in FILE.

    Browsers copy requests as curl commands ("Copy as cURL"), and documentation has them.
    Secrets and shell variables become environment variables. We skip and count static
    files, other hosts, repeated requests, and options that a case cannot have.
    """
    from comparison.cases.sources.curl import CurlCommands
    from comparison.cases.sources.left_out import LeftOut
    from comparison.cases.sources.traffic import Traffic

    from .drafting import check_output, write_traffic

    check_output(output, force=force)
    left_out = LeftOut()
    commands = CurlCommands(left_out)
    traffic = Traffic(
        Path(file),
        hosts,
        sequence=sequence,
        keep=keep,
        entries=commands.entries,
        left_out=left_out,
    )
    return write_traffic(traffic, "import-curl", output, force=force)
