"""Compare recordings: find differences, check expectations, decide the verdict."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations

import msgspec
from msgspec import UNSET, Struct

from comparison.core.regexp import searching
from comparison.diff.captured import CapturedValues, captured_values
from comparison.diff.cookies import TOLERANCE
from comparison.diff.effects import EFFECT, differing_effects
from comparison.diff.fields import differing
from comparison.diff.normalise import Applied
from comparison.known.match import KnownDifferences
from comparison.known.models import EVERY_FIELD, Side
from comparison.known.notices import Notices
from comparison.known.similar import SimilarDifferences
from comparison.models import (
    Agreement,
    Case,
    Comparison,
    Difference,
    Exchange,
    Expectation,
    FieldValue,
    Recording,
    Stale,
    StaleNotice,
    TargetInfo,
    Verdict,
)

from .expected import unmet_of
from .pairs import pairs, traces_of
from .skipping import skip

Place = tuple[str, str, int]
"""A target, a field, and the number of a request; 0 is the last one."""


class Tally(Struct, array_like=True, gc=False):
    """Counts of a comparator: rules applied, pairs that agree, cases compared."""

    rules: dict[str, int]
    agreed: dict[tuple[str, str], int]
    compared: int
    notices: tuple[StaleNotice, ...] = ()


class Comparator:
    """Compares the recordings of one case after another.

    `targets` are the run's targets, the reference first. `applied` counts the
    normalisation rules that were applied. Times within `tolerance` seconds are equal:
    recordings of one case are made so soon after each other.
    """

    def __init__(
        self,
        targets: Iterable[TargetInfo],
        known: KnownDifferences,
        tolerance: float = TOLERANCE,
    ) -> None:
        self.tolerance = tolerance
        self.sides = {t.name: Side(t.name, t.framework, t.server) for t in targets}
        self.known = known
        self.applied = Applied()
        self.agreed: Counter[tuple[str, str]] = Counter()
        self.compared = 0
        self.notices = Notices()

    def compare(self, case: Case, recordings: Mapping[str, Recording]) -> Comparison:
        """Compare the recordings of one case; the first is the reference's.

        Raises UsageError if a regular expression takes too long.
        """
        if (skipped := skip(case, recordings, self.sides)) is not None:
            self.count(skipped)
            return skipped
        (reference, one_recording), *others = recordings.items()
        rules: set[str] = set()
        differences: list[Difference] = []
        stale: list[Stale] = []
        explained: dict[Place, str] = {}
        with searching(lambda: f"{case.origin or case.id}: expect"):
            failures = [
                failure
                for name, recording in recordings.items()
                for failure in unmet_of(case, name, recording)
            ]
        concerned = bool(failures) or self.known.names_case(case.id)
        for name, other_recording in others:
            sides = (self.sides[reference], self.sides[name])
            captured = _captured(case, one_recording, other_recording)
            for request, pair in pairs(one_recording, other_recording):
                found = _found(case, pair, rules, captured, self.tolerance)
                traces = traces_of(one_recording, other_recording, request)
                found += differing_effects(
                    (traces[0], pair[0]), (traces[1], pair[1]), rules,
                    case.normalisations,
                )  # fmt: skip
                failed = any(exchange.failure is not None for exchange in pair)
                if not (found or failed or concerned):
                    continue
                effects = next((f[1:] for f in found if f[0] == EFFECT), (None, None))
                why, stale_here = self.known.explain(
                    case.id, sides, pair, request, effects
                )
                stale += stale_here
                unlike = list(self._differences(name, found, why, request))
                hinted = self._hinted(unlike, sides)
                differences += hinted
                # An accepted difference explains what was expected too.
                why |= {d.field: d.known for d in hinted if d.known is not None}
                for field, known in why.items():
                    for side in (name, reference):
                        explained[side, field, request] = known
        failures = [
            msgspec.structs.replace(
                f, known=_why(explained, f.target, f.field, f.request or 0)
            )
            for f in failures
        ]
        agreed = tuple(self._agreed(case, recordings)) if len(recordings) > 2 else ()
        met = not any(failure.known is None for failure in failures)
        comparison = Comparison(
            case=case,
            verdict=_verdict(case, differences, met, stale, recordings, explained),
            expectation=Expectation(met, tuple(failures)),
            differences=tuple(differences),
            recordings=dict(recordings),
            stale=tuple(stale),
            normalised=tuple(sorted(rules)),
            agreed=agreed,
        )
        self.count(comparison)
        return comparison

    def count(self, comparison: Comparison) -> None:
        """Count the rules that a comparison needed, and the targets that agree."""
        if (normalisations := comparison.case.normalisations) is not None:
            self.applied.add_requested(normalisations.names())
        for rule in comparison.normalised:
            self.applied.counts[rule] += 1
        self.agreed.update(comparison.agreed)
        self.notices.add(comparison)
        self.compared += comparison.verdict != "skipped"

    def agreement(self) -> tuple[Agreement, ...]:
        """Return how often each pair of targets agrees."""
        return tuple(
            Agreement(one, other, self.agreed[one, other], self.compared)
            for one, other in combinations(self.sides, 2)
        )

    def take(self) -> Tally:
        """Return the counts since the last call, and reset them."""
        tally = Tally(
            dict(self.applied.counts),
            dict(self.agreed),
            self.compared,
            tuple(self.notices),
        )
        self.applied.counts.clear()
        self.agreed.clear()
        self.notices = Notices()
        self.compared = 0
        return tally

    def add(self, tally: Tally) -> None:
        """Add the counts of another comparator of the same run."""
        self.applied.counts.update(tally.rules)
        self.agreed.update(tally.agreed)
        self.notices.join(tally.notices)
        self.compared += tally.compared

    def needs_attribution(self, comparison: Comparison) -> bool:
        """Return whether servers are compared and differ in what not every case shows."""
        compared = [self.sides[name] for name in comparison.recordings]
        return not all(side.inside for side in compared) and not all(
            self.known.everywhere(d.known) for d in comparison.differences
        )

    def _differences(
        self,
        name: str,
        found: Iterable[tuple[str, FieldValue, FieldValue]],
        why: Mapping[str, str],
        request: int,
    ) -> Iterator[Difference]:
        for field, left, right in found:
            known = why.get(field, why.get(EVERY_FIELD))
            yield Difference(
                target=name,
                field=field,
                reference=left,
                candidate=right,
                layer="framework" if known is None else self.known.layer_of(known),
                known=known,
                request=request or UNSET,
            )

    def _hinted(
        self, differences: list[Difference], sides: tuple[Side, Side]
    ) -> list[Difference]:
        """Add to each unexplained difference the similar known differences."""
        if all(d.known is not None for d in differences):
            return differences
        hinted = self._similar.hinted(differences, sides)
        return [self._accepted(difference) for difference in hinted]

    def _accepted(self, difference: Difference) -> Difference:
        """Take a difference as known if the user accepts the shipped one it is like."""
        if difference.known is None and difference.similar:
            nearest = difference.similar[0]
            if nearest in self.known.accepted:
                return msgspec.structs.replace(difference, known=nearest, similar=UNSET)
        return difference

    @cached_property
    def _similar(self) -> SimilarDifferences:
        # Loaded when needed: most runs find no difference.
        return SimilarDifferences(self.known.versions)

    def _agreed(
        self, case: Case, recordings: Mapping[str, Recording]
    ) -> Iterator[tuple[str, str]]:
        for one, other in combinations(recordings, 2):
            pair = (recordings[one].exchange, recordings[other].exchange)
            sides = (self.sides[one], self.sides[other])
            captured = _captured(case, recordings[one], recordings[other])
            found = _found(case, pair, set(), captured, self.tolerance)
            fields = [field for field, _, _ in found]
            why = self.known.explain(case.id, sides, pair)[0] if fields else {}
            if all(self.known.everywhere(why.get(field)) for field in fields):
                yield one, other


def _why(
    explained: Mapping[Place, str], name: str, field: str, request: int = 0
) -> str | None:
    everywhere = explained.get((name, EVERY_FIELD, request))
    return explained.get((name, field, request), everywhere)


def _found(
    case: Case,
    pair: tuple[Exchange, Exchange],
    rules: set[str],
    captured: CapturedValues | None,
    tolerance: float,
) -> list[tuple[str, FieldValue, FieldValue]]:
    with searching(lambda: f"{case.origin or case.id}: normalisations"):
        found = differing(*pair, rules, case.normalisations, tolerance, captured)
        return list(found)


def _captured(case: Case, one: Recording, other: Recording) -> CapturedValues | None:
    """Return the values that both targets captured and that differ, if any."""
    if not case.captures:
        return None
    ours, theirs = ((*each.setup, each.exchange) for each in (one, other))
    return captured_values(case, ours, theirs)


def _verdict(
    case: Case,
    differences: Sequence[Difference],
    met: bool,
    stale: Sequence[Stale],
    recordings: Mapping[str, Recording],
    explained: Mapping[Place, str],
) -> Verdict:
    unexpected = [d for d in differences if d.known is None]
    if any(d.field == "failure" for d in unexpected):
        return "failed"
    if unexpected:
        return "different"
    if not met or any(not each.unrecorded for each in stale):
        return "failed"
    if case.expect is None or case.expect.failure is None:
        for name, recording in recordings.items():
            failed = recording.exchange.failed
            if failed and _why(explained, name, "failure") is None:
                return "failed"
    return "known" if differences else "identical"
