"""Runs to report on: the bytes that a format makes of them."""

import io
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from comparison import Case, Request
from comparison.known import load_known
from comparison.models import RouteMismatch
from comparison.reports import Report, make_report
from comparison.reports.accepting import AcceptReport
from comparison.runner.environment import environment
from comparison.runner.run import Run
from comparison.targets import resolve_target
from tests.apps import app_of

VERY_ODD = "<b>\x00\x1b]]>&\"'\ud7ff\ufffe</script>\n"


def cases(number: int, origin: str = "") -> list[Case]:
    """Make cases with the same request."""
    return [
        Case(f"case-{n}", Request("GET", "/"), title=f"Case {n}", origin=origin)
        for n in range(1, number + 1)
    ]


def reported(
    name: str,
    one: Callable[..., Any],
    other: Callable[..., Any],
    cases_: Sequence[Case] | None = None,
    route_mismatches: tuple[RouteMismatch, ...] = (),
    known: Sequence[Path] = (),
) -> str:
    """The report on a Flask app with one view against a Quart app with another."""
    run = _run(one, other, cases_, known)
    run.route_mismatches = route_mismatches
    stream = io.BytesIO()
    _report(run, make_report(name, stream))
    return stream.getvalue().decode()


def accept(
    path: Path,
    one: Callable[..., Any],
    other: Callable[..., Any],
    cases_: Sequence[Case] | None = None,
    known: Sequence[Path] = (),
) -> list[dict[str, Any]]:
    """Accept what differs between the two apps in a file, and return its entries."""
    _report(_run(one, other, cases_, known), AcceptReport(path))
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["known"]
    return entries


def _run(
    one: Callable[..., Any],
    other: Callable[..., Any],
    cases_: Sequence[Case] | None,
    known: Sequence[Path],
) -> Run:
    targets = {
        "flask": resolve_target(app_of("flask", one), "flask"),
        "quart": resolve_target(app_of("quart", other), "quart"),
    }
    return Run(targets, cases_ or cases(1), load_known(known, environment().packages))


def _report(run: Run, report: Report) -> None:
    report.begin(run.header(ended=False))
    for comparison in run:
        report.add(comparison)
    report.end(run.header())
