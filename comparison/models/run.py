"""A run without its comparisons: targets, versions, self-check and counts."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from comparison.core.validation import SCHEMA_VERSION

from .comparison import FieldValue


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


class Withheld(Struct, frozen=True, gc=False):
    """A rule that is not proposed: it would hide a difference from `target` in `case`."""

    rule: str
    case: str
    target: str


class SelfCheck(Struct, frozen=True, gc=False, kw_only=True):
    """The result of running every case twice on one target; it changes no comparison.

    `skipped` are the ids of cases that write: their second run found, or would have found,
    what the first one wrote.
    """

    target: str
    total: int
    differing: int
    proposals: tuple[Proposal, ...] = ()
    unexplained: tuple[Unexplained, ...] = ()
    skipped: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()


class RouteMismatch(Struct, frozen=True, gc=False):
    """A rule and method of the url map that some targets have and others do not.

    `method` may also be a property of the rule, as `defaults page=1`.
    """

    rule: str
    method: str
    present: tuple[str, ...]
    missing: tuple[str, ...]


class Summary(Struct, frozen=True, gc=False):
    """The number of cases with each verdict; a skipped case did not run."""

    identical: int = 0
    known: int = 0
    different: int = 0
    failed: int = 0
    skipped: int = 0

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
