"""Compare a run with a saved run: report new problems and solved ones.

A baseline is a run saved as JSON Lines. With two targets or more, we compare what the
run finds between them: differences, unmet expectations and stale known differences.
With one target, we compare its responses with the saved ones. They may come from
another release of a framework or another environment.
"""

import hashlib
import math
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from comparison.core.errors import DocumentError, UsageError
from comparison.core.plural import counted
from comparison.core.regexp import searching
from comparison.diff.fields import differing
from comparison.known.suggest import settled
from comparison.models import (
    Case,
    Comparison,
    Difference,
    Exchange,
    NormalisationRules,
    RouteMismatch,
    RunHeader,
)
from comparison.reports.groups import summary
from comparison.reports.wording import rule_line

from .storage import SavedComparison, decoded, header_of

RUNNING = ("different", "failed")


class SavedRecording(Struct, frozen=True):
    """The parts of a recording that `check` compares."""

    exchange: Exchange
    setup: tuple[Exchange, ...] = ()


class _Line(SavedComparison, frozen=True, kw_only=True):
    """The parts of a comparison that `check` compares."""

    recordings: dict[str, SavedRecording]


class Change(Struct, frozen=True):
    """A problem that is new since the baseline, or solved."""

    new: bool
    what: str


class Baseline(Struct, frozen=True):
    """A saved run: its header, and the problems of each case.

    With one target, it holds the exchanges of each case instead.
    """

    path: Path
    header: RunHeader
    problems: dict[str, dict[bytes, str]]
    exchanges: dict[str, tuple[Exchange, ...]]

    @property
    def alone(self) -> bool:
        """True if the baseline has only one target."""
        return len(self.header.targets) == 1

    def changes(self, comparison: Comparison) -> list[Change]:
        """Return the problems that are new in a comparison, and those that are solved."""
        case = comparison.case
        if self.alone:
            (recording,) = comparison.recordings.values()
            today = (*recording.setup, recording.exchange)
            return list(_changed(case, self.exchanges[case.id], today))
        then = self.problems.get(case.id, {})
        now = problems(comparison)
        return [
            *(Change(True, what) for key, what in now.items() if key not in then),
            *(Change(False, what) for key, what in then.items() if key not in now),
        ]

    def rule_changes(self, today: tuple[RouteMismatch, ...]) -> list[Change]:
        """Return the route mismatches that are new since the baseline, or solved."""
        then, now = (
            dict.fromkeys(map(rule_line, rules))
            for rules in (self.header.route_mismatches, today)
        )
        return [
            *(Change(True, line) for line in now if line not in then),
            *(Change(False, line) for line in then if line not in now),
        ]


def read_baseline(path: Path) -> Baseline:
    """Read a baseline from a file, one line at a time.

    Raises UsageError if the file does not exist. Raises DocumentError if a line is
    wrong, and names it.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    problems_: dict[str, dict[bytes, str]] = {}
    exchanges: dict[str, tuple[Exchange, ...]] = {}
    number = 1
    with stream:
        header = header_of(path, stream.readline())
        names = dict.fromkeys(target.name for target in header.targets).keys()
        for number, line in enumerate(stream, 2):
            if not line.strip():
                continue
            saved = decoded(line, _Line, f"{path}:{number}")
            if saved.case in problems_:
                raise DocumentError(
                    [f"{path}:{number}: case: {saved.case!r} is in the file twice"]
                )
            if saved.recordings.keys() != names:
                found, expected = " and ".join(saved.recordings), " and ".join(names)
                message = f"has {found or 'no target'}, but the header names {expected}"
                raise DocumentError([f"{path}:{number}: recordings: {message}"])
            problems_[saved.case] = problems(saved)
            if len(header.targets) == 1:
                exchanges[saved.case] = next(
                    ((*r.setup, r.exchange) for r in saved.recordings.values()), ()
                )
    total = len(problems_) if header.summary is None else header.summary.total
    if total != len(problems_):
        message = (
            f"the file ends after {len(problems_)} of {counted(total, 'comparison')}"
        )
        raise DocumentError([f"{path}:{number}: {message}; copy or record it again"])
    return Baseline(path, header, problems_, exchanges)


def problems(comparison: Comparison | _Line) -> dict[bytes, str]:
    """Return each problem that makes a run fail, under a key that identifies it."""
    found: dict[bytes, str] = {}
    for d in comparison.differences:
        if d.known is None:
            request = f" (request {d.request})" if d.request else ""
            values = (settled(d.field, value) for value in (d.reference, d.candidate))
            key = _key(d.target, d.field, *values, request)
            found[key] = f"{summary(d)}{request}"
    for f in comparison.expectation.failures:
        if f.known is None:
            request = f" (request {f.request})" if f.request else ""
            message = f"{f.field} expected of {f.target}: {f.expected}, got {f.actual}{request}"
            found[_key(message)] = message
    for s in comparison.stale:
        if s.unrecorded:
            continue
        message = f"known difference {s.known} no longer occurs in {s.field}"
        found[_key(message)] = message
    if not found and comparison.verdict in RUNNING:
        for name, recording in comparison.recordings.items():
            if recording.exchange.failure is not None:
                message = f"{name} failed: {recording.exchange.failure}"
                found[_key(message)] = message
    return found


def _key(*what: object) -> bytes:
    # Only the printed text is cut. The digest keeps a baseline of many cases small.
    return hashlib.blake2b(repr(what).encode(), digest_size=12).digest()


def _changed(
    case: Case, then: tuple[Exchange, ...], now: tuple[Exchange, ...]
) -> Iterator[Change]:
    normalisations: NormalisationRules | None = case.normalisations
    for before, after in zip(then, now, strict=False):
        with searching(lambda: f"{case.origin or case.id}: normalisations"):
            found = list(differing(before, after, set(), normalisations, math.inf))
        for field, left, right in found:
            difference = Difference(
                target="today", field=field, reference=left, candidate=right
            )
            yield Change(True, summary(difference).removesuffix(" on today"))
