"""Summarise a load run in sentences computed from the measurements."""

import math
import operator
from collections.abc import Iterator

from comparison.studies.statistics import LIMITED, Figures, Table, against

CLOSED_LOOP = (
    "Closed loop: each worker sends a request, waits for the response, and sends the"
    " next one. The latency is that of a client that waits its turn. Users who arrive"
    " independently would see higher percentiles. While a server stalls, the workers send"
    " nothing new, so a stall counts only once per worker (coordinated omission)."
)


def take_away(table: Table) -> list[str]:
    """Return up to three conclusions, as far as the run has the stacks and works."""
    found = (_crossing(table), _async_views(table), _without_waiting(table))
    return [sentence for sentence in found if sentence]


def _stack(table: Table, start: str, pooled: bool = False) -> str | None:
    stacks = [s for s in table.run.stacks if s.name.startswith(start)]
    chosen = [s for s in stacks if s.threads] if pooled else stacks
    return chosen[0].name if chosen else None


def _work(table: Table, waiting: bool) -> str | None:
    works = table.run.works
    return next((w for w in works if w.startswith("sleep") is waiting), None)


def _crossing(table: Table) -> str:
    """Say from which concurrency an event loop sends more than a thread pool."""
    work = _work(table, waiting=True)
    pool = _stack(table, "flask+", pooled=True)
    if work is None or pool is None:
        return ""
    every = [list(_pairs(table, work, loop, pool)) for loop in _loops(table)]
    pairs = max(every, key=lambda found: len(_ahead(found)), default=[])
    if not pairs:
        return ""
    loop = pairs[0][0].point.stack
    threads = next(s.threads for s in table.run.stacks if s.name == pool)
    ahead = _ahead(pairs)
    both = f"{threads} threads of {pool} and {loop}"
    if not ahead:
        return (
            f"If a view waits ({work}), no event loop sends more responses than {threads} threads:"
            f" {_compare_all(table, *pairs[-1])}."
        )
    before = pairs[: -len(ahead)]
    crossing = ahead[0][0].point.concurrency
    clause = (
        f"differ by at most {_max_difference(before):.0%} below {crossing} in flight; from"
        if before
        else "differ: from"
    )
    return (
        f"If a view waits ({work}), {both} {clause} {crossing} on, the event loop sends"
        f" more responses, and {_compare_all(table, *ahead[-1])}."
    )


def _pairs(
    table: Table, work: str, one: str, other: str
) -> Iterator[tuple[Figures, Figures]]:
    for concurrency in table.run.concurrency:
        left = table.at(work, one, concurrency)
        right = table.at(work, other, concurrency)
        if left is not None and right is not None and right.rate.median:
            yield left, right


def _ahead(pairs: list[tuple[Figures, Figures]]) -> list[tuple[Figures, Figures]]:
    """Return the last pairs in which the first sends distinguishably more."""
    first = len(pairs)
    while first and (against(*pairs[first - 1]).ratio or 0) > 1:
        first -= 1
    return pairs[first:]


def _max_difference(pairs: list[tuple[Figures, Figures]]) -> float:
    ratios = (one.rate.median / other.rate.median for one, other in pairs)
    return max(abs(ratio - 1) for ratio in ratios)


def _compare(one: Figures, other: Figures) -> str:
    """Compare the first with the second, with both figures."""
    verdict = against(one, other)
    ratio = verdict.text if verdict.ratio is None else _times(verdict.ratio)
    return (
        f"at {one.point.concurrency} in flight {one.point.stack} sends"
        f" {one.rate.median:,.0f} responses per second and {other.point.stack}"
        f" {other.rate.median:,.0f} ({ratio})"
    )


def _compare_all(table: Table, loop: Figures, other: Figures) -> str:
    """Compare the first and the other stacks with an event loop with `other`."""
    work, concurrency = other.point.work, other.point.concurrency
    found = (table.at(work, name, concurrency) for name in _loops(table))
    more = [f for f in found if f is not None and f.point.stack != loop.point.stack]
    return ", ".join([_compare(loop, other), *(_short(f, other) for f in more)])


