"""The decisions about the modules of a program."""

from collections import defaultdict
from dataclasses import dataclass, field

from .facts import Facts
from .imports import new_name
from .undecided import Found


@dataclass
class Decisions:
    """The nodes to rewrite in each module, by number, and the nodes to leave."""

    edits: dict[str, dict[int, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    found: dict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))

    def concern(self, facts: Facts) -> bool:
        """Whether anything in a module is rewritten, or left to decide."""
        return bool(
            self.edits[facts.name]
            or self.found[facts.name]
            or any(new_name(name) != name for name, _ in facts.imports)
        )
