"""Define the records of studies: status maps, load runs, and findings of fuzzing.

The structs are immutable, and the same structs are written to disk.
"""

from typing import Literal

from msgspec import Struct

from comparison.models import (
    SCHEMA_VERSION,
    Difference,
    Environment,
    Normalisation,
    TargetInfo,
)

StatusOutcome = Literal[
    "as sent", "body dropped", "body lost", "other status", "no answer", "corrupted",
    "server died",
]  # fmt: skip


class StatusRange(Struct, frozen=True, gc=False, omit_defaults=True):
    """The outcome of the codes `first` to `last` on one stack, in one variant.

    `detail` adds facts, such as the status that arrived instead or the kind of failure.
    """

    stack: str
    variant: str
    first: int
    last: int
    outcome: StatusOutcome
    detail: str = ""


class StatusMap(Struct, frozen=True, gc=False, kw_only=True):
    """The outcomes of each status code on each stack, as a client sees them."""

    schema_version: int = SCHEMA_VERSION
    command: str
    environment: Environment
    codes: tuple[tuple[int, int], ...]
    stacks: tuple[str, ...]
    variants: tuple[str, ...]
    ranges: tuple[StatusRange, ...]


class LoadRound(Struct, frozen=True, gc=False, omit_defaults=True):
    """One round of one stack at one concurrency. Times are in milliseconds.

    `answered` counts the expected responses within the window of `seconds`. `p50` to
    `longest` are latencies of expected responses to requests sent within it, or None.
    `errors` counts other responses and failures by kind, including the warm-up.
    `server_ms` is the server's processor time per response, if the system reports it.
    """

    answered: int
    seconds: float
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    longest: float | None = None
    server_ms: float | None = None
    errors: dict[str, int] = {}

    @property
    def rate(self) -> float:
        """Return the expected responses per second."""
        return self.answered / self.seconds if self.seconds > 0 else 0.0


class LoadPoint(Struct, frozen=True, gc=False):
    """All rounds of one stack at one concurrency."""

    work: str
    stack: str
    concurrency: int
    rounds: tuple[LoadRound, ...]


class LoadStack(Struct, frozen=True, gc=False, omit_defaults=True):
    """A stack of a load run; `threads` is set if its server has a thread pool.

    `given_up` says why the run stopped measuring it early.
    """

    name: str
    spec: str
    threads: int | None = None
    given_up: str = ""


class LoadRun(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Throughput and latency of stacks against concurrency, in a closed loop.

    `ceilings` has the points of the null server, which show the limit of the client.
    `unfinished` says why the run is incomplete. `processors` counts the machine's
    processors, and `clients` the client processes. `load_average` is that of the minute
    before. `seconds` and `warm_up` are those of a round. `started` is in UTC.
    """

    schema_version: int = SCHEMA_VERSION
    command: str
    environment: Environment
    started: str
    processors: int
    clients: int
    load_average: float | None = None
    works: tuple[str, ...]
    stacks: tuple[LoadStack, ...]
    concurrency: tuple[int, ...]
    seconds: float
    warm_up: float
    rounds: int
    points: tuple[LoadPoint, ...] = ()
    ceilings: tuple[LoadPoint, ...] = ()
    unfinished: str = ""


class Finding(Struct, frozen=True, gc=False, kw_only=True):
    """A difference that fuzzing found: its field, kind and cause.

    `known` is the id of the difference pattern that matches it. `times` counts the
    examples that have it. The smallest of these is in `path` (which reproduces it), in
    `case` (a case file), and in `sources` (the view by framework).
    """

    field: str
    kind: str
    cause: str
    times: int
    known: str | None
    title: str
    method: str
    path: str
    differences: tuple[Difference, ...]
    view: str
    case: str
    sources: dict[str, str]


class FuzzReport(Struct, frozen=True, gc=False, kw_only=True):
    """The result of a fuzzing run.

    `skipped` counts examples that did not run because similar ones hung. `unseen` has the
    difference patterns that apply but did not occur. `coverage` counts each form of each
    part of the model. `pairs` counts the forms of two parts that occurred together.
    """

    schema_version: int = SCHEMA_VERSION
    command: str
    environment: Environment
    targets: tuple[TargetInfo, ...]
    normalisations: tuple[Normalisation, ...]
    seed: int
    examples: int
    skipped: int
    findings: tuple[Finding, ...]
    known: tuple[Finding, ...]
    unseen: tuple[str, ...]
    coverage: dict[str, dict[str, int]]
    pairs: int
    exit_code: int
    interrupted: bool = False
