"""`comparison diff`."""

from functools import partial
from pathlib import Path

import click

from comparison.core.escaping import echo
from comparison.reports import Report

from .options import ALLOW_FILES, PATH, ReportOptions, report_options, selection_options
from .outputs import Reports, text_report
from .run_cases import Outputs, command_line


@click.command()
@click.argument("reference", type=PATH)
@click.argument("candidate", type=PATH)
@click.option(
    "--reference", "reference_target", metavar="NAME",
    help="The target in REFERENCE, a saved run with several.",
)  # fmt: skip
@click.option(
    "--candidate", "candidate_target", metavar="NAME",
    help="The target in CANDIDATE, a saved run with several.",
)  # fmt: skip
@click.option(
    "--host", "hosts", multiple=True, metavar="HOST",
    help="Use requests to this host in a HAR file. The default is the first host.",
)  # fmt: skip
@click.option(
    "--cases", "paths", multiple=True, metavar="PATH", type=PATH,
    help="Case files, for the expectations and rules of the saved cases.",
)  # fmt: skip
@click.option(
    "--known", multiple=True, metavar="FILE", type=PATH,
    help="Known differences: a file or a folder of files.",
)  # fmt: skip
@ALLOW_FILES
@selection_options
@click.option(
    "--accept", metavar="FILE", type=PATH,
    help="Write known differences for what is unexpected now. FILE keeps what it has.",
)  # fmt: skip
@report_options
def diff(
    reference: str,
    candidate: str,
    reference_target: str | None,
    candidate_target: str | None,
    hosts: tuple[str, ...],
    paths: tuple[str, ...],
    known: tuple[str, ...],
    allow_files: bool,
    expression: str | None,
    accept: str | None,
    report: ReportOptions,
) -> int:
    """Compare the recordings REFERENCE and CANDIDATE without sending anything.

    Each is a HAR file or a saved run (JSON Lines). Saved cases belong together by id, and
    requests in HAR files by method and path. Findings and exit codes are those of run.
    """
    from comparison.runner.settings import RunSettings
    from comparison.runs.recorded_run import RecordedRun
    from comparison.runs.recordings import read_source

    sources = (
        read_source(Path(reference), reference_target, hosts, "--reference"),
        read_source(Path(candidate), candidate_target, hosts, "--candidate"),
    )
    for source in sources:
        for reason, number in source.left_out.items():
            echo(f"{source.path}: left out: {number} {reason}", err=True)
    settings = RunSettings((), paths, known, None, allow_files=allow_files)
    run = RecordedRun(*sources, settings, expression, command_line())
    accepting: list[Report] = []
    if accept is not None:
        from comparison.reports.accepting import AcceptReport

        accepting.append(AcceptReport(Path(accept)))
    total = max(len(source.recorded) for source in sources)
    making = partial(text_report, report.verbosity, report.color, total)
    with Reports(report.format_, report.outputs, making) as reports:
        outputs = Outputs([*reports, *accepting])
        start = run.header(ended=False)
        outputs.each(lambda each: each.begin(start))
        for comparison in run:
            outputs.add(comparison, recalled=False)
        outputs.end(run.header())
        outputs.check()
    return run.exit_code
