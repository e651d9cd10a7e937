"""The values that flow through a run: case -> recording -> comparison -> report.

`case` and `rules` define what we send, and `recording` defines what happened. The results
of studies are in `comparison.studies.models`.

Each value is immutable, and one place makes it. We write these same structs to disk with
msgspec, so this file is the JSON contract. None can be part of a reference cycle, so the
garbage collector can ignore them (`gc=False`).
"""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from comparison.core.validation import SCHEMA_VERSION

from .case import Case
from .recording import (
    Recording,
)

LONGEST = 86_400.0
"""The longest timeout, in seconds: the system's clocks overflow at longer ones."""

Layer = Literal["app", "framework", "server", "client"]
Verdict = Literal["identical", "known", "different", "failed"]

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


# What differs ------------------------------------------------------------------------


class Difference(Struct, frozen=True, gc=False, kw_only=True):
    """One field in which a candidate (`target`) did not answer as the reference did.

    `field` is status, reason, header:NAME, body, framing, connection or failure. `known`
    is the id of the known difference that explains it. If none does, `similar` names
    shipped ones that look the same. `server` names the server that we attribute a
    difference to. `request` counts the requests of a sequence from 1; it is absent for the
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
        """What equal findings of different cases have in common: cause and place.

        What a framework or a server does has one remedy for all places. Without a cause,
        it is also what differs.
        """
        if self.cause and self.layer != "app":
            return self.cause, self.target, "", ""
        place = self.place
        alike = bool(place and (self.cause or self.remedy))
        return self.cause, self.target, place, "" if alike else self.summary


class Unmet(Struct, frozen=True, gc=False, kw_only=True):
    """One field in which a target did not answer as the case expects."""

    target: str
    field: str
    expected: str
    actual: str
    known: str | None = None


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


# The run -----------------------------------------------------------------------------


class Environment(Struct, frozen=True, gc=False):
    """The versions that a run used: behaviour depends on them."""

    python: str
    platform: str
    packages: dict[str, str]


class TargetInfo(Struct, frozen=True, gc=False):
    """A target as the report names it. `settings` are those of its app, secrets masked."""

    name: str
    spec: str
    framework: str | None
    server: str
    settings: dict[str, Any] = {}


class Normalisation(Struct, frozen=True, gc=False):
    """A rule that ignored noise, and the number of comparisons that it applied to."""

    name: str
    applied: int
    description: str = ""


class Proposal(Struct, frozen=True, gc=False, kw_only=True):
    """Rules that would ignore what one app answers differently each time.

    They are for the whole project or for one `case`. `case` is the first case that needs
    them, and `origin` is its place. `applied` of a rule counts the cases that need it.
    `toml` is the text to paste.
    """

    scope: Literal["project", "case"]
    case: str
    origin: str
    rules: tuple[Normalisation, ...]
    toml: str


class Unexplained(Struct, frozen=True, gc=False):
    """A field that differs between two runs of one app, and that no rule ignores."""

    case: str
    field: str
    first: FieldValue
    second: FieldValue
    request: int | UnsetType = UNSET


class SelfCheck(Struct, frozen=True, gc=False, kw_only=True):
    """The result of running every case twice on one target; it changes no comparison."""

    target: str
    total: int
    differing: int
    proposals: tuple[Proposal, ...] = ()
    unexplained: tuple[Unexplained, ...] = ()


class RouteMismatch(Struct, frozen=True, gc=False):
    """A rule and method of the url map that some targets have and others do not."""

    rule: str
    method: str
    present: tuple[str, ...]
    missing: tuple[str, ...]


class Summary(Struct, frozen=True, gc=False):
    """The number of cases with each verdict."""

    identical: int = 0
    known: int = 0
    different: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """The number of all cases that ran."""
        return self.identical + self.known + self.different + self.failed


class Agreement(Struct, frozen=True, gc=False):
    """The number of cases in which two targets behaved the same.

    Differences that their servers always cause do not count.
    """

    one: str
    other: str
    agreed: int
    total: int


class StaleNotice(Struct, frozen=True, gc=False):
    """A known difference that no longer occurs with versions it was not recorded with.

    `cases` are those of its cases in which it did not occur.
    """

    known: str
    unrecorded: tuple[str, ...]
    cases: tuple[str, ...]


class Selection(Struct, frozen=True, gc=False):
    """The files that a run read, relative to the project's folder, and its `-k`.

    Without `cases` the run used the bundled catalogue.
    """

    cases: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    expression: str = ""


class RunHeader(Struct, frozen=True, gc=False, kw_only=True):
    """Everything about a run except its comparisons, in the order of the contract.

    `summary` and `exit_code` are None until the run has ended. A run of more than two
    targets has an `agreement`. The digests identify the cases and the known differences of
    a run that a later command may read. `selection` is what the command selected.
    `known_ids` are ids that an offered entry may not use, because they are taken.
    """

    schema_version: int = SCHEMA_VERSION
    command: str
    environment: Environment
    targets: tuple[TargetInfo, ...]
    route_mismatches: tuple[RouteMismatch, ...] = ()
    normalisations: tuple[Normalisation, ...] = ()
    agreement: tuple[Agreement, ...] | UnsetType = UNSET
    stale_notices: tuple[StaleNotice, ...] = ()
    summary: Summary | None = None
    exit_code: int | None = None
    interrupted: bool = False
    shard: str = ""
    cases_digest: str = ""
    known_digest: str = ""
    self_check: SelfCheck | UnsetType = UNSET
    selection: Selection | UnsetType = UNSET
    known_ids: tuple[str, ...] = ()
