"""Known differences of views that nobody has listed: known by what they look like.

A case has a name, and a known difference can say which cases it occurs in. A generated
view has none. A form says instead which field differs in which way, and what has to hold
of the view, of the request and of what happened in each app, for its cause to be the one
named.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from msgspec import Struct

from comparison.core.regexp import check, search

FORMS = Path(__file__).parent / "data" / "patterns"
"""What is known of described views; their causes are among those of the catalogue."""

FORMS_ON_SERVERS = Path(__file__).parent / "data" / "patterns_on_servers"
"""What is known of described views on servers; their causes are those of the wire."""

Seriousness = Literal[
    "loses-data", "leaks-data", "meaning", "representation", "cosmetic"
]


class DifferencePattern(Struct, frozen=True, forbid_unknown_fields=True):
    """What a known difference looks like, in whichever view.

    `field` is the field that differs (`header:*` for a header that the app named) and
    `kind` in which way, both as `comparison fuzz` tells them; they are shell patterns.
    `when` has a regular
    expression (searched) for each fact that must hold. `cause` is the id of a
    `[[cause]]`. `versions` are PEP 440 ranges by package, as those of a known
    difference.
    """

    id: str
    cause: str
    field: str
    kind: str
    when: dict[str, str]
    title: str = ""
    seriousness: Seriousness = "representation"
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
        """Whether a difference looks like this."""
        return (
            fnmatchcase(field, self.field)
            and fnmatchcase(kind, self.kind)
            and all(
                search(pattern, facts.get(fact, ""))
                for fact, pattern in self.when.items()
            )
        )
