"""A run: what was asked of whom, and how it ended."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import length_hint
from pathlib import Path
from typing import Any

from msgspec import UNSET, UnsetType

from comparison.cases import store_cases
from comparison.environment import environment
from comparison.errors import NoCaseSelected, UsageError
from comparison.model import (
    Agreement,
    Case,
    Comparison,
    Control,
    Environment,
    LoneRule,
    Normalisation,
    RunHeader,
    Summary,
    TargetInfo,
    timeout_fault,
)
from comparison.parity import (
    BUNDLED,
    ON_SERVERS,
    STACKS,
    Judge,
    KnownDifferences,
    load_known,
)
from comparison.targets import Target, resolve_target

from .lanes import Lanes
from .processes import Processes

DEFAULT_TIMEOUT = 10.0  # seconds
Earlier = Callable[[Iterator[Case]], Iterator[Comparison]]


def compare(
    reference: Any,
    candidate: Any,
    cases: Iterable[Case] | str | Path | None = None,
    *,
    others: Sequence[Any] = (),
    known: KnownDifferences | Iterable[str | Path] | str | Path | None = None,
    timeout: float = DEFAULT_TIMEOUT,
    keep: bool = True,
    jobs: int = 1,
    lines: bool = False,
) -> "Run":
    """Ask two targets or more the same cases and compare what they answer.

    Targets are app objects, factories, modules, SPEC strings or `Target` objects.
    `cases` are `Case` objects or a case file or folder; without them, the bundled
    catalogue with its known differences. `timeout` is in seconds, per request. With
    `keep=False` the run forgets each comparison once it was yielded, and its memory
    stays flat. With `jobs`, so many processes share the cases. With `lines`, each line
    of a view in process is recorded as it ran. Raises UsageError, DocumentError or
    TargetError.
    """
    if fault := timeout_fault(timeout):
        raise UsageError(fault)
    if jobs < 1:
        raise UsageError(f"jobs must be 1 or more, not {jobs}")
    named: dict[str, Target] = {}
    for what in (reference, candidate, *others):
        target = resolve_target(what)
        named[_unused(target.name, named)] = target
    if cases is None:
        known = [BUNDLED, ON_SERVERS] if known is None else known
        cases = store_cases()
    elif isinstance(cases, str | Path):
        cases = store_cases(cases)
    if isinstance(known, str | Path):
        known = [known]
    if not isinstance(known, KnownDifferences):
        known = load_known([*(known or ()), STACKS], environment().packages)
    return Run(named, cases, known, timeout=timeout, keep=keep, jobs=jobs, lines=lines)


def _unused(name: str, taken: Mapping[str, Any]) -> str:
    names = [name, *(f"{name}-{n}" for n in range(2, len(taken) + 3))]
    return next(candidate for candidate in names if candidate not in taken)


def infos_of(targets: Mapping[str, Target]) -> tuple[TargetInfo, ...]:
    """The targets as reports name them, by the names of this run."""
    return tuple(
        TargetInfo(name, info.spec, info.framework, info.server, info.settings)
        for name, info in ((n, t.info()) for n, t in targets.items())
    )


class Run:
    """A run: iterate over it for the comparisons; afterwards it knows how it ended.

    `summary`, `exit_code` and `normalisations` ask what is still to be asked first.
    `earlier` gives the comparisons that are not to be asked again, taking their cases
    from an iterator; `recalling` says whether the comparison just yielded is one.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        cases: Iterable[Case],
        known: KnownDifferences,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        keep: bool = True,
        command: str = "",
        lone_rules: tuple[LoneRule, ...] = (),
        jobs: int = 1,
        lines: bool = False,
        alone: bool = False,
        shard: str = "",
        cases_digest: str = "",
        known_digest: str = "",
        earlier: Earlier | None = None,
        control: Control | UnsetType = UNSET,
    ) -> None:
        if len(targets) < 2 and not alone:
            raise UsageError("a comparison needs two targets or more")
        self.environment: Environment = environment()
        self.targets = infos_of(targets)
        self.known = known
        self.command = command
        self.lone_rules = lone_rules
        self.shard = shard
        self.cases_digest = cases_digest
        self.known_digest = known_digest
        self.control = control
        self.recalling = False
        self.comparisons: list[Comparison] = []
        self.interrupted = False
        self._judge = Judge(self.targets, known)
        self._counts: Counter[str] = Counter()
        self._keep = keep
        self._jobs = jobs
        self._lines = lines
        self._earlier = earlier
        self._asking = self._ask(targets, cases, timeout)

    def __iter__(self) -> Iterator[Comparison]:
        yield from self.comparisons
        # Not `yield from`: whoever leaves the loop early may come back to it.
        for comparison in self._asking:  # noqa: UP028
            yield comparison

    @property
    def summary(self) -> Summary:
        """How many cases ended in each verdict."""
        self._finish()
        return self.summary_so_far

    @property
    def summary_so_far(self) -> Summary:
        """The verdicts of the comparisons yielded until now."""
        return Summary(**self._counts)

    @property
    def normalisations(self) -> tuple[Normalisation, ...]:
        """Every rule that kept noise out, with how often it did."""
        self._finish()
        return self._judge.applied.summary()

    @property
    def exit_code(self) -> int:
        """0 nothing unexpected, 1 something was, 5 nothing asked, 130 interrupted."""
        self._finish()
        if self.interrupted:
            return 130
        unexpected = self._counts["different"] or self._counts["failed"]
        if unexpected or self.lone_rules:
            return 1
        return 0 if self._counts.total() else NoCaseSelected.exit_code

    def header(self, ended: bool = True) -> RunHeader:
        """The run without its comparisons, as documents begin."""
        return RunHeader(
            command=self.command,
            environment=self.environment,
            targets=self.targets,
            lone_rules=self.lone_rules,
            normalisations=self.normalisations if ended else (),
            agreement=self._agreement() if ended else UNSET,
            summary=self.summary if ended else None,
            exit_code=self.exit_code if ended else None,
            interrupted=self.interrupted,
            shard=self.shard,
            cases_digest=self.cases_digest,
            known_digest=self.known_digest,
            control=self.control,
        )

    def _agreement(self) -> tuple[Agreement, ...] | UnsetType:
        return self._judge.agreement() if len(self.targets) > 2 else UNSET

    def interrupt(self) -> None:
        """Ask nothing more; what was recorded so far is the run."""
        self.interrupted = True
        self._asking.close()

    def _finish(self) -> None:
        for _ in self._asking:
            pass

    def _ask(
        self, targets: Mapping[str, Target], cases: Iterable[Case], timeout: float
    ) -> Generator[Comparison, None, None]:
        asking = (targets, timeout, self._judge, self._lines)
        lanes = Lanes(*asking) if self._jobs == 1 else Processes(*asking, self._jobs)
        coming = Coming(cases)
        try:
            for comparison in chain(self._recalled(coming), lanes.ask(coming)):
                self._counts[comparison.verdict] += 1
                if self._keep:
                    self.comparisons.append(comparison)
                yield comparison
        finally:
            lanes.close()

    def _recalled(self, coming: Iterator[Case]) -> Iterator[Comparison]:
        """What an earlier run has asked of the same cases already."""
        if self._earlier is None:
            return
        self.recalling = True
        for comparison in self._earlier(coming):
            self._judge.count(comparison)
            yield comparison
        self.recalling = False


