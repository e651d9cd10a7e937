"""What a lesson asks beyond its case: a view changed, and one status after another."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from comparison.core.errors import FactoryNeeded
from comparison.known import KnownDifferences
from comparison.lesson.changing import Change, apply_change, change_of
from comparison.lesson.facts import listed, status_of
from comparison.lesson.make import Findings
from comparison.lesson.model import Arriving
from comparison.models import Case, Comparison, Recording, Request
from comparison.runner.engine import Engine, open_engine
from comparison.runner.messages import Settings
from comparison.studies.models import StatusMap
from comparison.targets import Target
from comparison.targets.in_process.target import InProcessTarget
from comparison.targets.spec import Factory

from .codes import every_code

CHANGED_TO = 404
OTHERS = 4  # cases, enough for three wrong answers
STATUSES = (-1, 0, 99, 100, 200, 299, 404, 599, 600, 999, 1000, 99999)
STATUS_MAP = Path(__file__).parent / "status-codes.json"
"""The recorded sweep that is told where nobody asks anew; `docs/status-codes.md` draws it."""


class Unchangeable(FactoryNeeded):
    """The view of an app cannot be changed."""


def further(
    targets: Mapping[str, Target],
    comparison: Comparison,
    timeout: float,
    shown: Callable[[Comparison], Comparison] = lambda comparison: comparison,
    *,
    twins: bool = False,
    cases: Iterable[Case] = (),
    apps: Engine | None = None,
) -> Findings:
    """Send what the lesson of this comparison wants to know besides, in process.

    Only apps that are made by a factory are changed: each is made for that, and nobody
    else's. What a request may change beyond its app stays as it is: unless these are the
    `twins`, which keep nothing, only safe methods are sent once more. Of the twins some of
    `cases` are run too, which come to another status. `shown` keeps secrets out of what is
    found. `apps` runs cases on the targets without servers, where there is one already.
    """
    if not (twins or comparison.case.safe):
        return Findings()
    inside = apps_of(targets)
    if not inside:
        return Findings()
    engine = apps or open_apps(inside, timeout)
    try:
        changed = {}
        for name, target in inside.items():
            change = change_of(comparison.recordings[name], CHANGED_TO)
            if change is not None:
                after = _changed(engine, target, change, comparison.case, twins, shown)
                if after is not None:
                    changed[name] = (CHANGED_TO, after)
        if not twins:
            return Findings(changed)
        others = _others(engine, comparison.case, cases)
        if comparison.case.id != "custom":
            return Findings(changed, others=others)
        statuses = _statuses(engine, inside)
        return Findings(changed, statuses, recorded_statuses(), others)
    finally:
        if apps is None:
            engine.close()


def apps_of(targets: Mapping[str, Target]) -> dict[str, InProcessTarget]:
    """The same targets without servers, those that are not out of reach."""
    return {name: app for name, t in targets.items() if (app := _inside(t))}


def open_apps(targets: Mapping[str, Target], timeout: float) -> Engine:
    """What runs cases on these targets. Raises TargetError."""
    return open_engine(targets, KnownDifferences(), Settings(timeout))


def _inside(target: Target) -> InProcessTarget | None:
    """The same app without a server; None where it is out of reach."""
    found = target if isinstance(target, InProcessTarget) else target.in_process()
    return found if isinstance(found, InProcessTarget) else None


def _changed(
    engine: Engine,
    target: InProcessTarget,
    change: Change,
    case: Case,
    keep: bool,
    shown: Callable[[Comparison], Comparison],
) -> Recording | None:
    name = target.name
    wrap = partial(changed_factory, change, target.spec if keep else "")
    try:
        (comparison,) = engine.run([case], targets={name: target.wrapped(wrap)})
    except FactoryNeeded:
        return None
    recording = shown(comparison).recordings[name]
    failure = recording.exchange.failure
    return None if failure and failure.kind == "unsupported" else recording


_kept: dict[str, tuple[Any, dict[str, Any]]] = {}


def changed_factory(change: Change, keep: str, factory: Factory) -> Factory:
    """A factory whose apps have the change in a view.

    With a name to `keep` them by, an app is made once for its settings, and changed again
    as it was: to make a whole app costs its reader half a second. Raises Unchangeable.
    """

    def make(settings: Mapping[str, Any], fresh: bool) -> Any:
        key = f"{keep} {sorted(settings.items())}"
        if keep and key in _kept:
            app, views = _kept[key]
            app.view_functions.update(views)
        else:
            app = factory(settings, True)
            if keep:
                _kept[key] = (app, dict(app.view_functions))
        if not apply_change(app, change):
            raise Unchangeable
        return app

    return make


def _others(engine: Engine, case: Case, cases: Iterable[Case]) -> tuple[int, ...]:
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
    came = (
        status_of(recording)
        for comparison in engine.run([*asked.values()][:OTHERS])
        for recording in comparison.recordings.values()
    )
    return tuple(sorted({status for status in came if status is not None}))


def _statuses(
    engine: Engine, targets: Iterable[str]
) -> dict[str, dict[int, int | str]]:
    """What comes back in process for each status that a view is made to return."""
    cases = [
        Case(f"status-{code}", Request(path=f"/status/{code}")) for code in STATUSES
    ]
    came: dict[str, dict[int, int | str]] = {name: {} for name in targets}
    for code, comparison in zip(STATUSES, engine.run(cases), strict=True):
        for name, recording in comparison.recordings.items():
            if any(event.event == "view_returned" for event in recording.trace):
                response = recording.exchange.response
                failure = recording.exchange.failure
                came[name][code] = response.status if response else str(failure)
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
