"""Try all explanations on the facts of two sides."""

from collections.abc import Iterable, Mapping, Sequence

from comparison.models import Finding, TargetInfo

from .facts import Facts
from .match import matching
from .models import Explanation


class Tier:
    """The explanations that match the facts of two sides."""

    def __init__(
        self,
        explanations: Sequence[Explanation],
        facts: Mapping[str, Facts],
        targets: Mapping[str, TargetInfo],
    ) -> None:
        self.explanations = explanations
        self.facts = facts
        self.targets = targets

    def findings(self, sides: tuple[str, str]) -> Iterable[tuple[Finding, Explanation]]:
        """Yield each finding about one of the sides, and its explanation."""
        both = (sides, sides[::-1])
        names = {
            this: {*self.facts[this], *(f"other.{name}" for name in self.facts[other])}
            for this, other in both
        }
        for explanation in self.explanations:
            for this, other in both:
                # Most explanations need a fact of a kind that neither side has.
                if not explanation.when.keys() <= names[this]:
                    continue
                wanted = explanation.framework
                if wanted != "*" and self.targets[this].framework != wanted:
                    continue
                for found in matching(
                    explanation, self.facts[this], self.facts[other], this
                ):
                    yield found, explanation