def _loops(table: Table) -> list[str]:
    return [s.name for s in table.run.stacks if s.name.startswith("quart+")]


def _times(ratio: float) -> str:
    return f"{ratio:.2g} times as many"


def _async_views(table: Table) -> str:
    """Say what async views cost Flask, and whether more of them can wait at once."""
    slow = _stack(table, "flask[async]+")
    plain = slow and slow.replace("[async]", "")
    if slow is None or plain not in {s.name for s in table.run.stacks}:
        return ""
    assert plain is not None
    clauses = []
    work = _work(table, waiting=False) or _work(table, waiting=True)
    assert work is not None
    cost, base = table.server_ms(work, slow), table.server_ms(work, plain)
    if cost and base:
        clauses.append(
            f"Async views cost Flask {cost - base:.1f} ms of processor time per request:"
            f" {cost:.1f} ms on {slow} against {base:.1f} ms on {plain} ({work})"
        )
    waiting = _work(table, waiting=True)
    pairs = list(_pairs(table, waiting, slow, plain)) if waiting else []
    if pairs:
        verdict = against(*pairs[-1])
        more = verdict.ratio is not None and verdict.ratio > 1
        begins = "more of them" if more else "no more of them"
        clauses.append(
            f"{begins} can wait at once: with {waiting}, {_compare(*pairs[-1])}"
        )
    text = "; ".join(clauses)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _without_waiting(table: Table) -> str:
    """Say whether async is faster if views do not wait, over every concurrency."""
    work = _work(table, waiting=False)
    plain = _stack(table, "flask+", pooled=True) or _stack(table, "flask+")
    loops = _loops(table)
    if work is None or plain is None or not loops:
        return ""
    every = [
        [
            (one, other)
            for one, other in _pairs(table, work, loop, plain)
            if not (one.limited or other.limited)
        ]
        for loop in loops
    ]
    if not all(every):
        return f"If views do not wait ({work}), the client was always the limit."
    comparisons = "; ".join(_compare(*max(pairs, key=_contrast)) for pairs in every)
    return f"If views do not wait ({work}), {_faster(every)}: {comparisons}."


def _contrast(pair: tuple[Figures, Figures]) -> tuple[float, int]:
    """Return how much two stacks differ, then the concurrency, to sort by."""
    ratio = against(*pair).ratio
    return abs(math.log(ratio)) if ratio else 0.0, pair[0].point.concurrency


def _faster(every: list[list[tuple[Figures, Figures]]]) -> str:
    """Say which of the stacks with an event loop are faster."""
    ratios = [[against(*pair).ratio or 1 for pair in pairs] for pairs in every]
    faster = [max(each) > 1 for each in ratios]
    slower = [min(each) < 1 for each in ratios]
    if any(map(operator.and_, faster, slower)):
        return "the server and the number in flight decide"
    if any(faster):
        return "async is faster too" if all(faster) else "the server decides"
    if any(slower):
        return "async makes nothing faster"
    return "the stacks are not distinguishable"


def _short(one: Figures, other: Figures) -> str:
    verdict = against(one, other)
    ratio = verdict.text if verdict.ratio is None else _times(verdict.ratio)
    return f"{one.point.stack} {one.rate.median:,.0f} ({ratio})"


def errors_text(figures: Figures) -> str:
    """Format the errors by kind.

    >>> errors_text(Figures(None, None, None, None, None, None, {"timeout": 2}, False))
    '2 × timeout'
    """
    return ", ".join(f"{count} × {kind}" for kind, count in figures.errors.items())


def compared(figures: Figures, reference: Figures | None) -> str:
    """Return the cell that compares a point with the reference."""
    if reference is None:
        return ""
    if figures.point.stack == reference.point.stack:
        return LIMITED if figures.limited else "reference"
    return against(figures, reference).text
