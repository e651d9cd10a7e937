"""Differences that are the same, counted once."""

from collections.abc import Iterator, Sequence

from comparison.known.suggest import Alike, lasting
from comparison.models import Comparison, Difference, FieldValue

from .wording import note_of, shown_pair

MOST = 10_000  # differences and cases remembered, so that memory stays flat

Key = tuple[str, str, FieldValue, FieldValue, str]


class Fold:
    """One difference, the comparison that showed it first, and how many did."""

    def __init__(self, difference: Difference, first: Comparison) -> None:
        self.difference = difference
        self.first = first
        self.cases = 0

    def __str__(self) -> str:
        number = f"{self.cases} case{'' if self.cases == 1 else 's'}"
        like = note_of(self.difference)
        return (
            f"{summary(self.difference)}: {number}, first: {self.first.case.id}{like}"
        )


class Folds:
    """Collects the unexpected differences of a run.

    `add` says whether a comparison showed anything that no earlier one did.
    """

    def __init__(self) -> None:
        self.by_key: dict[Key, Fold] = {}
        self._groups: dict[tuple[int, tuple[Key, ...]], Alike] = {}
        self._grouped = 0

    def add(self, comparison: Comparison) -> bool:
        """Count the differences of a comparison; whether any of them is new.

        So is another combination of them in one request: it has an entry of its own.
        """
        new = not comparison.unexpected or bool(_alone(comparison))
        found = {_key(d): d for d in comparison.unexpected}
        if self._grouped < MOST:
            self._grouped += 1
            for group, several in _by_request(comparison):
                new = new or group not in self._groups
                alike = self._groups.setdefault(group, Alike())
                alike.add(comparison.case.id, several)
        for key, difference in found.items():
            fold = self.by_key.get(key)
            if fold is None:
                new = True
                fold = Fold(difference, comparison)
                if len(self.by_key) < MOST:
                    self.by_key[key] = fold
            fold.cases += 1
        return new

    def alike(self, comparison: Comparison) -> dict[int, Alike]:
        """For each request, the cases that differ there in the same, and nothing else.

        A request is left out where an earlier case differs alike: its entry is there.
        """
        case = comparison.case.id
        found = {
            group[0]: self._groups.get(group, Alike([case]))
            for group, _ in _by_request(comparison)
        }
        return {n: alike for n, alike in found.items() if alike.cases[0] == case}

    def __iter__(self) -> Iterator[Fold]:
        return iter(self.by_key.values())

    def repeated(self) -> Sequence[Fold]:
        """Those seen in several cases, the most frequent first."""
        several = [fold for fold in self if fold.cases > 1]
        return sorted(several, key=lambda fold: -fold.cases)


def summary(difference: Difference) -> str:
    """A difference in a line.

    >>> lost = Difference(target="quart", field="header:vary", reference="Cookie",
    ...     candidate=None)
    >>> summary(lost)
    'header:vary missing on quart'
    """
    field, target = difference.field, difference.target
    if field.startswith("header:"):
        if difference.candidate is None:
            return f"{field} missing on {target}"
        if difference.reference is None:
            return f"{field} only on {target}"
    left, right = (_short(text) for text in shown_pair(difference))
    return f"{field} {left} became {right} on {target}"


def _key(difference: Difference) -> Key:
    left, right = difference.reference, difference.candidate
    if difference.field.startswith("header:"):
        # Which value is missing does not make it another difference.
        if right is None:
            left = ""
        if left is None:
            right = ""
    if difference.field == "failure":
        left, right = (lasting(v) if isinstance(v, str) else v for v in (left, right))
    return difference.target, difference.field, left, right, difference.layer


def _by_request(
    comparison: Comparison,
) -> Iterator[tuple[tuple[int, tuple[Key, ...]], list[Difference]]]:
    """The unexpected differences in each request, by the request and what they are."""
    requests: dict[int, list[Difference]] = {}
    for difference in comparison.unexpected:
        requests.setdefault(difference.request or 0, []).append(difference)
    for request, several in requests.items():
        yield (request, tuple(dict.fromkeys(map(_key, several)))), several


def _alone(comparison: Comparison) -> bool:
    unmet = any(f.known is None for f in comparison.expectation.failures)
    return unmet or bool(comparison.failing_stale)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
