"""Send further requests for a lesson: to a changed view, and for other statuses."""

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

from .codes import every_code, runs_of

CHANGED_TO = 404
OTHERS = 4  # cases, enough for three wrong answers
COMMON = (404, 200, 500, 302, 201, 400)
"""Common statuses, which lessons mention if the cases have them."""
STATUSES = (-1, 0, 99, 100, 200, 299, 404, 599, 600, 999, 1000, 99999)
STATUS_MAP = Path(__file__).parent / "status-codes.json"
"""The recorded sweep that lessons quote and `docs/status-codes.md` shows."""


class Unchangeable(FactoryNeeded):
    """We cannot change the view of an app."""


def further(
    targets: Mapping[str, Target],
    comparison: Comparison,
    timeout: float,
    redact: Callable[[Comparison], Comparison] = lambda comparison: comparison,
    *,
    twins: bool = False,
    cases: Iterable[Case] = (),
    apps: Engine | None = None,
) -> Findings:
    """Send further requests for the lesson of a comparison, in process.

    Only apps from a factory are changed: the factory makes a separate app for the change.
    Requests may change data outside the app. So only safe methods are sent again, except
    to the `twins`, which store nothing. With the twins, some of `cases` that expect other
    statuses run too. `redact` removes secrets from the findings. `apps` is an engine for
    the targets without servers, if the caller has one.
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
                after = _changed(engine, target, change, comparison.case, twins, redact)
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
    """Return the targets without their servers, as far as we can run them in process."""
    return {name: app for name, t in targets.items() if (app := _inside(t))}


def open_apps(targets: Mapping[str, Target], timeout: float) -> Engine:
    """Open an engine that runs cases on these targets. Raises TargetError."""
    return open_engine(targets, KnownDifferences(), Settings(timeout))


def _inside(target: Target) -> InProcessTarget | None:
    """Return the same app without a server; None if it cannot run in process."""
    found = target if isinstance(target, InProcessTarget) else target.in_process()
    return found if isinstance(found, InProcessTarget) else None


def _changed(
    engine: Engine,
    target: InProcessTarget,
    change: Change,
    case: Case,
    reuse: bool,
    redact: Callable[[Comparison], Comparison],
) -> Recording | None:
    name = target.name
    wrap = partial(changed_factory, change, target.spec if reuse else "")
    try:
        (comparison,) = engine.run([case], targets={name: target.wrapped(wrap)})
    except FactoryNeeded:
        return None
    recording = redact(comparison).recordings[name]
    failure = recording.exchange.failure
    return None if failure and failure.kind == "unsupported" else recording


_apps_cache: dict[str, tuple[Any, dict[str, Any]]] = {}


def changed_factory(change: Change, cache_name: str, factory: Factory) -> Factory:
    """Return a factory whose apps have the change in a view.

    With a `cache_name`, it makes each app once for its settings and caches the app with its
    original views. Making a whole app takes half a second. The new factory raises
    Unchangeable.
    """

    def make(settings: Mapping[str, Any], fresh: bool) -> Any:
        key = f"{cache_name} {sorted(settings.items())}"
        if cache_name and key in _apps_cache:
            app, views = _apps_cache[key]
            app.view_functions.update(views)
        else:
            app = factory(settings, True)
            if cache_name:
                _apps_cache[key] = (app, dict(app.view_functions))
        if not apply_change(app, change):
            raise Unchangeable
        return app

    return make


def _others(engine: Engine, case: Case, cases: Iterable[Case]) -> tuple[int, ...]:
    """Run some cases with other expected statuses and return the received statuses.

    Common statuses come first, then cases of the same topic.
    """
    expecting: dict[tuple[int, ...], Case] = {}
    for other in sorted(cases, key=lambda other: other.topic != case.topic):
        plain = not (other.setup or other.settings or other.fresh)
        if other.expect and plain:
            expecting.setdefault(other.expect.statuses, other)
    for needless in ((), case.expect.statuses if case.expect else ()):
        expecting.pop(needless, None)
    common: list[tuple[int, ...]] = [(status,) for status in COMMON]
    chosen = sorted(expecting, key=lambda s: (*common, s).index(s))
    received = (
        status_of(recording)
        for comparison in engine.run([expecting[s] for s in chosen[:OTHERS]])
        for recording in comparison.recordings.values()
    )
    return tuple(sorted({status for status in received if status is not None}))


def _statuses(
    engine: Engine, targets: Iterable[str]
) -> dict[str, dict[int, int | str]]:
    """Return the received status for each status that a view returns, in process."""
    cases = [
        Case(f"status-{code}", Request(path=f"/status/{code}")) for code in STATUSES
    ]
    received: dict[str, dict[int, int | str]] = {name: {} for name in targets}
    for code, comparison in zip(STATUSES, engine.run(cases), strict=True):
        for name, recording in comparison.recordings.items():
            if any(event.event == "view_returned" for event in recording.trace):
                response = recording.exchange.response
                failure = recording.exchange.failure
                received[name][code] = response.status if response else str(failure)
    return received


def recorded_statuses(path: Path = STATUS_MAP) -> dict[str, Arriving]:
    """Summarise the recorded sweep by framework; return {} without a recording."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=StatusMap)
    except (OSError, msgspec.MsgspecError):
        return {}
    arriving = {}
    for framework in ("flask", "quart"):
        stacks = [s for s in found.stacks if s.startswith(f"{framework}+")]
        as_sent: Counter[int] = Counter()
        codes = every_code(found.codes)
        for part in found.ranges:
            whole = part.variant == "json" and part.outcome == "as sent"
            if whole and part.stack in stacks:
                as_sent.update(range(part.first, part.last + 1))
        always = [code for code in codes if as_sent[code] == len(stacks)]
        never = [code for code in codes if not as_sent[code]]
        # A stack is a framework on a server in one of its modes, as gunicorn-gthread.
        servers = {s.partition("+")[2].partition("-")[0] for s in stacks}
        arriving[framework] = Arriving(
            len(stacks), len(servers), _ranges(always), _ranges(never)
        )
    return arriving


def _ranges(codes: list[int]) -> str:
    """Format codes in words, with consecutive codes as ranges."""
    words: list[str] = []
    for first, last, _ in runs_of(codes):
        codes_of_run = range(first, last + 1)
        far = len(codes_of_run) > 2
        words += [f"{first} to {last}"] if far else map(str, codes_of_run)
    return listed(words) if words else ""
