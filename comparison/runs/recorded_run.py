"""Compare two recordings as a run compares the responses of two targets."""

import math
from collections import Counter
from collections.abc import Collection, Iterator

import msgspec

from comparison.cases import select_cases
from comparison.core.errors import NoCaseSelected
from comparison.models import (
    Case,
    Comparison,
    Exchange,
    Failure,
    Finding,
    Recording,
    RunHeader,
    SentRequest,
    Summary,
    TargetInfo,
)
from comparison.redaction import redacted
from comparison.runner.engine import Attributor
from comparison.runner.environment import environment
from comparison.runner.settings import DEFAULT_TARGETS, RunSettings
from comparison.verdict import Comparator

from .recordings import Source, paired, renamed


class RecordedRun:
    """A comparison of two recordings; iterate over it, then read the header.

    The case files of the settings give expectations and rules to the cases with the same
    ids. A recording that only one side has is a failure of the other. Raises
    NoCaseSelected if no recording matches the expression, UsageError or DocumentError for
    settings that are wrong.
    """

    def __init__(
        self,
        reference: Source,
        candidate: Source,
        settings: RunSettings,
        expression: str | None,
        command: str,
    ) -> None:
        every = [each.case for each in (*reference.recorded, *candidate.recorded)]
        ids = {case.id for case in select_cases(every, expression)}
        self.sources = _selected(reference, ids), _selected(candidate, ids)
        self.targets = renamed(reference, candidate)
        self.settings = settings
        self.command = command
        twins = all(_is_twin(info) for info in self.targets)
        self.redacts = settings.project.config.redact and not twins
        self.cases: dict[str, Case] = {}
        if settings.paths or twins:
            self.cases = {case.id: case for case in settings.load_cases()}
        known = settings.load_known(bundled=twins)
        # The recordings may be years apart.
        self._comparator = Comparator(self.targets, known, math.inf)
        self._attributor = Attributor({}, self.targets, math.inf)
        self._counts: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Comparison]:
        """Yield each comparison, without secrets.

        Raises UsageError as `Comparator.compare` does.
        """
        for case, reference, candidate in paired(*self.sources):
            recordings = {
                info.name: found or _missing(case, source)
                for info, source, found in zip(
                    self.targets, self.sources, (reference, candidate), strict=True
                )
            }
            (plain,) = self.settings.with_project_rules([case])
            written = self.cases.get(case.id, plain)
            comparison = self._comparator.compare(written, recordings)
            if reference is None or candidate is None:
                source = self.sources[candidate is None]
                explained = _explained(comparison, source)
            else:
                explained = self._attributor.explain(comparison, self._comparator)
            self._counts[explained.verdict] += 1
            yield redacted(explained) if self.redacts else explained

    @property
    def exit_code(self) -> int:
        """0 if nothing differs unexpectedly, 1 if anything does, 5 without recordings."""
        if not self._counts.total():
            return NoCaseSelected.exit_code
        return int(bool(self._counts["different"] or self._counts["failed"]))

    def header(self, ended: bool = True) -> RunHeader:
        """Return the comparison without its cases: the start of a document."""
        made = RunHeader(
            command=self.command,
            environment=self.sources[0].environment or environment(),
            targets=self.targets,
            normalisations=self._comparator.applied.summary() if ended else (),
            stale_notices=tuple(self._comparator.notices) if ended else (),
            summary=Summary(**self._counts) if ended else None,
            exit_code=self.exit_code if ended else None,
            known_ids=self._comparator.known.offered_ids(),
        )
        return self.settings.redact_header(made)


def _selected(source: Source, ids: Collection[str]) -> Source:
    found = [each for each in source.recorded if each.case.id in ids]
    return msgspec.structs.replace(source, recorded=found)


def _is_twin(info: TargetInfo) -> bool:
    """Return whether a recording is of a bundled app, which has no secrets."""
    app = info.spec.partition("@")[0].partition(":")[0]
    return any(spec.partition("=")[2] == app for spec in DEFAULT_TARGETS)


def _explained(comparison: Comparison, source: Source) -> Comparison:
    """Add the finding that a source has no such recording."""
    _, target = comparison.recordings
    finding = Finding(
        target=target,
        summary=f"{source.path} has no such recording.",
        remedy="Record it there too, or select the other cases with -k.",
        layer="client",
        fields=("failure",),
    )
    differences = tuple(
        msgspec.structs.replace(d, layer="client") for d in comparison.differences
    )
    return msgspec.structs.replace(
        comparison, differences=differences, findings=(finding,)
    )


def _missing(case: Case, source: Source) -> Recording:
    request = case.request
    headers = request.headers
    pairs = tuple(headers.items()) if isinstance(headers, dict) else headers
    sent = SentRequest(request.method, request.path, pairs)
    failure = Failure("unsupported", f"{source.path} has no such recording")
    return Recording(Exchange(sent, None, failure), (), (), ())
