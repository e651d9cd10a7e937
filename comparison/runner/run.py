"""Send cases to targets, compare the responses, and report how the run ended."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import length_hint
from pathlib import Path
from typing import Any

from msgspec import UNSET, UnsetType

from comparison.cases import store_cases
from comparison.core.errors import NoCaseSelected, UsageError
from comparison.core.processes.signals import exit_code_of
from comparison.known import BUNDLED, ON_SERVERS, STACKS, KnownDifferences, load_known
from comparison.models import (
    Agreement,
    Case,
    Comparison,
    Environment,
    Normalisation,
    RouteMismatch,
    RunHeader,
    Selection,
    SelfCheck,
    Summary,
    timeout_error,
)
from comparison.targets import Target, resolve_target

from .engine import Attributor, open_engine
from .environment import environment
from .host import Host
from .messages import DEFAULT_TIMEOUT, Settings, UrlMap
from .threads import CLOSING

INTERRUPTED = 1.0  # seconds for apps to shut down when a run is interrupted
MOST_LINE_RUNS = 1000  # cases without a cause that run again line by line
ReusedComparisons = Callable[[Iterator[Case]], Iterator[Comparison]]


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
    """Send the same cases to two targets or more, and compare their responses.

    Targets are app objects, factories, modules, SPEC strings or `Target` objects.
    `cases` are `Case` objects or a case file or folder. Without them, we run the
    bundled catalogue with its known differences. `timeout` is in seconds, per request.
    With `keep=False`, the run drops each comparison after yielding it, so memory stays
    flat. With `jobs`, that many processes share the cases. With `lines`, each line that
    a view runs in process is recorded. Raises UsageError, DocumentError or TargetError.
    """
    if fault := timeout_error(timeout):
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


class Run:
    """A run: iterate over it for the comparisons, then read how it ended.

    `summary`, `exit_code` and `normalisations` run the remaining cases first. `earlier`
    yields the comparisons of a resumed run. It takes their cases from an iterator.
    `recalling` says whether the comparison just yielded is one of them.
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
        jobs: int = 1,
        lines: bool = False,
        url_maps: bool = False,
        host: Host | None = None,
        alone: bool = False,
        shard: str = "",
        cases_digest: str = "",
        known_digest: str = "",
        earlier: ReusedComparisons | None = None,
        self_check: SelfCheck | UnsetType = UNSET,
        selection: Selection | UnsetType = UNSET,
    ) -> None:
        if len(targets) < 2 and not alone:
            raise UsageError("a comparison needs two targets or more")
        self.environment: Environment = environment()
        settings = Settings(timeout, lines=lines)
        self._engine = open_engine(
            targets, known, settings, workers=jobs, url_maps=url_maps, host=host
        )
        self.targets = self._engine.infos
        self._attributor = Attributor(
            targets, self.targets, timeout, line_runs=MOST_LINE_RUNS
        )
        self.known = known
        self.command = command
        self.route_mismatches: tuple[RouteMismatch, ...] = ()
        self.shard = shard
        self.cases_digest = cases_digest
        self.known_digest = known_digest
        self.self_check = self_check
        self.selection = selection
        self.recalling = False
        self.comparisons: list[Comparison] = []
        self.interrupted = False
        self._interruption = 130
        self._comparator = self._engine.comparator
        self._counts: Counter[str] = Counter()
        self._keep = keep
        self._earlier = earlier
        self._comparisons = self._run(cases)

    def __iter__(self) -> Iterator[Comparison]:
        yield from self.comparisons
        # Not `yield from`: a caller who leaves the loop early may come back to it.
        for comparison in self._comparisons:  # noqa: UP028
            yield comparison

    @property
    def summary(self) -> Summary:
        """The number of cases for each verdict."""
        self._finish()
        return self.summary_so_far

    @property
    def summary_so_far(self) -> Summary:
        """The verdicts of the comparisons yielded until now."""
        return Summary(**self._counts)

    @property
    def normalisations(self) -> tuple[Normalisation, ...]:
        """Every normalisation rule that was applied, and how often."""
        self._finish()
        return self._comparator.applied.summary()

    @property
    def exit_code(self) -> int:
        """0 nothing unexpected, 1 unexpected result, 5 no case ran, 130 interrupted."""
        self._finish()
        if self.interrupted:
            return self._interruption
        unexpected = self._counts["different"] or self._counts["failed"]
        if unexpected or self.route_mismatches:
            return 1
        return 0 if self.summary_so_far.total else NoCaseSelected.exit_code

    def header(self, ended: bool = True) -> RunHeader:
        """Return the run without its comparisons: the start of a document."""
        return RunHeader(
            command=self.command,
            environment=self.environment,
            targets=self.targets,
            route_mismatches=self.route_mismatches,
            normalisations=self.normalisations if ended else (),
            agreement=self._agreement() if ended else UNSET,
            stale_notices=tuple(self._comparator.notices) if ended else (),
            summary=self.summary if ended else None,
            exit_code=self.exit_code if ended else None,
            interrupted=self.interrupted,
            shard=self.shard,
            cases_digest=self.cases_digest,
            known_digest=self.known_digest,
            self_check=self.self_check,
            selection=self.selection,
            known_ids=self.known.offered_ids(),
        )

    def _agreement(self) -> tuple[Agreement, ...] | UnsetType:
        return self._comparator.agreement() if len(self.targets) > 2 else UNSET

    @property
    def url_maps(self) -> dict[str, UrlMap]:
        """The rules of the apps, if the run reports them. Raises TargetError."""
        return self._engine.url_maps | self._attributor.url_maps

    def interrupt(self, why: BaseException | None = None) -> None:
        """Stop running cases; the run consists of what was recorded so far."""
        self.interrupted = True
        self._interruption = 130 if why is None else exit_code_of(why)
        self._comparisons.close()

    def close(self, seconds: float = INTERRUPTED) -> None:
        """Shut the apps and servers down."""
        self._engine.close(seconds)
        self._attributor.close(seconds)

    def _finish(self) -> None:
        for _ in self._comparisons:
            pass

    def _run(self, cases: Iterable[Case]) -> Generator[Comparison, None, None]:
        remaining = RemainingCases(cases)
        try:
            found = map(self._explained, self._engine.run(remaining))
            for comparison in chain(self._recalled(remaining), found):
                self._counts[comparison.verdict] += 1
                if self._keep:
                    self.comparisons.append(comparison)
                yield comparison
        except (KeyboardInterrupt, GeneratorExit):
            self.close(INTERRUPTED)
            raise
        finally:
            self.close(CLOSING)

    def _explained(self, comparison: Comparison) -> Comparison:
        return self._attributor.explain(comparison, self._comparator)

    def _recalled(self, remaining: Iterator[Case]) -> Iterator[Comparison]:
        """Yield the comparisons of an earlier run with the same cases."""
        if self._earlier is None:
            return
        self.recalling = True
        for comparison in self._earlier(remaining):
            self._comparator.count(comparison)
            yield comparison
        self.recalling = False


class RemainingCases(Iterator[Case]):
    """The remaining cases, and about how many there are."""

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
