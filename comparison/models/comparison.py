"""A comparison of the recordings of one case: differences, findings and verdict."""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from .case import Case
from .recording import Recording

LONGEST = 86_400.0
"""The longest timeout, in seconds: the system's clocks overflow at longer ones."""

Layer = Literal["app", "framework", "server", "client"]
Verdict = Literal["identical", "known", "different", "failed", "skipped"]

FieldValue = str | int | tuple[str, ...] | None
"""The value of one field on one side; None if that side has no such field."""

IN_BASE64 = "base64:"
"""The prefix of a field value that is a body but not text."""


def effect_text(effects: Sequence[str]) -> FieldValue:
    """Return the effects of one side as the value of a field.

    >>> effect_text([]), effect_text(["hook close_db ran"])
    (None, 'hook close_db ran')
    """
    if len(effects) == 1:
        return effects[0]
    return tuple(effects) or None


def timeout_error(seconds: float) -> str:
    """Explain what is wrong with a timeout; return "" if it is valid.

    >>> timeout_error(float("inf"))
    'timeout must be at most 86400 seconds, not inf'
    """
    if not seconds > 0:
        return f"timeout must be above 0 seconds, not {seconds:g}"
    at_most = f"timeout must be at most {LONGEST:g} seconds, not {seconds:g}"
    return at_most if seconds > LONGEST else ""


class Difference(Struct, frozen=True, gc=False, kw_only=True):
    """One field in which a candidate (`target`) did not answer as the reference did.

    `field` is status, reason, header:NAME, body, event:NUMBER, timing, interim, trailers,
    framing, connection, failure or effect. `known` is the id of the known difference that
    explains it. If none does, `similar` names shipped ones that look the same. `server`
    names the server that we attribute a difference to. `request` counts the requests of a sequence from 1; it is absent for the
    last one.
    """

    target: str
    field: str
    reference: FieldValue
    candidate: FieldValue
    layer: Layer = "framework"
    known: str | None = None
    server: str | UnsetType = UNSET
    request: int | UnsetType = UNSET
    similar: tuple[str, ...] | UnsetType = UNSET


class Finding(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Why one target differs in a case: the cause, its place in an app, and the remedy.

    `cause` is the id of an explanation or of a known difference; it is "" if we know the
    place at most. `file`, `line` and `source` are the place. `evidence` are recorded facts.
    `fields` are the differing fields that the cause accounts for, in request number
    `request`, which is 0 for the last one.
    """

    target: str
    summary: str
    cause: str = ""
    remedy: str = ""
    layer: Layer = "app"
    file: str = ""
    line: int = 0
    source: str = ""
    evidence: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    request: int = 0
    docs: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The file and line, or "" if the cause has no place in an app."""
        return f"{self.file}:{self.line}" if self.file else ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The cause and the place that equal findings of different cases share.

        Behaviour of a framework or a server has one remedy for all places, whichever known
        difference shows it. Without a cause, the fields that differ count too.
        """
        if self.cause and self.layer != "app":
            return self.remedy or self.cause, self.target, "", ""
        place = self.place
        alike = bool(place and (self.cause or self.remedy))
        return self.cause, self.target, place, "" if alike else self.summary


class Unmet(Struct, frozen=True, gc=False, kw_only=True):
    """One field in which a target did not answer as the case expects.

    `request` counts the requests of a sequence from 1; it is absent for the last one.
    """

    target: str
    field: str
    expected: str
    actual: str
    known: str | None = None
    request: int | UnsetType = UNSET


class Expectation(Struct, frozen=True, gc=False):
    """The result of comparing every target's response with the documentation."""

    met: bool
    failures: tuple[Unmet, ...] = ()


class Stale(Struct, frozen=True, gc=False):
    """A known difference that did not occur in a case it is listed for.

    `unrecorded` names the versions of the run that it was not recorded with, as
    `granian 2.8.9`. If it names any, this is a notice and does not fail the run.
    """

    known: str
    field: str
    unrecorded: tuple[str, ...] = ()


class Comparison(Struct, frozen=True, gc=False):
    """The recordings of one case on every target, and their differences.

    `normalised` are the names of the rules that we needed. With more than two targets,
    `agreed` are the pairs that behaved the same. `findings` explain the differences that
    are not known, the most likely cause first.
    """

    case: Case
    verdict: Verdict
    expectation: Expectation
    differences: tuple[Difference, ...]
    recordings: dict[str, Recording]
    stale: tuple[Stale, ...] = ()
    normalised: tuple[str, ...] = ()
    agreed: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def unexpected(self) -> tuple[Difference, ...]:
        """The differences that no known difference explains."""
        return tuple(d for d in self.differences if d.known is None)

    @property
    def failing_stale(self) -> tuple[Stale, ...]:
        """The stale known differences that fail the run."""
        return tuple(stale for stale in self.stale if not stale.unrecorded)

    def as_document(self) -> dict[str, Any]:
        """Make the document that we write as JSON."""
        document: dict[str, Any] = {
            "case": self.case.id,
            "title": self.case.title,
            "verdict": self.verdict,
            "expectation": self.expectation,
            "differences": self.differences,
            "recordings": self.recordings,
        }
        for name in ("stale", "normalised", "agreed", "findings"):
            if value := getattr(self, name):
                document[name] = value
        return document
