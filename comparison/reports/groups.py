"""Group equal differences of many cases, so that reports show them once."""

from collections.abc import Iterator

from comparison.known.suggest import Alike, brief, lasting
from comparison.models import Comparison, Difference, FieldValue

from .values import value_pair

MOST = 10_000  # the most differences and cases to store, which limits the memory

Key = tuple[str, str, FieldValue, FieldValue, str]


class DifferenceGroups:
    """The difference groups of a run, from its unexpected differences.

    `add` returns whether a comparison shows anything new.
    """

    def __init__(self) -> None:
        self._keys: set[Key] = set()
        self._alike: dict[tuple[int, tuple[Key, ...]], Alike] = {}
        self._count = 0

    def add(self, comparison: Comparison) -> bool:
        """Count the differences of a comparison; return whether any of them is new.

        A new combination of differences in one request is new too: it has its own entry.
        """
        new = not comparison.unexpected or bool(_alone(comparison))
        if self._count < MOST:
            self._count += 1
            for request_key, several in _by_request(comparison):
                new = new or request_key not in self._alike
                alike = self._alike.setdefault(request_key, Alike())
                alike.add(comparison.case.id, several)
        for key in map(_key, comparison.unexpected):
            new = new or key not in self._keys
            if len(self._keys) < MOST:
                self._keys.add(key)
        return new

    def alike(self, comparison: Comparison) -> dict[int, Alike]:
        """Return, for each request, the cases with exactly the same differences in it.

        Skip a request if an earlier case has the same differences: the entry is there.
        """
        case = comparison.case.id
        found = {
            request_key[0]: self._alike.get(request_key, Alike([case]))
            for request_key, _ in _by_request(comparison)
        }
        return {n: alike for n, alike in found.items() if alike.cases[0] == case}


def summary(difference: Difference) -> str:
    """Format a difference in one line.

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
    left, right = (_short(text) for text in value_pair(difference))
    return f"{field} {left} became {right} on {target}"


def _key(difference: Difference) -> Key:
    left, right = difference.reference, difference.candidate
    if difference.field.startswith("header:"):
        # All values of a missing header form one group.
        if right is None:
            left = ""
        if left is None:
            right = ""
    if difference.field == "failure":
        left, right = (lasting(v) if isinstance(v, str) else v for v in (left, right))
    return (
        difference.target, difference.field, brief(left), brief(right), difference.layer
    )  # fmt: skip


def _by_request(
    comparison: Comparison,
) -> Iterator[tuple[tuple[int, tuple[Key, ...]], list[Difference]]]:
    """Yield the unexpected differences in each request, with the keys of its groups."""
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
