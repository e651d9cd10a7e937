"""What studies record: status maps, load runs, and what fuzzing found.

As in `model`, each is immutable, and what is written to disk is these same structs.
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
    """What became of the codes `first` to `last` on one stack, in one variant.

    `detail` says more where there is more to say: the status that came instead, or how
    no answer came.
    """

    stack: str
    variant: str
    first: int
    last: int
    outcome: StatusOutcome
    detail: str = ""


class StatusMap(Struct, frozen=True, gc=False, kw_only=True):
    """Each status code on each stack: what the client received."""

    schema_version: int = SCHEMA_VERSION
    command: str
    environment: Environment
    codes: tuple[tuple[int, int], ...]
    stacks: tuple[str, ...]
    variants: tuple[str, ...]
    ranges: tuple[StatusRange, ...]


class LoadRound(Struct, frozen=True, gc=False, omit_defaults=True):
    """One round of one stack at one concurrency. Times are milliseconds.

    `answered` are the right answers that came within the window of `seconds`. `p50` to
    `longest` are of the right answers to requests that were sent within it, whenever
    they came; None without any. `errors` counts the other answers and the failures by
    kind, those of the warm-up too. `server_ms` is the processor time of the server for each
    answer, where the system tells.
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
        """Right answers a second."""
        return self.answered / self.seconds if self.seconds > 0 else 0.0


class LoadPoint(Struct, frozen=True, gc=False):
    """One stack at one concurrency: all its rounds."""

    work: str
    stack: str
    concurrency: int
    rounds: tuple[LoadRound, ...]


class LoadStack(Struct, frozen=True, gc=False, omit_defaults=True):
    """A stack that was asked; `threads` of a server that has a pool of them.

    `given_up` says why it was not asked to the end.
    """

    name: str
    spec: str
    threads: int | None = None
    given_up: str = ""


class LoadRun(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Throughput and latency of stacks against concurrency, in a closed loop.

    `ceilings` are the points of the null server: what the client manages by itself.
    `unfinished` says why there is less than was asked for. `processors` are the
    machine's, `clients` the processes that asked, `load_average` how many processes
    wanted a processor in the minute before. `seconds` and `warm_up` are those of a round,
    `started` is when, in UTC.
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
    """A difference that fuzzing found: which field, in which way, and why.

    `known` is the id of the form that explains it. `times` counts the examples it was
    seen in, of which the smallest is shown: as the path that reproduces it, as a case
    file, and as the source of the view for each framework.
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
    """What was asked of generated views, and what was found.

    `skipped` counts examples that were not asked because the like of them hung.
    `unseen` are the forms that apply and were not seen. `coverage` says how often each
    form of each part of the model was asked, `pairs` how many forms of two parts were
    asked together.
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
