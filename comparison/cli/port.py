"""`comparison port`."""

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comparison.core.errors import UsageError
from comparison.core.escaping import echo
from comparison.core.plural import counted

from .options import PATH, tracebacks

if TYPE_CHECKING:
    from comparison.porting.files import Application, PortedFiles

WORTH_A_BAR = 200
"""Steps; fewer take a few seconds."""


@click.command()
@click.argument("source", metavar="SOURCE")
@click.option(
    "--output", metavar="FOLDER", type=PATH, help="Write the ported application here."
)
@click.option("--force", is_flag=True, help="Replace files in FOLDER.")
@click.option(
    "--in-place",
    is_flag=True,
    help="Rewrite SOURCE, in a git work tree without changes.",
)
@click.option("--dry-run", is_flag=True, help="Print a unified diff; write nothing.")
@click.option(
    "--check", "spec", metavar="SPEC",
    help="Then compare the app before and after, as `run` does. SPEC is module:attribute"
    " or module:factory().",
)  # fmt: skip
@click.option(
    "--cases", "paths", multiple=True, metavar="PATH", type=PATH,
    help="A case file or a folder of them for --check.",
)  # fmt: skip
@click.option(
    "--sync", "plain_views", is_flag=True,
    help="Leave views plain that await nothing; Quart runs them in threads.",
)  # fmt: skip
@click.option(
    "--comments", is_flag=True,
    help="Write what is left to decide into the modules, as comments.",
)  # fmt: skip
@click.option("-q", "quiet", is_flag=True, help="Print only what is left to decide.")
@tracebacks
def port(
    source: str,
    output: str | None,
    force: bool,
    in_place: bool,
    dry_run: bool,
    spec: str | None,
    paths: tuple[str, ...],
    plain_views: bool,
    comments: bool,
    quiet: bool,
) -> int:
    """Rewrite a Flask application for Quart, and list what is left to decide.

    SOURCE is a module, a package or a folder. It is not executed. Ends with 1 while
    something is left to decide.
    """
    if (output is not None) + in_place + dry_run != 1:
        raise UsageError("give one of --output FOLDER, --in-place and --dry-run")
    if spec and output is None:
        raise UsageError("--check compares SOURCE with --output FOLDER: give both")
    try:
        from comparison.porting import files
    except ImportError as error:
        if error.name != "libcst":
            raise
        message = (
            "LibCST is not installed: install the extra, flask-quart-comparison[port]"
        )
        raise UsageError(message) from None

    application = files.find_application(source)
    if output is not None:
        files.check_output(application, Path(output), force=force)
    if in_place:
        files.check_work_tree(application)
    ported = _port(application, plain_views, comments, quiet)
    if dry_run:
        _print_diff(application, ported)
    else:
        target = application.root if output is None else Path(output)
        files.write_files(application, ported, target)
    _report(application, ported, quiet=quiet, err=dry_run)
    if spec is not None and output is not None:
        return _compare(application, Path(output), spec, paths)
    return int(bool(ported.undecided or ported.unparsed))


def _port(
    application: "Application", plain_views: bool, comments: bool, quiet: bool
) -> "PortedFiles":
    from comparison.porting.files import PortedFiles, port_files
    from comparison.studies.files import watch

    ported = PortedFiles()
    steps = port_files(application, ported, plain_views=plain_views, comments=comments)
    total = 2 * len(application.modules)
    hidden = quiet or (total < WORTH_A_BAR and not sys.stderr.isatty())
    watch(steps, total, "modules", hidden)
    return ported


def _print_diff(application: "Application", ported: "PortedFiles") -> None:
    """Print a diff that `git apply` takes; a terminal gets it escaped."""
    for path, content in sorted(ported.changed.items()):
        before = (application.root / path).read_bytes()
        names = (f"a/{path.as_posix()}".encode(), f"b/{path.as_posix()}".encode())
        lines = difflib.diff_bytes(
            difflib.unified_diff, _lines(before), _lines(content), *names
        )
        for line in lines:
            ended = line.endswith(b"\n")
            text = line if ended else line + b"\n\\ No newline at end of file\n"
            if sys.stdout.isatty():
                echo(text.decode(errors="replace"), nl=False)
            else:
                sys.stdout.buffer.write(text)
    sys.stdout.flush()


def _lines(content: bytes) -> list[bytes]:
    """Split at newlines only, as git does."""
    parts = content.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _report(
    application: "Application", ported: "PortedFiles", *, quiet: bool, err: bool
) -> None:
    if not quiet:
        echo(
            f"{counted(len(application.modules), 'module')},"
            f" {len(ported.changed)} changed,"
            f" {counted(ported.rewritten, 'construct')} rewritten",
            err=err,
        )
    for path in ported.unparsed:
        echo(f"{path.as_posix()}: is not Python that we can parse; it stays", err=err)
    if ported.undecided:
        echo(f"left to decide: {len(ported.undecided)}", err=err)
    width = len(str(len(ported.undecided)))
    for number, each in enumerate(ported.undecided, 1):
        echo(f"{number:>{width}}. {each.path}:{each.line}: {each.reason}", err=err)
        echo(f"{'':{width}}  {each.remedy}", err=err)


def _compare(
    application: "Application", output: Path, spec: str, paths: tuple[str, ...]
) -> int:
    from comparison.porting.checking import spec_for
    from comparison.reports import Listing

    from .options import RunOptions
    from .outputs import text_report
    from .run_cases import run_cases

    targets = (
        f"flask={spec_for(application.root, spec)}",
        f"quart={spec_for(output.resolve(), spec)}",
    )
    settings = RunOptions(targets, paths, (), None, False).settings()
    with settings.starting() as starting:
        cases = settings.load_cases()
        report = text_report(0, "auto", len(cases), Listing(False, False))
        return run_cases(settings, cases, [report], rules=True, starting=starting)
