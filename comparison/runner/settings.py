"""Resolve cases and targets from the options, then from the project's settings."""

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from comparison.core.errors import TargetError, UsageError, nearest
from comparison.core.plural import counted
from comparison.core.start_timeout import start_timeout

from .config import Project, find_project
from .starting import Starting
from .target_tables import give_options, without_prefixes

if TYPE_CHECKING:
    from comparison.known import KnownDifferences
    from comparison.models import (
        Case,
        Comparison,
        RouteMismatch,
        RunHeader,
        Selection,
    )
    from comparison.targets import Target

    from .messages import UrlMap

DEFAULT_TARGETS = ("flask=flask_app", "quart=quart_app")
WORTH_IT = 100  # cases; for fewer, another process costs more time than it saves


class RunSettings:
    """The settings of a run: from the options, the project, and the environment.

    Raises UsageError or DocumentError.
    """

    def __init__(
        self,
        targets: tuple[str, ...],
        paths: tuple[str, ...],
        known: tuple[str, ...],
        timeout: float | None,
        project: Project | None = None,
        allow_files: bool = False,
    ) -> None:
        start_timeout()  # An invalid one is not an error of the project or a target.
        self.project = find_project() if project is None else project
        config = self.project.config
        self.given = targets
        self.secrets: tuple[str, ...] = ()
        self.allow_files = allow_files
        self.paths = paths or self.project.paths(config.cases)
        self.known = known or self.project.paths(config.known)
        self.timeout = timeout or config.timeout

    def with_project_rules(self, cases: Iterable["Case"]) -> list["Case"]:
        """Add the project's normalisation rules to the cases' own."""
        from comparison.cases import with_normalisations

        normalisations = self.project.config.normalisations
        return [with_normalisations(case, normalisations) for case in cases]

    def redact_comparison(self, comparison: "Comparison") -> "Comparison":
        """Return a comparison without secrets, for reports.

        The catalogue has none: its cookies are part of the lesson.
        """
        if not (self.paths or self.secrets) or not self.project.config.redact:
            return comparison
        from comparison.redaction import redacted

        return redacted(comparison, self.secrets)

    def redact_case(self, case: "Case") -> "Case":
        """Return a case without its secrets, for pages that show it before it runs."""
        if not self.paths or not self.project.config.redact:
            return case
        from comparison.redaction import redacted_case

        return redacted_case(case)

    def redact_header(self, header: "RunHeader") -> "RunHeader":
        """Return a header for reports, without the secrets in SPECs and settings."""
        if not self.project.config.redact:
            return header
        import msgspec

        from comparison.redaction import redacted_targets

        targets = redacted_targets(header.targets)
        return msgspec.structs.replace(header, targets=targets)

    @contextmanager
    def hiding(self, cases: Iterable["Case"]) -> Iterator[None]:
        """Attach the secrets of the cases to any error that ends their run."""
        try:
            yield
        except Exception as error:
            if (self.paths or self.secrets) and self.project.config.redact:
                from comparison.redaction import hide_secrets, secrets_of_case

                of_cases = (s for case in cases for s in secrets_of_case(case))
                hide_secrets(error, (*self.secrets, *of_cases))
            raise

    def load_cases(self) -> Collection["Case"]:
        """Load the cases, with the project's normalisation rules.

        Without case files, these are the catalogue for the bundled apps, and drafts for
        others. Raises UsageError or TargetError.
        """
        from comparison.cases import store_cases

        if not self.paths and not self.uses_twins:
            from .drafted import drafted_cases

            return drafted_cases(self.specs, self.project.config.normalisations)
        return store_cases(
            *self.paths,
            normalisations=self.project.config.normalisations,
            allow_files=self.allow_files,
        )

    def selection(self, expression: str | None) -> "Selection":
        """Return the selection of cases, for the header of a run."""
        from comparison.models import Selection

        cases, known = map(self.project.names, (self.paths, self.known))
        return Selection(cases, known, expression or "")

    def jobs(self, cases: int) -> int:
        """Return how many processes share the cases by default.

        One, because apps may share a database. The catalogue's apps do not, so they get
        more. Only Linux can fork safely.
        """
        ours = not (self.paths or self.given or self.project.targets)
        if not ours or sys.platform != "linux":
            return 1
        return max(1, min(len(os.sched_getaffinity(0)), cases // WORTH_IT))

    def load_known(self, bundled: bool | None = None) -> "KnownDifferences":
        """Load the known differences; those of the catalogue with the catalogue."""
        from comparison.known import BUNDLED, ON_SERVERS, STACKS, load_known

        from .environment import environment

        catalogue = not self.paths and self.uses_twins
        wanted = catalogue if bundled is None else bundled
        ours = [BUNDLED, ON_SERVERS, STACKS] if wanted else [STACKS]
        paths: list[str | Path] = [*self.known, *ours]
        return load_known(paths, environment().packages)

    def unknown_cases(self, cases: Iterable["Case"]) -> Iterator[str]:
        """Yield a warning for each known difference that names an unknown case.

        `cases` are all cases, selected or not.
        """
        if not self.known:
            return
        from comparison.known import EVERY_CASE, load_known

        ids = {EVERY_CASE, *(case.id for case in cases)}
        for entry in load_known(self.known):
            for case in entry.cases:
                if case not in ids:
                    hint = nearest(case, ids)
                    yield f"known difference {entry.id!r}: no case {case!r}{hint}"

    def without_cause(self) -> Iterator[str]:
        """Yield a reminder for each file with known differences that have no cause yet."""
        if not self.known:
            return
        from comparison.known import load_known

        for path in self.known:
            number = sum(not entry.cause for entry in load_known([path]))
            if number:
                entries = counted(
                    number, "known difference has", "known differences have"
                )
                yield f"{path}: {entries} no cause yet"

    def route_mismatches(
        self, url_maps: "Mapping[str, UrlMap]"
    ) -> "tuple[RouteMismatch, ...]":
        """Return the rules that only some of the targets' apps have."""
        from comparison.cases import route_mismatches

        known = without_prefixes(url_maps, self.project)
        return route_mismatches(known, self.project.config.ignore_rules)

    @property
    def uses_twins(self) -> bool:
        """Return whether all targets are the bundled apps, which store no request data."""
        twins = {spec.partition("=")[2] for spec in DEFAULT_TARGETS}
        apps = {spec.partition("=")[2].partition("@")[0] for spec in self.specs}
        return {app.partition(":")[0] for app in apps} <= twins

    @contextmanager
    def starting(
        self,
        *,
        keep_alive: bool = False,
        alone: bool = False,
        rate: float | None = None,
    ) -> Iterator["Starting"]:
        """Start the process that will load the apps, if one is needed."""
        from comparison.core.processes.child import CAN_FORK

        ahead = None
        # A rate limiter cannot be shared with another process.
        if CAN_FORK and rate is None and any(map(_names_app, self.specs)):
            from .ahead import HOST, start_ahead

            self._add_path()
            ahead = start_ahead(HOST)
        load = partial(self.load_targets, keep_alive=keep_alive, alone=alone, rate=rate)
        starting = Starting(load, ahead)
        try:
            yield starting
        finally:
            starting.close()

    def load_targets(
        self,
        *,
        keep_alive: bool = False,
        alone: bool = False,
        rate: float | None = None,
    ) -> dict[str, "Target"]:
        """Load the targets. Raises UsageError or TargetError."""
        return self._resolved(self.specs, keep_alive, alone, rate)

    def load_two_instances(
        self, *, keep_alive: bool = False, rate: float | None = None
    ) -> dict[str, "Target"]:
        """Load the reference and another instance of it. Raises as `load_targets` does."""
        reference = self.specs[0]
        name, _, spec = reference.partition("=")
        twice = (reference, f"{name} again={spec}")
        found = self._resolved(twice, keep_alive, False, rate)
        from comparison.targets.url import UrlTarget

        one, other = found.values()
        if isinstance(other, UrlTarget) and isinstance(one, UrlTarget):
            other.rate_limiter = one.rate_limiter  # it is the same server
        return found

    @property
    def specs(self) -> tuple[str, ...]:
        """The targets, each as `NAME=SPEC`; the first is the reference."""
        return self.given or self.project.targets or DEFAULT_TARGETS

    def _resolved(
        self,
        specs: tuple[str, ...],
        keep_alive: bool,
        alone: bool,
        rate: float | None,
    ) -> dict[str, "Target"]:
        from comparison.targets import resolve_targets

        if self.given or not self.project.targets:
            found = resolve_targets(
                specs, keep_alive=keep_alive, alone=alone, rate=rate
            )
        else:
            self._add_path()
            with self.located():
                found = resolve_targets(specs, keep_alive=keep_alive, rate=rate)
        self.secrets += give_options(found, specs, self.project)
        return found

    def _add_path(self) -> None:
        """Make the project's modules importable, if the project names the targets."""
        root = str(self.project.root.resolve())
        if self.project.targets and not self.given and root not in sys.path:
            sys.path.insert(0, root)

    @contextmanager
    def located(self) -> Iterator[None]:
        """Name the place in pyproject.toml of a target that is wrong."""
        try:
            yield
        except (UsageError, TargetError) as error:
            if self.given or not self.project.targets:
                raise
            where = f"{self.project.path}:{self.project.targets_line}"
            raise type(error)(f"{where}: {error}") from error


def _names_app(target: str) -> bool:
    """Return whether a `NAME=SPEC` is neither on a server nor at a URL."""
    return "@" not in target and "://" not in target
