"""Two responses to one case, and the rules by which they are compared."""

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import UNSET

from comparison.models import FieldValue, NormalisationRules, Response

from .captured import CapturedValues
from .cookies import TOLERANCE

Differing = Iterator[tuple[str, FieldValue, FieldValue]]
"""The name of each field that differs, with the value on each side."""

NO_RULES = NormalisationRules()


@dataclass
class ResponsePair:
    """The responses of the reference and of a candidate.

    They were made within `tolerance` seconds. `captured` are values that count as equal.
    `applied` collects the names of the rules that were needed.
    """

    reference: Response
    candidate: Response
    applied: set[str]
    rules: NormalisationRules = NO_RULES
    captured: CapturedValues | None = None
    tolerance: float = TOLERANCE

    @property
    def on_socket(self) -> bool:
        """Whether at least one response came from a server."""
        return not (
            self.reference.status_line is UNSET and self.candidate.status_line is UNSET
        )

    @property
    def half_in_process(self) -> bool:
        """Whether one response was made in process and the other came from a server."""
        return (self.reference.status_line is UNSET) != (
            self.candidate.status_line is UNSET
        )
