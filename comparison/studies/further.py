"""What a lesson asks beyond its case: a view changed, and one status after another."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from comparison.lesson.changing import Change, apply_change, change_of
from comparison.lesson.facts import listed, status_of
from comparison.lesson.make import Findings
from comparison.lesson.model import Arriving
from comparison.model import Case, Comparison, Recording, Request
from comparison.parity import load_known
from comparison.runner import Run
from comparison.studied import StatusMap
from comparison.targets import Target
from comparison.targets.in_process import InProcessTarget
from comparison.targets.spec import FactoryNeeded

from .codes import every_code

CHANGED_TO = 404
OTHERS = 4  # cases, enough for three wrong answers
STATUSES = (-1, 0, 99, 100, 200, 299, 404, 599, 600, 999, 1000, 99999)
STATUS_MAP = Path(__file__).parent / "status-codes.json"
"""The recorded sweep that is told where nobody asks anew; `docs/status-codes.md` draws it."""


class Unchangeable(Exception):
    """The view of an app cannot be changed."""


def further(
    targets: Mapping[str, Target],
    comparison: Comparison,
    timeout: float,
    shown: Callable[[Comparison], Comparison] = lambda comparison: comparison,
    *,
    twins: bool = False,
    cases: Iterable[Case] = (),
) -> Findings:
    """Ask what the lesson of this comparison wants to know besides, in process.

    Only apps that are made by a factory are changed and asked: each is made for that,
    and nobody else's. What a request may change beyond its app stays as it is: unless
    these are the `twins`, which keep nothing, only safe methods are asked once more. Of
    the twins some of `cases` are asked too, which come to another status. `shown` keeps
    secrets out of what is found.
    """
    if not (twins or comparison.case.safe):
        return Findings()
    inside = {name: app for name, t in targets.items() if (app := _inside(t))}
    changed = {}
    for name, target in inside.items():
        change = change_of(comparison.recordings[name], CHANGED_TO)
        if change is not None:
            after = _changed(target, change, comparison.case, timeout, shown)
            if after is not None:
                changed[name] = (CHANGED_TO, after)
    if not twins:
        return Findings(changed)
    others = _others(inside, comparison.case, cases, timeout)
    if comparison.case.id != "custom":
        return Findings(changed, others=others)
    statuses = {name: _statuses(target, timeout) for name, target in inside.items()}
    return Findings(changed, statuses, recorded_statuses(), others)


def _inside(target: Target) -> InProcessTarget | None:
    """The same app without a server; None where it is out of reach."""
    found = target if isinstance(target, InProcessTarget) else target.in_process()
    return found if isinstance(found, InProcessTarget) else None


def _changed(
    target: InProcessTarget,
    change: Change,
    case: Case,
    timeout: float,
    shown: Callable[[Comparison], Comparison],
) -> Recording | None:
    def factory(settings: Mapping[str, Any], fresh: bool) -> Any:
        app = target.factory(settings, True)
        if not apply_change(app, change):
            raise Unchangeable
        return app

    try:
        asked = InProcessTarget(target.name, target.spec, factory)
    except (FactoryNeeded, Unchangeable):
        return None
    name = target.name
    run = Run({name: asked}, [case], load_known(()), timeout=timeout, alone=True)
    (comparison,) = run
    return shown(comparison).recordings[name]


def _others(
    targets: Mapping[str, InProcessTarget],
    case: Case,
    cases: Iterable[Case],
    timeout: float,
) -> tuple[int, ...]:
    """The statuses of some cases, one for each that they expect.

    Those of the same topic come first.
    """
    asked: dict[int | None, Case] = {}
    for other in sorted(cases, key=lambda other: other.topic != case.topic):
        plain = not (other.before or other.settings or other.fresh)
        if other.expect and plain:
            asked.setdefault(other.expect.status, other)
    for needless in (None, case.expect.status if case.expect else None):
        asked.pop(needless, None)
    run = Run(
        targets, [*asked.values()][:OTHERS], load_known(()), timeout=timeout, alone=True
    )
    came = (status_of(r) for comparison in run for r in comparison.recordings.values())
    return tuple(sorted({status for status in came if status is not None}))


def _statuses(target: InProcessTarget, timeout: float) -> dict[int, int | str]:
    """What comes back in process for each status that a view is made to return."""
    cases = [
        Case(f"status-{code}", Request(path=f"/status/{code}")) for code in STATUSES
    ]
    came: dict[int, int | str] = {}
    name = target.name
    run = Run({name: target}, cases, load_known(()), timeout=timeout, alone=True)
    for code, comparison in zip(STATUSES, run, strict=True):
        recording = comparison.recordings[name]
        if any(event.event == "view_returned" for event in recording.trace):
            response = recording.exchange.response
            failure = recording.exchange.failure
            came[code] = response.status if response else str(failure)
    return came


def recorded_statuses(path: Path = STATUS_MAP) -> dict[str, Arriving]:
    """What became of each status on servers, by framework; empty without the map."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=StatusMap)
    except (OSError, msgspec.MsgspecError):
        return {}
    arriving = {}
    for framework in ("flask", "quart"):
        stacks = [s for s in found.stacks if s.startswith(f"{framework}+")]
        as_sent: Counter[int] = Counter()
        asked = every_code(found.codes)
        for part in found.ranges:
            whole = part.variant == "json" and part.outcome == "as sent"
            if whole and part.stack in stacks:
                as_sent.update(range(part.first, part.last + 1))
        always = [code for code in asked if as_sent[code] == len(stacks)]
        never = [code for code in asked if not as_sent[code]]
        arriving[framework] = Arriving(len(stacks), _ranges(always), _ranges(never))
    return arriving


def _ranges(codes: list[int]) -> str:
    """Codes in words, runs of them as ranges."""
    runs: list[list[int]] = []
    for code in codes:
        if runs and code == runs[-1][-1] + 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    words: list[str] = []
    for run in runs:
        far = len(run) > 2
        words += [f"{run[0]} to {run[-1]}"] if far else map(str, run)
    return listed(words)
