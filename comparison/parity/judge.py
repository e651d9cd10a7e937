"""From recordings to a comparison: differences, expectations, and the verdict."""

from collections.abc import Mapping, Sequence

import msgspec

from comparison.model import (
    Case,
    Comparison,
    Difference,
    Exchange,
    Expectation,
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
        for name, theirs in others:
            sides = {n: self.frameworks.get(n) for n in (reference, name)}
            why, gone = self.known.explain(
                case.id, sides, [ours.exchange, theirs.exchange]
            )
            stale += gone
            for field, known in why.items():
                explained[name, field] = explained[reference, field] = known
            differences += _differences(name, ours, theirs, why, rules)
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


def _differences(
    name: str,
    ours: Recording,
    theirs: Recording,
    why: Mapping[str, str],
    rules: set[str],
) -> list[Difference]:
    found = [
        Difference(target=name, field=field, reference=left, candidate=right,
                   known=why.get(field))
        for field, left, right in differing(ours.exchange, theirs.exchange, rules)
    ]  # fmt: skip
    for number, pair in enumerate(zip(ours.before, theirs.before, strict=False), 1):
        found += [
            Difference(target=name, field=field, reference=left, candidate=right,
                       request=number)
            for field, left, right in differing(*pair, rules)
        ]  # fmt: skip
    return found


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
