"""`comparison import-har`."""

from pathlib import Path

import click

from comparison.core.escaping import echo

from .options import PATH, drafting, tracebacks


@click.command("import-har")
@click.argument("file", type=PATH)
@drafting
@click.option("--expect", is_flag=True, help="Expect the recorded responses.")
@click.option(
    "--sequence", is_flag=True,
    help="Make one case of all requests in order, with the cookies that responses set.",
)  # fmt: skip
@click.option(
    "--host", "hosts", multiple=True, metavar="HOST",
    help="Use requests to this host, as localhost:5000. The default is the first host.",
)  # fmt: skip
@tracebacks
def import_har(
    file: str,
    output: str | None,
    force: bool,
    expect: bool,
    sequence: bool,
    hosts: tuple[str, ...],
) -> int:
    """Write a case file from the traffic in FILE (HAR 1.2).

    Browsers and mitmproxy record such files. Secrets become environment variables. We skip
    and count static files, other hosts and repeated requests.
    """
    from comparison.cases.sources.draft import case_lines
    from comparison.cases.sources.traffic import Traffic

    from .drafting import check_output, ids_beside, write_draft

    check_output(output, force=force)
    traffic = Traffic(Path(file), hosts, expect=expect, sequence=sequence)
    title = Path(file).stem
    notes = [f"Drafted by `comparison import-har` from {Path(file).name}."]
    lines = case_lines(title, notes, traffic, ids_beside(output))
    write_draft(lines, output, force=force)
    for reason, number in traffic.left_out.most_common():
        echo(f"left out: {number} {reason}", err=True)
    if traffic.variables:
        echo(f"to be set: {', '.join(traffic.variables)}", err=True)
    return 0
