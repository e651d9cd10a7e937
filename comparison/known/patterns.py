"""Difference patterns: known differences of views that no case lists.

A known difference can list its cases, because a case has an id. A generated view has no
case. A pattern instead names the field and the kind of difference. It also has
conditions on the view, the request and the trace of each app. If they hold, its cause
applies.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from msgspec import Struct

from comparison.core.regexp import check, search

PATTERNS = Path(__file__).parent / "data" / "patterns"
"""Difference patterns of described views; their causes are among the catalogue's."""

PATTERNS_ON_SERVERS = Path(__file__).parent / "data" / "patterns_on_servers"
"""Difference patterns of described views on servers, with the causes of servers."""

Severity = Literal["loses-data", "leaks-data", "meaning", "representation", "cosmetic"]


class DifferencePattern(Struct, frozen=True, forbid_unknown_fields=True):
    """A known difference, found by its shape in any view.

    `field` is the field that differs (`header:*` for a header that the app named) and
    `kind` the kind of difference, both as `comparison fuzz` reports them. They are
    shell patterns. `when` has a regular expression (searched) for each fact that must
    hold. `cause` is the id of a `[[cause]]`. `versions` are PEP 440 ranges by package,
    as in a known difference.
    """

    id: str
    cause: str
    field: str
    kind: str
    when: dict[str, str]
    title: str = ""
    severity: Severity = "representation"
    versions: dict[str, str] = {}

    def __post_init__(self) -> None:
        if not self.when:
            raise ValueError("when must say of which views this is known")
        for fact, pattern in self.when.items():
            try:
                check(pattern)
            except ValueError as error:
                raise ValueError(f"when.{fact} is {error}") from None

    def fits(self, field: str, kind: str, facts: Mapping[str, str]) -> bool:
        """Return whether a difference matches this pattern."""
        return (
            fnmatchcase(field, self.field)
            and fnmatchcase(kind, self.kind)
            and all(
                search(pattern, facts.get(fact, ""))
                for fact, pattern in self.when.items()
            )
        )
