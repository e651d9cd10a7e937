"""`comparison import-har`."""

from pathlib import Path

import click

from .options import PATH, drafting, tracebacks, traffic_options


@click.command("import-har")
@click.argument("file", type=PATH)
@drafting
@click.option("--expect", is_flag=True, help="Expect the recorded responses.")
@traffic_options
@tracebacks
def import_har(
    file: str,
    output: str | None,
    force: bool,
    expect: bool,
    sequence: bool,
    keep: tuple[str, ...],
    hosts: tuple[str, ...],
) -> int:
    """Write a case file from the traffic in FILE (HAR 1.2).

    Browsers, proxies and API clients write such files. Secrets become environment
    variables. We count by reason what reaches no case, such as static files, other hosts
    and headers that a browser adds.
    """
    from comparison.cases.sources.traffic import Traffic

    from .drafting import check_output, write_traffic

    check_output(output, force=force)
    traffic = Traffic(Path(file), hosts, expect=expect, sequence=sequence, keep=keep)
    return write_traffic(traffic, "import-har", output, force=force)
