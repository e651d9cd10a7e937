"""`comparison import-curl`."""

from collections import Counter
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
    hosts: tuple[str, ...],
) -> int:
    """Write a case file from the curl commands in FILE.

    Browsers copy requests as such commands ("Copy as cURL"), and documentation has them.
    Secrets and shell variables become environment variables. We skip and count static
    files, other hosts, repeated requests, and options that a case cannot have.
    """
    from comparison.cases.sources.curl import CurlCommands
    from comparison.cases.sources.traffic import Traffic

    from .drafting import check_output, write_traffic

    check_output(output, force=force)
    left_out: Counter[str] = Counter()
    commands = CurlCommands(left_out)
    traffic = Traffic(
        Path(file),
        hosts,
        sequence=sequence,
        entries=commands.entries,
        left_out=left_out,
    )
    return write_traffic(traffic, "import-curl", output, force=force)
