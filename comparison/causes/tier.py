"""Try all explanations on the facts of two sides."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from comparison.models import Finding, TargetInfo

from .facts import Facts
from .match import compiled, matching
from .models import Explanation


class _Side(NamedTuple):
    """Facts that many cases share: their kinds, the server and the framework."""

    kinds: frozenset[str]
    server: str
    framework: str

    def has(self, kind: str, pattern: str) -> bool:
        """Return whether there may be a fact of this kind that matches a pattern."""
        if kind in ("server", "framework"):
            return compiled(pattern).search(getattr(self, kind)) is not None
        return kind in self.kinds


class Tier:
    """The explanations that facts about these targets may match."""

    def __init__(
        self, explanations: Sequence[Explanation], targets: Mapping[str, TargetInfo]
    ) -> None:
        self.explanations = explanations
        self.targets = targets
        evidence = {name for each in explanations for name in each.when}
        self._evidence = {name.removeprefix("other.") for name in evidence}
        # Most explanations are about another server, or need facts that no side has.
        self._possible = lru_cache(maxsize=256)(self._possible_for)

    def findings(
        self, facts: Mapping[str, Facts], sides: tuple[str, str]
    ) -> Iterable[tuple[Finding, Explanation]]:
        """Yield each finding about one of the sides, and its explanation."""
        one, two = (self._side(facts[name], self.targets[name]) for name in sides)
        both = (sides, sides[::-1])
        for explanation, at in self._possible(one, two):
            this, other = both[at]
            for found in matching(explanation, facts[this], facts[other], this):
                yield found, explanation

    def _side(self, facts: Facts, info: TargetInfo) -> _Side:
        kinds = frozenset(self._evidence & facts.keys())
        return _Side(kinds, info.server, info.framework or "unknown")

    def _possible_for(self, one: _Side, two: _Side) -> list[tuple[Explanation, int]]:
        """Return the explanations that may match, each with the number of its side."""
        return [
            (explanation, at)
            for explanation in self.explanations
            for at, (this, other) in enumerate(((one, two), (two, one)))
            if explanation.framework in ("*", this.framework)
            and all(
                other.has(name.removeprefix("other."), pattern)
                if name.startswith("other.")
                else this.has(name, pattern)
                for name, pattern in explanation.when.items()
            )
        ]
