"""`comparison run`."""

from functools import partial
from pathlib import Path

import click
from msgspec import UNSET

from comparison.core.escaping import echo
from comparison.reports import Listing, Report
from comparison.reports.turned_away import TurnedAwayReport

from .options import (
    PATH,
    Number,
    ReportOptions,
    RunOptions,
    report_options,
    run_options,
    selection_options,
)
from .outputs import Reports, lines_of, text_report
from .run_cases import check_reference, run_cases


@click.command()
@run_options
@selection_options
@click.option(
    "--shard", default="", metavar="I/N",
    help="Run only this share of the cases, as 1/4. `merge` joins the JSON Lines.",
)  # fmt: skip
@click.option(
    "--jobs", metavar="N", type=click.IntRange(1, 64),
    help="Processes that share the cases, each with separate apps and servers. The"
    " default is 1; for the catalogue on its own apps, one for each processor.",
)  # fmt: skip
@click.option(
    "--keep-alive", is_flag=True,
    help="Send requests to servers on one connection, not each on a new one.",
)  # fmt: skip
@click.option(
    "--self-check", is_flag=True,
    help="Run the reference twice first, and propose rules for what differs.",
)  # fmt: skip
@click.option(
    "--rate", metavar="N", type=Number(min=0, min_open=True),
    help="Send at most so many requests a second to each target at a URL, in all --jobs"
    " together.",
)  # fmt: skip
@click.option(
    "--resume", is_flag=True,
    help="Continue the interrupted run that wrote --output FILE.jsonl.",
)  # fmt: skip
@click.option(
    "--list", "listed", is_flag=True, help="List every case, in one line each."
)
@click.option(
    "--tables", is_flag=True, help="Print the tables of cases with unexpected results."
)
@click.option(
    "--accept", metavar="FILE", type=PATH,
    help="Write known differences for what is unexpected now. FILE keeps what it has.",
)  # fmt: skip
@report_options
def run(
    options: RunOptions,
    expression: str | None,
    shard: str,
    jobs: int | None,
    keep_alive: bool,
    self_check: bool,
    rate: float | None,
    resume: bool,
    listed: bool,
    tables: bool,
    accept: str | None,
    report: ReportOptions,
) -> int:
    """Run every case on every target and compare the answers.

    The defaults come from [tool.comparison] in pyproject.toml. Without that, run the
    bundled catalogue on the bundled twins, in process.
    """
    from comparison.cases import digest_of, parse_shard, select_cases, shard_of

    accepting: list[Report] = []
    if accept is not None:
        from comparison.reports.accepting import AcceptReport

        # A file with problems is reported before anything runs.
        accepting.append(AcceptReport(Path(accept)))
    settings = options.settings()
    with settings.starting(keep_alive=keep_alive, rate=rate) as starting:
        every = settings.load_cases()
        for message in (*settings.unknown_cases(every), *settings.without_cause()):
            echo(f"comparison: {message}", err=True)
        cases = select_cases(every, expression)
        has_lines = any(lines_of(name, report.format_) for name in report.outputs)
        digest = digest_of(cases) if shard or has_lines else ""
        if shard:
            cases = shard_of(list(cases), *parse_shard(shard))
        listing = Listing(listed, tables)
        making = partial(
            text_report, report.verbosity, report.color, len(cases), listing
        )
        jobs = jobs or settings.jobs(len(cases))
        reports = Reports(
            report.format_, report.outputs, making, resume=resume, listing=listing
        )
        with reports as written:
            if report.verbosity >= 0:
                written.append(TurnedAwayReport())
            written.extend(accepting)  # last, because it may raise an error at the end
            checked = (
                check_reference(settings, cases, jobs, keep_alive, rate)
                if self_check
                else UNSET
            )
            return run_cases(
                settings, cases, written, rules=True, jobs=jobs, shard=shard,
                digest=digest, earlier=reports.earlier, self_check=checked,
                expression=expression, starting=starting,
            )  # fmt: skip
