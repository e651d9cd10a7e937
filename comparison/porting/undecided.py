"""Report the places that a person must decide, with the reason and a remedy."""

from typing import NamedTuple

from .tables import table


class Undecided(NamedTuple):
    """A decision that is left to a person, and its place."""

    path: str
    line: int
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}; {self.remedy}"


class Found(NamedTuple):
    """A reason at a node of a module, before its line is known."""

    node: int
    key: str
    what: str = ""
    owner: str = ""
    remedy: str = ""

    def undecided(self, path: str, line: int) -> Undecided:
        """Write the sentences."""
        values = {"what": self.what, "owner": self.owner, "remedy": self.remedy}
        reason, remedy = (
            table("reasons")[self.key][part].format(**values)
            for part in ("reason", "remedy")
        )
        return Undecided(path, line, reason, remedy)
