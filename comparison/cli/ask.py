"""Asking: a run, and the reports that are told of it."""

import shlex
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import click
from msgspec import UNSET

from comparison.asking import Asking
from comparison.errors import ComparisonError, UsageError
from comparison.model import Comparison
from comparison.reports import Report

if TYPE_CHECKING:
    from comparison.model import Case, Control
    from comparison.resuming import Earlier
    from comparison.runner import Run


def ask(
    asking: Asking,
    cases: Collection["Case"],
    reports: list[Report],
    rules: bool = False,
    jobs: int = 1,
    keep_alive: bool = False,
    alone: bool = False,
    shard: str = "",
    digest: str = "",
    lines: bool = False,
    earlier: "Earlier | None" = None,
    rate: float | None = None,
    twice: bool = False,
) -> int:
    """Ask the cases and report the comparisons; return the exit code.

    With a digest of the cases, the run tells what it was of, and can be resumed as an
    `earlier` one. Raises UsageError where this would be another run than that. With
    `twice`, the reference is asked twice first, and the run tells what came of it.
    """
    from comparison.recording import captured_logs
    from comparison.runner import Run

    differences = asking.load_known()
    with captured_logs():
        control = _control(asking, cases, jobs, keep_alive, rate) if twice else UNSET
        chosen = asking.load_targets(keep_alive=keep_alive, alone=alone, rate=rate)
        run = Run(
            chosen,
            cases,
            differences,
            timeout=asking.timeout,
            keep=False,
            command=command_line(),
            lone_rules=asking.lone_rules(chosen) if rules else (),
            jobs=jobs,
            lines=lines,
            alone=alone,
            shard=shard,
            cases_digest=digest,
            known_digest=differences.digest() if digest else "",
            earlier=earlier.comparisons if earlier else None,
            control=control,
        )
        if earlier is not None:
            try:
                earlier.check(run.header(ended=False), cases)
            except UsageError:
                for target in chosen.values():
                    target.close()
                raise
        return _report(run, reports, asking.shown)


def _control(
    asking: Asking,
    cases: Collection["Case"],
    jobs: int,
    keep_alive: bool,
    rate: float | None,
) -> "Control":
    """What the reference answers differently when it is asked twice."""
    from comparison.controlling import control

    targets = asking.load_twice(keep_alive=keep_alive, rate=rate)
    return control(targets, cases, asking.timeout, jobs, asking.shown)


def _report(
    run: "Run", reports: list[Report], shown: Callable[[Comparison], Comparison]
) -> int:
    """Hand each comparison to every report; what was recorded is kept in any case."""
    for report in reports:
        report.begin(run.header(ended=False))
    try:
        for comparison in map(shown, run):
            for report in reports:
                # What an earlier run has kept is in its file.
                if not (run.recalling and getattr(report, "earlier", None)):
                    report.add(comparison)
    except KeyboardInterrupt:
        run.interrupt()
    except ComparisonError:
        run.interrupt()
        _end(run, reports)
        raise
    return _end(run, reports)


def _end(run: "Run", reports: list[Report]) -> int:
    header = run.header()
    for report in reports:
        report.end(header)
    return int(header.exit_code or 0)


def command_line() -> str:
    """The command as it was given, without secrets; it reproduces the whole run."""
    from comparison.redact import redacted_command

    arguments = click.get_current_context().find_root().obj
    arguments = [each for each in arguments if each != "--resume"]
    return redacted_command(shlex.join(["comparison", *arguments]))
