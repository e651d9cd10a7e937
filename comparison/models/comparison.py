"""The values that flow through a run: case -> recording -> comparison -> report.

What is asked is in `case` and `loosening`, what happened in `recorded`; both are found
here too. What studies record is in `studied`.

Each is immutable and is made in one place. What is written to disk is these same
structs, serialised by msgspec, so the JSON contract is this file. None can be part of a
reference cycle, so the garbage collector is spared them (`gc=False`).
"""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from comparison.core.validation import SCHEMA_VERSION

from .case import Case
from .recording import (
    Recording,
)

LONGEST = 86_400.0
"""The longest timeout, in seconds: clocks of the system overflow at longer ones."""

Layer = Literal["framework", "server", "client"]
Verdict = Literal["identical", "known", "different", "failed"]

FieldValue = str | int | tuple[str, ...] | None
"""What one side showed in one field; None where it showed nothing."""

IN_BASE64 = "base64:"
"""What such a value begins with where it is a body that is no text."""


def timeout_fault(seconds: float) -> str:
    """What is wrong with a timeout; empty if nothing.

    >>> timeout_fault(float("inf"))
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
    is the id of the known difference that explains it; `similar` names shipped ones that
    look the same where none does. `server` names the server that a difference is put
    down to. `request` counts the requests of a sequence from 1; it is left out for the
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


class Unmet(Struct, frozen=True, gc=False, kw_only=True):
    """One field in which a target did not answer as the case expects."""

    target: str
    field: str
    expected: str
    actual: str
    known: str | None = None


class Expectation(Struct, frozen=True, gc=False):
    """Whether every target answered as the documentation says."""

    met: bool
    failures: tuple[Unmet, ...] = ()


class Stale(Struct, frozen=True, gc=False):
    """A known difference that did not occur in a case it is listed for.

    `unrecorded` names the versions of the run that it was not recorded with, as
    `granian 2.8.9`. Where there are any, it is a notice and does not fail the run.
    """

    known: str
    field: str
    unrecorded: tuple[str, ...] = ()


class Comparison(Struct, frozen=True, gc=False):
    """One case asked of every target, and what is to be said about it.

    `normalised` are the names of the rules that were needed. Where there are more than
    two targets, `agreed` are the pairs that did the same.
    """

    case: Case
    verdict: Verdict
    expectation: Expectation
    differences: tuple[Difference, ...]
    recordings: dict[str, Recording]
    stale: tuple[Stale, ...] = ()
    normalised: tuple[str, ...] = ()
    agreed: tuple[tuple[str, str], ...] = ()

    @property
    def unexpected(self) -> tuple[Difference, ...]:
        """The differences that no known difference explains."""
        return tuple(d for d in self.differences if d.known is None)

    @property
    def failing_stale(self) -> tuple[Stale, ...]:
        """The stale known differences that fail the run."""
        return tuple(stale for stale in self.stale if not stale.unrecorded)

    def as_document(self) -> dict[str, Any]:
        """The comparison as the JSON contract writes it."""
        document: dict[str, Any] = {
            "case": self.case.id,
            "title": self.case.title,
            "verdict": self.verdict,
            "expectation": self.expectation,
            "differences": self.differences,
            "recordings": self.recordings,
        }
        for name in ("stale", "normalised", "agreed"):
            if value := getattr(self, name):
                document[name] = value
        return document


# The run -----------------------------------------------------------------------------


class Environment(Struct, frozen=True, gc=False):
    """What the run was made with: behaviour depends on it."""

    python: str
    platform: str
    packages: dict[str, str]


class TargetInfo(Struct, frozen=True, gc=False):
    """A target as the report names it; `settings` are its app's, secrets masked."""

    name: str
    spec: str
    framework: str | None
    server: str
    settings: dict[str, Any] = {}


class Normalisation(Struct, frozen=True, gc=False):
    """A rule that kept noise out, and how many comparisons it was applied in."""

    name: str
    applied: int
    description: str = ""


class Proposal(Struct, frozen=True, gc=False, kw_only=True):
    """Rules that would keep out what one app answers differently each time.

    They are for the whole project or for one `case`, the first that needs them, which
    stands at `origin`. `applied` of a rule counts the cases that need it. `toml` is what
    to paste.
    """

    scope: Literal["project", "case"]
    case: str
    origin: str
    rules: tuple[Normalisation, ...]
    toml: str


class Unexplained(Struct, frozen=True, gc=False):
    """A field in which an app asked twice differs, and that no rule keeps out."""

    case: str
    field: str
    first: FieldValue
    second: FieldValue
    request: int | UnsetType = UNSET


class SelfCheck(Struct, frozen=True, gc=False, kw_only=True):
    """What came of asking one target every case twice; nothing of it was applied."""

    target: str
    asked: int
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
    """How many cases ended in each verdict."""

    identical: int = 0
    known: int = 0
    different: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """All cases that were asked."""
        return self.identical + self.known + self.different + self.failed


class Agreement(Struct, frozen=True, gc=False):
    """In how many cases two targets did the same, but for what their servers always do."""

    one: str
    other: str
    agreed: int
    asked: int


class StaleNotice(Struct, frozen=True, gc=False):
    """A known difference that no longer occurs with versions it was not recorded with.

    `cases` are the cases it is listed for in which it did not occur.
    """

    known: str
    unrecorded: tuple[str, ...]
    cases: tuple[str, ...]


class Selection(Struct, frozen=True, gc=False):
    """The files that a run read, relative to the project's folder, and its `-k`.

    Without `cases` it is of the bundled catalogue.
    """

    cases: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    expression: str = ""


class RunHeader(Struct, frozen=True, gc=False, kw_only=True):
    """Everything about a run except its comparisons, in the order of the contract.

    `summary` and `exit_code` are None until the run has ended. `agreement` is there
    where more than two targets were asked. The digests say what was asked and what was
    known, where that is to be told later. `selection` is what a command was given.
    `known_ids` are those that an offered entry might have, and has not.
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
