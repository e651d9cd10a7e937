"""Format the lines and values that several report formats share."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import UNSET

from comparison.core.escaping import visible_line
from comparison.core.plural import counted
from comparison.known.suggest import Alike, Sides, entries_toml
from comparison.models import (
    Comparison,
    Difference,
    Environment,
    Event,
    Normalisation,
    RouteMismatch,
    RunHeader,
    StaleNotice,
    Summary,
    TargetInfo,
)

from .values import cut

MARKS = {
    "identical": "=", "known": "~", "different": "≠", "failed": "!", "skipped": "-",
}  # fmt: skip
SEVERITIES = {
    "leaks-data": "Leaks data",
    "loses-data": "Loses data",
    "meaning": "Changes meaning for clients",
    "representation": "Changes representation",
    "cosmetic": "Cosmetic",
}
_RAISED = ("view_raised", "hook_raised", "handler_raised", "error_caught")
_NEVER_AWAITED = re.compile(r"RuntimeWarning: (coroutine '.+' was never awaited)")


def verdict_line(
    summary: Summary,
    interrupted: bool = False,
    route_mismatches: int = 0,
    of_servers: int = 0,
) -> str:
    """Summarise the whole run in one line.

    `of_servers` counts cases whose only known differences are those that servers cause in
    any case.

    >>> verdict_line(Summary(identical=3))
    'IDENTICAL: 3 cases, no differences'
    >>> verdict_line(Summary(identical=2, failed=1))
    'FAILED: 3 cases, 1 failed, 2 identical'
    """
    cases, verdicts = counted(summary.total, "case"), counts(summary, of_servers)
    if interrupted:
        return f"INTERRUPTED after {cases}: {verdicts}"
    if summary.different or summary.failed or route_mismatches:
        word = "DIFFERENT" if summary.different or route_mismatches else "FAILED"
        line = f"{word}: {cases}, {verdicts}"
        return f"{line}; {rules_line(route_mismatches)}" if route_mismatches else line
    if summary.known:
        return f"AS EXPECTED: {cases}, {verdicts}"
    skipped = f", {summary.skipped} skipped" if summary.skipped else ""
    if not summary.total and skipped:
        return f"NOTHING COMPARED: no case ran{skipped}"
    return f"IDENTICAL: {cases}, no differences{skipped}"


def rules_line(number: int) -> str:
    """Count the route mismatches in words."""
    return counted(number, "route mismatch", "route mismatches")


def rule_line(rule: RouteMismatch) -> str:
    """Format a route mismatch with the apps that have the rule and those without it."""
    has, lacks = " and ".join(rule.present), " and ".join(rule.missing)
    return f"{rule.method} {rule.rule}  in {has}, not in {lacks}"


def rule_lines(rules: Sequence[RouteMismatch], most: int) -> Iterator[str]:
    """Format route mismatches, and count those beyond the limit."""
    yield from map(rule_line, rules[:most])
    if (more := len(rules) - most) > 0:
        yield f"and {more} more: --format json lists them"


def applied_line(rule: Normalisation) -> str:
    """Say how often a normalisation rule applied.

    >>> applied_line(Normalisation("json", 1)), applied_line(Normalisation("json", 0))
    ('applied in 1 comparison', 'never applied')
    """
    if not rule.applied:
        return "never applied"
    return f"applied in {counted(rule.applied, 'comparison')}"


def never_applied(header: RunHeader) -> str:
    """List the configured normalisation rules that never applied; return "" if none."""
    names = [rule.name for rule in header.normalisations if not rule.applied]
    return f"configured, but never applied: {', '.join(names)}" if names else ""


STALE_NOTICES = "known differences that no longer occur"


def notice_line(notice: StaleNotice) -> str:
    """Format a stale known difference with the versions and its cases.

    >>> notice_line(StaleNotice("cut", ("granian 2.8.9",), ("stream", "file")))
    "known difference 'cut' no longer occurs with granian 2.8.9 (2 cases, first: stream)"
    """
    versions = " and ".join(notice.unrecorded)
    first, *others = notice.cases
    where = f"{len(notice.cases)} cases, first: {first}" if others else f"case {first}"
    return (
        f"known difference {notice.known!r} no longer occurs with {versions} ({where})"
    )


def counts(summary: Summary, of_servers: int = 0) -> str:
    """Count the verdicts that occurred, in words.

    >>> counts(Summary(identical=1, known=5), of_servers=3)
    '2 with known differences, 3 with those of the servers only, 1 identical'
    """
    numbers = {
        "different": summary.different,
        "failed": summary.failed,
        "with known differences": summary.known - of_servers,
        "with those of the servers only": of_servers,
        "identical": summary.identical,
        "skipped": summary.skipped,
    }
    parts = [f"{number} {name}" for name, number in numbers.items() if number]
    return ", ".join(parts) or "no case ran"


class HasEnvironment(Protocol):
    """An object with an environment."""

    @property
    def environment(self) -> Environment:
        """Return the environment."""


def target_line(target: TargetInfo, header: HasEnvironment) -> str:
    """Format a target with its framework, version and server."""
    version = header.environment.packages.get(target.framework or "", "")
    kind = f"{(target.framework or 'app').capitalize()} {version}".strip()
    return f"{target.name} ({kind}, {target.server.replace('-', ' ')})"


def environment_line(header: HasEnvironment) -> str:
    """Format the versions of Python, the platform and the main packages."""
    packages = header.environment.packages
    named = [
        f"{name} {packages[name]}"
        for name in ("flask", "quart", "werkzeug", "httpx")
        if name in packages
    ]
    environment = header.environment
    return ", ".join([environment.python, environment.platform, *named])


def status_of(comparison: Comparison) -> str:
    """Return the status or failure, or that of each target if they differ."""
    seen = []
    for recording in comparison.recordings.values():
        exchange = recording.exchange
        response, failure = exchange.response, exchange.failure
        seen.append(
            str(response.status) if response else failure.kind if failure else ""
        )
    return seen[0] if len(set(seen)) == 1 else "/".join(seen)


def failure_lines(comparison: Comparison) -> list[str]:
    """Return the failures of a case that no difference shows.

    These are failures that all targets share, and errors inside only some of the apps.
    Such an error is a raised exception or a coroutine that was never awaited.
    """
    if comparison.verdict not in ("different", "failed"):
        return []
    recordings = comparison.recordings
    lines = []
    if not comparison.unexpected:
        failures = {name: each.exchange.failure for name, each in recordings.items()}
        lines = [
            visible_line(f"{name} failed: {failure}")
            for name, failure in failures.items()
            if failure
        ]
    inside = {name: dict(_inside(each.trace)) for name, each in recordings.items()}
    for name, found in inside.items():
        lines += [
            visible_line(f"inside {name}: {cut(detail)}{place}")
            for detail, place in found.items()
            if not all(detail in others for others in inside.values())
        ]
    return lines


def _inside(trace: Iterable[Event]) -> Iterator[tuple[str, str]]:
    """Yield the errors inside an app, with their places in the app if known."""
    seen = set()
    for event in trace:
        detail, place = event.detail, ""
        if event.event == "logged":
            found = _NEVER_AWAITED.search(detail)
            detail = found[1] if found else ""
        elif event.event not in _RAISED:
            continue
        if detail and detail not in seen:
            seen.add(detail)
            if event.file:
                place = f" ({event.file}:{event.line})"
            yield detail, place


def known_ids(comparison: Comparison) -> list[str]:
    """Return the ids of the known differences in a comparison, each once."""
    ids = [d.known for d in comparison.differences if d.known is not None]
    ids += [f.known for f in comparison.expectation.failures if f.known is not None]
    return list(dict.fromkeys(ids))


def note_of(difference: Difference) -> str:
    """Name the known difference that matches, or similar ones; return "" if none."""
    if difference.known:
        return f", known: {difference.known}"
    similar = difference.similar
    return f", similar to {' or '.join(similar)}" if similar else ""


def entries(
    comparison: Comparison,
    targets: tuple[TargetInfo, ...],
    alike: Mapping[int, Alike],
    taken: set[str],
) -> str:
    """Suggest known differences for the unexpected ones, with ids not in `taken`.

    `alike` has the cases with the same differences, by request.
    """

    def cause_of(request: int) -> str:
        found = (f for f in comparison.findings if f.request == request and f.cause)
        return next((finding.summary for finding in found), "")

    return entries_toml(
        comparison, lambda d: _sides(d, targets), alike, taken, cause_of
    )


def _sides(difference: Difference, targets: tuple[TargetInfo, ...]) -> Sides:
    """Return reference and candidate by the names that a known difference uses."""
    one, *others = targets
    infos = {target.name: target for target in others}
    other = infos.get(difference.target)
    if other is None:
        return Sides(one.name, difference.target)
    if difference.layer == "server" and difference.server is not UNSET:
        sides = Sides(one.server, other.server)
        rivals = [t.name for t in others if t.server == other.server]
    else:
        sides = Sides(one.framework or "", other.framework or "")
        rivals = [t.name for t in others if t.framework == other.framework]
    if not all(sides[:2]) or sides.reference == sides.candidate:
        return Sides(one.name, other.name)
    if len(rivals) > 1:
        return Sides(one.name, "", tuple(rivals))
    return sides
