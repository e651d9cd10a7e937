"""`comparison import-postman`."""

from pathlib import Path

import click

from .options import PATH, drafting, tracebacks, traffic_options


@click.command("import-postman")
@click.argument("file", type=PATH)
@drafting
@click.option(
    "--expect", is_flag=True, help="Expect the first saved response of each request."
)
@traffic_options
@tracebacks
def import_postman(
    file: str,
    output: str | None,
    force: bool,
    expect: bool,
    sequence: bool,
    keep: tuple[str, ...],
    hosts: tuple[str, ...],
) -> int:
    """Write a case file from the Postman collection in FILE (2.1, as JSON).

    We fill in variables of the collection. Other variables become environment variables,
    and so do secrets. We skip and count scripts, static files, other hosts and repeated requests.
    """
    from comparison.cases.sources.left_out import LeftOut
    from comparison.cases.sources.postman import PostmanCollection
    from comparison.cases.sources.traffic import Traffic

    from .drafting import check_output, write_traffic

    check_output(output, force=force)
    left_out = LeftOut()
    collection = PostmanCollection(left_out)
    traffic = Traffic(
        Path(file), hosts, expect=expect, sequence=sequence, keep=keep,
        entries=collection.entries, left_out=left_out,
    )  # fmt: skip
    return write_traffic(traffic, "import-postman", output, force=force)
