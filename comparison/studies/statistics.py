"""Compute percentiles, medians and spreads, and compare stacks.

The functions use no clock: they take measurements as input.
"""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .models import LoadPoint, LoadRound, LoadRun

CEILING = 0.8
"""From this share of the client's own maximum, the client is the limit."""

LEAST = {"p95": 20, "p99": 100}
"""The fewest responses of a round of which the percentile is not just the slowest one."""

INDISTINGUISHABLE = "not distinguishable"
LIMITED = "client was the limit"


class Spread(NamedTuple):
    """The lowest, median and highest value of some rounds, and their number."""

    low: float
    median: float
    high: float
    rounds: int


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` of all do not exceed (nearest rank).

    >>> percentile([1, 2, 3, 4], 50), percentile([1, 2, 3, 4], 95)
    (2, 4)
    """
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def spread(values: Iterable[float]) -> Spread | None:
    """Return the spread of the values, or None without values.

    >>> spread([3, 1, 2])
    Spread(low=1, median=2, high=3, rounds=3)
    """
    found = sorted(values)
    if not found:
        return None
    return Spread(found[0], statistics.median(found), found[-1], len(found))


def distinguishable(one: Spread, other: Spread) -> bool:
    """Return whether every round of one spread is above all rounds of the other.

    With a single round, the spread of a side is unknown.

    >>> distinguishable(Spread(1, 2, 3, 3), Spread(4, 5, 6, 3))
    True
    >>> distinguishable(Spread(1, 2, 4, 3), Spread(4, 5, 6, 3))
    False
    """
    if min(one.rounds, other.rounds) < 2:
        return False
    return one.low > other.high or other.low > one.high


def by_chance(rounds: int) -> float:
    """Return how probable it is that the rounds of two equal stacks do not overlap.

    >>> by_chance(3)
    0.1
    """
    return 2 / math.comb(2 * rounds, rounds)


class Figures(NamedTuple):
    """The figures of a point over its rounds. Latencies are in milliseconds.

    A percentile is None if its rounds have too few responses. `limited` says that the client
    was the limit, so the figures do not describe the stack.
    """

    point: LoadPoint
    rate: Spread
    p50: Spread | None
    p95: Spread | None
    p99: Spread | None
    server_ms: float | None
    errors: dict[str, int]
    limited: bool

    @property
    def failed(self) -> int:
        """Count the requests without an expected response."""
        return sum(self.errors.values())


def figures_of(point: LoadPoint, ceiling: LoadPoint | None) -> Figures | None:
    """Return the figures of a point and its ceiling; None if it has no rounds."""
    rate = spread(each.rate for each in point.rounds)
    if rate is None:
        return None
    errors: Counter[str] = Counter()
    for each in point.rounds:
        errors.update(each.errors)
    most = spread(each.rate for each in ceiling.rounds) if ceiling else None
    return Figures(
        point,
        rate,
        _of(point.rounds, "p50"),
        _of(point.rounds, "p95", LEAST["p95"]),
        _of(point.rounds, "p99", LEAST["p99"]),
        server_ms(point.rounds),
        dict(sorted(errors.items())),
        limited=most is not None and rate.median >= CEILING * most.median,
    )


def _of(rounds: Iterable[LoadRound], name: str, least: int = 1) -> Spread | None:
    """Return the spread of a percentile over the rounds with enough responses for it."""
    values = (getattr(each, name) for each in rounds if each.answered >= least)
    return spread(value for value in values if value is not None)


def server_ms(rounds: Iterable[LoadRound]) -> float | None:
    """Return the processor time per response over all rounds; one round is too short."""
    measured = [r for r in rounds if r.server_ms is not None and r.answered]
    answered = sum(r.answered for r in measured)
    if not answered:
        return None
    return sum((r.server_ms or 0) * r.answered for r in measured) / answered


class Verdict(NamedTuple):
    """A comparison of two stacks at the same work and concurrency.

    `ratio` is None if it cannot be computed, and `text` says why.
    """

    ratio: float | None
    text: str


def against(one: Figures, reference: Figures) -> Verdict:
    """Compare the rate of `one` with that of the reference."""
    if one.limited or reference.limited:
        return Verdict(None, LIMITED)
    if not reference.rate.median:
        return Verdict(None, "no answers")
    if not distinguishable(one.rate, reference.rate):
        return Verdict(None, INDISTINGUISHABLE)
    ratio = one.rate.median / reference.rate.median
    return Verdict(ratio, f"{ratio:.2g}×")


class Table:
    """The figures of a run by work, stack and concurrency."""

    def __init__(self, run: LoadRun) -> None:
        ceilings = {(p.work, p.concurrency): p for p in run.ceilings}
        self.run = run
        self.found: dict[tuple[str, str, int], Figures] = {}
        for point in run.points:
            key = (point.work, point.concurrency)
            figures = figures_of(point, ceilings.get(key))
            if figures is not None:
                self.found[point.work, point.stack, point.concurrency] = figures
        self.ceilings = {
            key: figures
            for key, point in ceilings.items()
            if (figures := figures_of(point, None)) is not None
        }

    def at(self, work: str, stack: str, concurrency: int) -> Figures | None:
        """Return the figures of one point, or None if it was not measured."""
        return self.found.get((work, stack, concurrency))

    def line(self, work: str, stack: str) -> list[Figures]:
        """Return the figures of a stack at rising concurrency."""
        found = (self.at(work, stack, n) for n in self.run.concurrency)
        return [figures for figures in found if figures is not None]

    def server_ms(self, work: str, stack: str) -> float | None:
        """Return the server's processor time per response, over all its points."""
        line = self.line(work, stack)
        return server_ms(each for figures in line for each in figures.point.rounds)
