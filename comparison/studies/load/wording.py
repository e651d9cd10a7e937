"""A load run in sentences: what to take away, computed from what was measured."""

from collections.abc import Iterator

from comparison.studies.statistics import LIMITED, Figures, Table, against

CLOSED_LOOP = (
    "Closed loop: so many workers each ask, wait for the answer, and ask again. Latency"
    " is what a client sees that waits its turn. It is not what people see who come"
    " whether or not others are being served: while a server stalls nobody asks anew, so"
    " a stall counts once for each worker (coordinated omission), and percentiles are"
    " lower than theirs would be."
)


def take_away(table: Table) -> list[str]:
    """The sentences that the run has the stacks and works for, three at the most."""
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
    """From where an event loop answers more than a pool of threads: the soonest one."""
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
            f"Where a view waits ({work}), no event loop gets ahead of {threads} threads:"
            f" {_all_told(table, *pairs[-1])}."
        )
    before = pairs[: -len(ahead)]
    crossing = ahead[0][0].point.concurrency
    said = (
        f"differ by at most {_most_apart(before):.0%} below {crossing} in flight; from"
        if before
        else "differ from"
    )
    return (
        f"Where a view waits ({work}), {both} {said} {crossing} on the event loop answers"
        f" more, and {_all_told(table, *ahead[-1])}."
    )


def _pairs(
    table: Table, work: str, one: str, other: str
) -> Iterator[tuple[Figures, Figures]]:
    for concurrency in table.run.concurrency:
        mine = table.at(work, one, concurrency)
        theirs = table.at(work, other, concurrency)
        if mine is not None and theirs is not None and theirs.rate.median:
            yield mine, theirs


def _ahead(pairs: list[tuple[Figures, Figures]]) -> list[tuple[Figures, Figures]]:
    """The pairs at the end in which the first answers more, beyond doubt."""
    first = len(pairs)
    while first and (against(*pairs[first - 1]).ratio or 0) > 1:
        first -= 1
    return pairs[first:]


def _most_apart(pairs: list[tuple[Figures, Figures]]) -> float:
    ratios = (one.rate.median / other.rate.median for one, other in pairs)
    return max(abs(ratio - 1) for ratio in ratios)


def _told(one: Figures, other: Figures) -> str:
    """The first against the second, with both figures."""
    verdict = against(one, other)
    ratio = verdict.text if verdict.ratio is None else _times(verdict.ratio)
    return (
        f"at {one.point.concurrency} in flight {one.point.stack} answers"
        f" {one.rate.median:,.0f} a second and {other.point.stack}"
        f" {other.rate.median:,.0f} ({ratio})"
    )


def _all_told(table: Table, loop: Figures, other: Figures) -> str:
    """The same, and what the other stacks with an event loop answer."""
    work, concurrency = other.point.work, other.point.concurrency
    found = (table.at(work, name, concurrency) for name in _loops(table))
    more = [f for f in found if f is not None and f.point.stack != loop.point.stack]
    return ", ".join([_told(loop, other), *(_short(f, other) for f in more)])


def _loops(table: Table) -> list[str]:
    return [s.name for s in table.run.stacks if s.name.startswith("quart+")]


def _times(ratio: float) -> str:
    return f"{ratio:.2g} times as many"


def _async_views(table: Table) -> str:
    """What views with async cost Flask, and whether they let it wait for more."""
    slow = _stack(table, "flask[async]+")
    plain = slow and slow.replace("[async]", "")
    if slow is None or plain not in {s.name for s in table.run.stacks}:
        return ""
    assert plain is not None
    said = []
    work = _work(table, waiting=False) or _work(table, waiting=True)
    assert work is not None
    cost, base = table.server_ms(work, slow), table.server_ms(work, plain)
    if cost and base:
        said.append(
            f"Views with async cost Flask {cost - base:.1f} ms of processor time a"
            f" request: {cost:.1f} ms on {slow} against {base:.1f} ms on {plain} ({work})"
        )
    waiting = _work(table, waiting=True)
    pairs = list(_pairs(table, waiting, slow, plain)) if waiting else []
    if pairs:
        verdict = against(*pairs[-1])
        more = verdict.ratio is not None and verdict.ratio > 1
        begins = "they let it" if more else "they do not let it"
        said.append(
            f"{begins} wait for more at once: with {waiting}, {_told(*pairs[-1])}"
        )
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _without_waiting(table: Table) -> str:
    """Whether async is faster where nothing waits."""
    work = _work(table, waiting=False)
    plain = _stack(table, "flask+", pooled=True) or _stack(table, "flask+")
    loops = _loops(table)
    if work is None or plain is None or not loops:
        return ""
    for concurrency in reversed(table.run.concurrency):
        reference = table.at(work, plain, concurrency)
        found = [table.at(work, name, concurrency) for name in loops]
        others = [figures for figures in found if figures is not None]
        if reference is None or not others:
            continue
        if reference.limited or any(figures.limited for figures in others):
            continue
        ratios = [against(figures, reference).ratio or 1 for figures in others]
        begins = "nothing tells them apart"
        if any(ratio < 1 for ratio in ratios):
            begins = "async makes nothing faster"
        if any(ratio > 1 for ratio in ratios):
            all_ = all(ratio > 1 for ratio in ratios)
            begins = "async is faster too" if all_ else "the server decides"
        told = [
            _told(others[0], reference),
            *(_short(f, reference) for f in others[1:]),
        ]
        return f"Where nothing waits ({work}) {begins}: {', '.join(told)}."
    return f"Where nothing waits ({work}) the client was the limit throughout."


def _short(one: Figures, other: Figures) -> str:
    verdict = against(one, other)
    ratio = verdict.text if verdict.ratio is None else _times(verdict.ratio)
    return f"{one.point.stack} {one.rate.median:,.0f} ({ratio})"


def shown_errors(figures: Figures) -> str:
    """The errors by kind.

    >>> shown_errors(Figures(None, None, None, None, None, None, {"timeout": 2}, False))
    '2 × timeout'
    """
    return ", ".join(f"{count} × {kind}" for kind, count in figures.errors.items())


def compared(figures: Figures, reference: Figures | None) -> str:
    """The cell that holds a point against the reference."""
    if reference is None:
        return ""
    if figures.point.stack == reference.point.stack:
        return LIMITED if figures.limited else "reference"
    return against(figures, reference).text
