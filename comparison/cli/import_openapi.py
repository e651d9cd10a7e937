"""`comparison import-openapi`."""

from pathlib import Path

import click

from comparison.core.escaping import echo

from .options import drafting, tracebacks


@click.command("import-openapi")
@click.argument("source", metavar="FILE-OR-URL")
@drafting
@click.option(
    "--expect", is_flag=True, help="Expect the lowest documented status below 400."
)
@click.option(
    "--all-methods", is_flag=True, help="Include methods that may change something."
)
@click.option(
    "--variants",
    is_flag=True,
    help="Add requests with one other value each: boundaries, enum values, wrong types,"
    " missing and unknown fields.",
)
@click.option(
    "--base", metavar="PATH",
    help="The prefix of all paths. The default is that of the first server.",
)  # fmt: skip
@click.option(
    "--root", metavar="FOLDER",
    help="The folder in which references to files are followed. The default is that of"
    " the document.",
)  # fmt: skip
@tracebacks
def import_openapi(
    source: str,
    output: str | None,
    force: bool,
    expect: bool,
    all_methods: bool,
    variants: bool,
    base: str | None,
    root: str | None,
) -> int:
    """Write a case file from the description of an API (OpenAPI 3.x).

    The description is YAML or JSON. We use its examples, and change those that their
    schemas forbid. Other values are samples that the schemas allow, marked where you
    should choose. Credentials become environment variables. The command lists what
    no draft has, with its place.
    """
    from comparison.cases.sources.draft import case_lines
    from comparison.cases.sources.openapi import OpenApi
    from comparison.cases.sources.operations import Operations
    from comparison.core.errors import UsageError

    from .drafting import check_output, ids_beside, read_source, write_draft

    if base is not None and not base.startswith("/"):
        raise UsageError(f'--base {base}: a path begins with "/"')
    check_output(output, force=force)
    name, content = read_source(source)
    path = None if "://" in source else Path(source)
    document = OpenApi(name, content, path, Path(root) if root else None)
    operations = Operations(
        document, expect=expect, all_methods=all_methods, variants=variants, base=base
    )
    notes = [
        f"Drafted by `comparison import-openapi` from {Path(name).name}.",
        "Where it says 'choose', put a value that exists in your app.",
    ]
    title = document.root.info.title or Path(name).stem
    lines = case_lines(title, notes, operations, ids_beside(output))
    write_draft(lines, output, force=force)
    for note in document.notes:
        echo(note, err=True)
    if operations.variables:
        echo(f"to be set: {', '.join(operations.variables)}", err=True)
    return 0
