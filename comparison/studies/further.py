"""What a lesson asks beyond its case: a view changed, and one status after another."""

from collections.abc import Mapping
from typing import Any

from comparison.lesson.changing import Change, apply_change, change_of
from comparison.lesson.make import Findings
from comparison.model import Case, Comparison, Recording, Request
from comparison.parity import load_known
from comparison.runner import Run
from comparison.targets import Target
from comparison.targets.in_process import InProcessTarget
from comparison.targets.spec import FactoryNeeded

CHANGED_TO = 404
STATUSES = (-1, 0, 99, 100, 200, 299, 404, 599, 600, 999, 1000, 99999)


class Unchangeable(Exception):
    """The view of an app cannot be changed."""


def further(
    targets: Mapping[str, Target], comparison: Comparison, timeout: float
) -> Findings:
    """Ask what the lesson of this comparison wants to know besides.

    Only targets in process whose apps are made by a factory are changed: the app that is
    changed is then nobody else's.
    """
    changed = {}
    for name, recording in comparison.recordings.items():
        change = change_of(recording, CHANGED_TO)
        if change is not None:
            after = _changed(targets[name], change, comparison.case, timeout)
            if after is not None:
                changed[name] = (CHANGED_TO, after)
    statuses = _statuses(targets, timeout) if comparison.case.id == "custom" else {}
    return Findings(changed, statuses)


def _changed(
    target: Target, change: Change, case: Case, timeout: float
) -> Recording | None:
    if not isinstance(target, InProcessTarget):
        return None

    def factory(settings: Mapping[str, Any], fresh: bool) -> Any:
        app = target.factory(settings, True)
        if not apply_change(app, change):
            raise Unchangeable
        return app

    try:
        asked = InProcessTarget(target.name, target.spec, factory)
    except (FactoryNeeded, Unchangeable):
        return None
    # A run compares: the app that was not changed keeps it company.
    run = Run(
        {"before": target, "after": asked}, [case], load_known(()), timeout=timeout
    )
    (comparison,) = run
    return comparison.recordings["after"]


def _statuses(
    targets: Mapping[str, Target], timeout: float
) -> dict[str, dict[int, int | str]]:
    cases = [
        Case(f"status-{code}", Request(path=f"/status/{code}")) for code in STATUSES
    ]
    came: dict[str, dict[int, int | str]] = {name: {} for name in targets}
    run = Run(targets, cases, load_known(()), timeout=timeout)
    for code, comparison in zip(STATUSES, run, strict=True):
        for name, recording in comparison.recordings.items():
            if any(event.event == "view_returned" for event in recording.trace):
                response = recording.exchange.response
                failure = recording.exchange.failure
                came[name][code] = response.status if response else str(failure)
    return came