class Coming(Iterator[Case]):
    """The cases that are still to come, and about how many."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._left = length_hint(cases)
        self._cases = iter(cases)

    def __next__(self) -> Case:
        case = next(self._cases)
        if not isinstance(case, Case):
            raise UsageError(
                f"a case must be a Case, not {type(case).__name__}: {case!r}"
            )
        self._left -= 1
        return case

    def __length_hint__(self) -> int:
        return max(0, self._left)


class Asker:
    """Asks one case at a time of targets that stay open until it is closed.

    Without `tables`, recordings have no execution table and no variables: who asks much
    and reads neither is spared their making.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        known: KnownDifferences,
        timeout: float = DEFAULT_TIMEOUT,
        *,
        tables: bool = True,
    ) -> None:
        if len(targets) < 2:
            raise UsageError("a comparison needs two targets or more")
        self.targets = targets
        self.infos = infos_of(targets)
        self._judge = Judge(self.infos, known)
        self._lanes = Lanes(targets, timeout, self._judge, tables=tables)

    def ask(self, case: Case, *, lines: bool = False) -> Comparison:
        """The comparison of one case, its lines recorded or not.

        Raises TargetError as a run does.
        """
        self._lanes.lines = lines
        (comparison,) = self.ask_all([case])
        return comparison

    def ask_all(self, cases: Iterable[Case]) -> Iterator[Comparison]:
        """The comparison of each case, in order. Raises TargetError as a run does."""
        return self._lanes.ask(cases)

    def header(self, command: str) -> RunHeader:
        """What was asked since this was asked last, as documents begin."""
        normalisations = self._judge.applied.summary()
        self._judge.take()
        return RunHeader(
            command=command,
            environment=environment(),
            targets=self.infos,
            normalisations=normalisations,
        )

    def close(self) -> None:
        """Shut the apps down."""
        self._lanes.close()
