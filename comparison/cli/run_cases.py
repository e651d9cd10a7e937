"""Run cases and write the reports of the run."""

import shlex
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import click
from msgspec import UNSET, UnsetType

from comparison.core.errors import ComparisonError, OutputClosed, UsageError
from comparison.core.escaping import echo
from comparison.core.processes.signals import shielded
from comparison.models import Comparison, RunHeader
from comparison.reports import Report
from comparison.runner.settings import RunSettings
from comparison.runner.starting import Starting

if TYPE_CHECKING:
    from comparison.models import Case, SelfCheck
    from comparison.runner.run import Run
    from comparison.runs.resume import InterruptedRun


def run_cases(
    settings: RunSettings,
    cases: Collection["Case"],
    reports: list[Report],
    *,
    rules: bool = False,
    jobs: int = 1,
    alone: bool = False,
    shard: str = "",
    digest: str = "",
    lines: bool = False,
    earlier: "InterruptedRun | None" = None,
    self_check: "SelfCheck | UnsetType" = UNSET,
    expression: str | None = None,
    starting: Starting | None = None,
) -> int:
    """Run the cases and report the comparisons; return the exit code.

    A run with a `digest` of the cases can be resumed later, as the `earlier` run of another
    call. Raises UsageError if cases or settings differ from those of the `earlier` run.
    The targets are `starting` already, or start now.
    """
    from comparison.runner.run import Run

    with ExitStack() as stack:
        stack.enter_context(settings.hiding(cases))
        starting = starting or stack.enter_context(settings.starting(alone=alone))
        targets = starting.load()
        differences = settings.load_known()
        with settings.located():
            run = Run(
                targets,
                cases,
                differences,
                timeout=settings.timeout,
                keep=False,
                command=command_line(),
                jobs=jobs,
                lines=lines,
                url_maps=rules,
                host=starting.host,
                alone=alone,
                shard=shard,
                cases_digest=digest,
                known_digest=differences.digest() if digest else "",
                earlier=earlier.comparisons if earlier else None,
                self_check=self_check,
                selection=settings.selection(expression),
            )
        try:
            if rules:
                with settings.located():
                    run.route_mismatches = settings.route_mismatches(run.url_maps)
            if earlier is not None:
                earlier.check(settings.redact_header(run.header(ended=False)), cases)
                if note := earlier.note():
                    echo(f"comparison: {note}", err=True)
            return _report(run, reports, settings)
        finally:
            run.close()


def check_reference(
    settings: RunSettings,
    cases: Collection["Case"],
    jobs: int,
    keep_alive: bool,
    rate: float | None,
) -> "SelfCheck":
    """Run the reference twice; return what is not deterministic."""
    from comparison.runner.self_check import self_check

    with settings.hiding(cases):
        return self_check(
            partial(settings.load_two_instances, keep_alive=keep_alive, rate=rate),
            partial(settings.load_targets, keep_alive=keep_alive, rate=rate),
            cases, settings.timeout, jobs, settings.redact_comparison,
        )  # fmt: skip


def _report(run: "Run", reports: list[Report], settings: RunSettings) -> int:
    """Pass each comparison to every report; also save what an interrupted run recorded."""
    outputs = Outputs(reports)
    header_at_start = settings.redact_header(run.header(ended=False))
    outputs.each(lambda report: report.begin(header_at_start))
    try:
        with shielded():
            for comparison in map(settings.redact_comparison, run):
                outputs.add(comparison, recalled=run.recalling)
    except KeyboardInterrupt as error:
        run.interrupt(error)
    except ComparisonError as error:
        run.interrupt(error)
        with shielded():
            outputs.end(settings.redact_header(run.header()))
        raise
    with shielded():
        header = settings.redact_header(run.header())
        outputs.end(header)
    outputs.check()
    return int(header.exit_code or 0)


class Outputs:
    """The reports that we can still write.

    A report may fail because its reader has gone or the disk is full. We drop it, and write
    the others to their end. Then `check` raises the error. If no report is left, the run
    ends at once.
    """

    def __init__(self, reports: Iterable[Report]) -> None:
        self.reports = list(reports)
        self.errors: list[tuple[Report, OSError]] = []

    def each(self, write: Callable[[Report], None]) -> None:
        """Call a function for every report. Raises like `check` if no report is left."""
        for report in list(self.reports):
            try:
                write(report)
            except OSError as error:
                self.reports.remove(report)
                self.errors.append((report, error))
        if not self.reports:
            self.check()

    def add(self, comparison: Comparison, *, recalled: bool) -> None:
        """Add a comparison, but not to the file that it was `recalled` from."""

        def write(report: Report) -> None:
            if not (recalled and getattr(report, "earlier", None)):
                report.add(comparison)

        self.each(write)

    def end(self, header: RunHeader) -> None:
        """End every report."""
        self.each(lambda report: report.end(header))

    def check(self) -> None:
        """Raise OutputClosed or UsageError if we could not write a report."""
        for report, error in self.errors:
            if path := getattr(report, "path", None):
                raise UsageError(f"--output {path}: {error.strerror}") from error
        for _, error in self.errors:
            if isinstance(error, BrokenPipeError):
                raise OutputClosed from error
            raise UsageError(f"standard output: {error.strerror}") from error


def command_line() -> str:
    """Return the command line without secrets and `--resume`; it reproduces the run."""
    from comparison.core.surrogates import printable
    from comparison.redaction import redacted_command

    arguments = click.get_current_context().find_root().obj
    arguments = [each for each in arguments if each != "--resume"]
    return redacted_command(printable(shlex.join(["comparison", *arguments])))
