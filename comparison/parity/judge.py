"""From recordings to a comparison: differences, expectations, and the verdict."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import UNSET

from comparison.model import (
    Case,
    Comparison,
    Difference,
    Exchange,
    Expectation,
    Loosening,
    Recording,
    Stale,
    Unmet,
    Verdict,
)

from .expect import unmet
from .fields import differing
from .known import KnownDifferences
from .normalise import Applied


class Judge:
    """Compares the recordings of one case after another.

    `frameworks` maps each target's name to its framework, the reference first. What
    was normalised on the way is counted in `applied`.
    """

    def __init__(
        self, frameworks: Mapping[str, str | None], known: KnownDifferences
    ) -> None:
        self.frameworks = frameworks
        self.known = known
        self.applied = Applied()

    def judge(self, case: Case, recordings: Mapping[str, Recording]) -> Comparison:
        """The comparison of one case's recordings, the first being the reference's."""
        (reference, ours), *others = recordings.items()
        rules: set[str] = set()
        differences: list[Difference] = []
        stale: list[Stale] = []
        explained: dict[tuple[str, str], str] = {}
        if (loosening := case.normalisations) is not None:
            self.applied.asked(loosening.names())
        for name, theirs in others:
            sides = {n: self.frameworks.get(n) for n in (reference, name)}
            for request, pair in _pairs(ours, theirs):
                why, gone = self.known.explain(case.id, sides, pair, request)
                stale += gone
                differences += _differences(name, pair, why, rules, request, loosening)
                if not request:
                    for field, known in why.items():
                        explained[name, field] = explained[reference, field] = known
        failures = [
            msgspec.structs.replace(f, known=explained.get((name, f.field)))
            for name, recording in recordings.items()
            for f in _unmet(case, name, recording.exchange)
        ]
        self.applied.counts.update(rules)
        met = not any(failure.known is None for failure in failures)
        return Comparison(
            case=case,
            verdict=_verdict(case, differences, met, stale, recordings, explained),
            expectation=Expectation(met, tuple(failures)),
            differences=tuple(differences),
            recordings=dict(recordings),
            stale=tuple(stale),
        )


def _pairs(
    ours: Recording, theirs: Recording
) -> Iterator[tuple[int, tuple[Exchange, Exchange]]]:
    """The exchanges to compare, each with its number; the case's own one has 0."""
    yield 0, (ours.exchange, theirs.exchange)
    yield from enumerate(zip(ours.before, theirs.before, strict=False), 1)


def _differences(
    name: str,
    pair: tuple[Exchange, Exchange],
    why: Mapping[str, str],
    rules: set[str],
    request: int,
    loosening: Loosening | None,
) -> Iterator[Difference]:
    for field, left, right in differing(*pair, rules, loosening):
        yield Difference(
            target=name,
            field=field,
            reference=left,
            candidate=right,
            known=why.get(field),
            request=request or UNSET,
        )


def _unmet(case: Case, name: str, exchange: Exchange) -> Sequence[Unmet]:
    return () if case.expect is None else tuple(unmet(case.expect, name, exchange))


def _verdict(
    case: Case,
    differences: Sequence[Difference],
    met: bool,
    stale: Sequence[Stale],
    recordings: Mapping[str, Recording],
    explained: Mapping[tuple[str, str], str],
) -> Verdict:
    unexpected = [d for d in differences if d.known is None]
    if any(d.field == "failure" for d in unexpected):
        return "failed"
    if unexpected:
        return "different"
    if not met or stale:
        return "failed"
    if case.expect is None or case.expect.failure is None:
        for name, recording in recordings.items():
            failed = recording.exchange.failure is not None
            if failed and (name, "failure") not in explained:
                return "failed"
    return "known" if differences else "identical"
