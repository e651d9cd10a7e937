"""Run one case at a time on targets that stay open."""

from collections.abc import Iterable, Iterator, Mapping

from comparison.causes import Explainer
from comparison.core.errors import UsageError
from comparison.known import KnownDifferences
from comparison.models import Case, Comparison, RunHeader
from comparison.targets import Target

from .engine import Attributor, open_engine
from .environment import environment
from .messages import Settings, UrlMap
from .run import DEFAULT_TIMEOUT


class CaseRunner:
    """Runs one case at a time on targets that stay open until it is closed.

    Without `tables`, recordings have no execution table and no variables, which saves time.
    `local` targets are loaded in this process.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        known: KnownDifferences,
        timeout: float = DEFAULT_TIMEOUT,
        *,
        tables: bool = True,
        url_maps: bool = False,
        local: bool = False,
    ) -> None:
        if len(targets) < 2:
            raise UsageError("a comparison needs two targets or more")
        self.targets = targets
        settings = Settings(timeout, tables=tables)
        self._engine = open_engine(
            targets, known, settings, local=local, url_maps=url_maps
        )
        self._attributor = Attributor(targets, timeout, local=local)
        self.infos = self._engine.infos
        self._explainer = Explainer(self.infos, known.versions)
        self._judge = self._engine.judge

    @property
    def url_maps(self) -> dict[str, UrlMap]:
        """The rules of the apps, if it reports them. Raises TargetError."""
        return self._engine.url_maps | self._attributor.url_maps

    def run(self, case: Case, *, lines: bool = False) -> Comparison:
        """Compare one case, with its lines recorded or not.

        Raises TargetError as a run does.
        """
        (comparison,) = self.run_all([case], lines=lines)
        return comparison

    def run_all(
        self, cases: Iterable[Case], *, lines: bool = False
    ) -> Iterator[Comparison]:
        """Compare each case, in order. Raises TargetError as a run does."""
        for comparison in self._engine.run(cases, lines=lines):
            attributed = self._attributor.attribute(comparison, self._judge)
            yield self._explainer.explain(attributed)

    def header(self, command: str) -> RunHeader:
        """Return the header of a document about the comparisons since the last header."""
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
        self._engine.close()
        self._attributor.close()
