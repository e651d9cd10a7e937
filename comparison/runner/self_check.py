"""`run --self-check`: run the reference twice and propose rules for what differs.

If one app responds differently from one time to the next, that says nothing about two
apps.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from typing import Literal

import msgspec
from msgspec import Struct

from comparison.core import toml_writer as toml
from comparison.diff.captured import CapturedValues, captured_values
from comparison.diff.hiding import hides
from comparison.diff.normalise import described
from comparison.diff.suggest_rules import left_over, proposed
from comparison.known import KnownDifferences
from comparison.models import (
    Case,
    Comparison,
    Exchange,
    Normalisation,
    Proposal,
    Recording,
    SelfCheck,
    Unexplained,
    Withheld,
)
from comparison.models.rules import NormalisationRules
from comparison.targets import Target
from comparison.targets.url import UrlTarget
from comparison.verdict import Comparator

from .run import Run

MOST = 1000  # rules, and fields without one, in memory: it stays flat
PROJECT = "[tool.comparison.normalisations]"
CASE = "[case.normalisations]"


class _Rule(Struct, frozen=True):
    """One rule, and the first case that needs it."""

    normalisations: NormalisationRules
    case: Case


class _Noisy(Struct, frozen=True):
    """A case to which one app responds differently each time, and the rules for that."""

    case: Case
    noise: tuple[tuple[Exchange, Exchange], ...]
    rules: tuple[NormalisationRules, ...]


class _Check:
    """Collects the noise of one app, and the rules that remove it."""

    def __init__(
        self, redact: Callable[[Comparison], Comparison], resets: bool
    ) -> None:
        self.redact = redact
        self.resets = resets
        self.total = 0
        self.skipped: list[str] = []
        self.differing = 0
        self.rules: dict[str, _Rule] = {}
        self.needed: Counter[str] = Counter()
        self.noisy: list[_Noisy] = []
        self.unexplained: list[Unexplained] = []

    def add(self, comparison: Comparison) -> None:
        """Add the comparison of two runs of one case."""
        case = comparison.case
        fields = {difference.field for difference in comparison.differences}
        fresh = case.safe or case.fresh or self.resets
        if not fresh and fields & {"status", "failure"}:
            # The second run found what the first one wrote outside of its process.
            self.skipped.append(case.id)
            return
        self.total += 1
        if not fields:
            return
        self.differing += 1
        found = _proposed(comparison)
        single = tuple(_single(found))
        for each in single:
            (name,) = each.names()
            if name in self.rules or len(self.noisy) < MOST:
                self.rules.setdefault(name, _Rule(each, comparison.case))
                self.needed[name] += 1
        if single and len(self.noisy) < MOST:
            pairs = tuple(_pairs(*comparison.recordings.values()))
            self.noisy.append(_Noisy(comparison.case, pairs, single))
        room = MOST - len(self.unexplained)
        self.unexplained += _unexplained(comparison, found, self.redact)[:room]

    def withhold(self, noisy: _Noisy, comparison: Comparison) -> Iterator[Withheld]:
        """Yield the rules that would hide a difference between the apps; drop them."""
        reference, *candidates = comparison.recordings.values()
        names = list(comparison.recordings)[1:]
        for rule in noisy.rules:
            (name,) = rule.names()
            for target, candidate in zip(names, candidates, strict=True):
                both = zip(noisy.noise, _pairs(reference, candidate), strict=False)
                if name in self.rules and any(hides(rule, *each) for each in both):
                    del self.rules[name]
                    yield Withheld(name, comparison.case.id, target)


def self_check(
    load_instances: Callable[[], dict[str, Target]],
    load_targets: Callable[[], dict[str, Target]],
    cases: Collection[Case],
    timeout: float,
    jobs: int,
    redact: Callable[[Comparison], Comparison],
) -> SelfCheck:
    """Run every case on two instances of one app, and report what differs.

    The instances are in separate processes, so they share no state in memory. At a URL
    they are the same server, so cases that may write do not run. A project that resets the
    state needs neither: then the instances run in turns. If anything differs, the targets
    run that case too: a rule that would hide a difference between them is not proposed.
    `redact` returns a comparison without secrets. Raises TargetError as a run does.
    """
    instances = load_instances()
    resets = any(instance.resetting for instance in instances.values())
    check = _Check(redact, resets)
    chosen = cases
    run_twice = _run_in_turns if resets else _run_in_processes
    if not resets and any(isinstance(t, UrlTarget) for t in instances.values()):
        chosen = [case for case in cases if case.safe]
        check.skipped += [case.id for case in cases if not case.safe]
    for comparison in run_twice(instances, chosen, timeout, jobs):
        check.add(comparison)
    withheld: list[Withheld] = []
    if check.noisy:
        every = [noisy.case for noisy in check.noisy]
        run = Run(
            load_targets(), every, KnownDifferences(), timeout=timeout, keep=False,
            jobs=jobs,
        )  # fmt: skip
        for noisy, comparison in zip(check.noisy, run, strict=True):
            withheld += check.withhold(noisy, comparison)
    return SelfCheck(
        target=next(iter(instances)),
        total=check.total,
        differing=check.differing,
        proposals=tuple(_proposals(check.rules, check.needed)),
        unexplained=tuple(check.unexplained),
        skipped=tuple(check.skipped),
        withheld=tuple(withheld),
    )


def _run_in_turns(
    instances: dict[str, Target], cases: Collection[Case], timeout: float, jobs: int
) -> Iterator[Comparison]:
    """Run the cases on both instances as a run does, with the resets of the project."""
    yield from Run(
        instances, cases, KnownDifferences(), timeout=timeout, keep=False, jobs=jobs
    )


def _run_in_processes(
    instances: dict[str, Target], cases: Collection[Case], timeout: float, jobs: int
) -> Iterator[Comparison]:
    """Run the cases on each instance in its own process; yield the comparisons."""
    with ExitStack() as stack:
        runs = []
        for name, target in instances.items():
            run = Run(
                {name: target}, cases, KnownDifferences(), timeout=timeout, keep=False,
                jobs=jobs, alone=True,
            )  # fmt: skip
            stack.callback(run.close)
            runs.append(run)
        infos = [info for run in runs for info in run.targets]
        comparator = Comparator(infos, KnownDifferences())
        for one, other in zip(*runs, strict=True):
            yield comparator.compare(one.case, {**one.recordings, **other.recordings})


def _proposed(comparison: Comparison) -> NormalisationRules:
    found = NormalisationRules()
    captured = _captured(comparison)
    for one, other in _pairs(*comparison.recordings.values()):
        current = comparison.case.normalisations
        found = found.joined(proposed(one, other, current, captured))
    return found


def _unexplained(
    comparison: Comparison,
    found: NormalisationRules,
    redact: Callable[[Comparison], Comparison],
) -> list[Unexplained]:
    """Return the differences that no rule removes, without secrets."""
    current = comparison.case.normalisations
    captured = _captured(comparison)
    pairs = list(_pairs(*comparison.recordings.values()))
    left = {
        (0 if number == len(pairs) else number, field)
        for number, pair in enumerate(pairs, 1)
        for field in left_over(*pair, current, found, captured)
    }
    if not left:
        return []
    return [
        Unexplained(
            comparison.case.id, difference.field, difference.reference,
            difference.candidate, difference.request,
        )
        for difference in redact(comparison).differences
        if (difference.request or 0, difference.field) in left
    ]  # fmt: skip


def _captured(comparison: Comparison) -> CapturedValues | None:
    exchanges = map(_exchanges, comparison.recordings.values())
    return captured_values(comparison.case, *exchanges)


def _pairs(one: Recording, other: Recording) -> Iterator[tuple[Exchange, Exchange]]:
    return zip(_exchanges(one), _exchanges(other), strict=False)


def _exchanges(recording: Recording) -> tuple[Exchange, ...]:
    return (*recording.setup, recording.exchange)


def _single(normalisations: NormalisationRules) -> list[NormalisationRules]:
    """Return the same rules, each as a separate object."""
    return [
        *([NormalisationRules(json=True)] if normalisations.json else []),
        *(NormalisationRules(presence=(name,)) for name in normalisations.presence),
        *(NormalisationRules(ignore=(place,)) for place in normalisations.ignore),
        *(NormalisationRules(unordered=(place,)) for place in normalisations.unordered),
        *(
            NormalisationRules(match={place: kind})
            for place, kind in normalisations.match.items()
        ),
        *(NormalisationRules(patterns=(kind,)) for kind in normalisations.patterns),
    ]


def _proposals(rules: dict[str, _Rule], needed: Counter[str]) -> list[Proposal]:
    """Propose a rule for the project if several cases need it, else for its case."""
    found: list[Proposal] = []
    several = {name: rule for name, rule in rules.items() if needed[name] > 1}
    if several:
        found.append(_proposal("project", several, needed))
    by_case: dict[str, dict[str, _Rule]] = {}
    for name, rule in rules.items():
        if name not in several:
            by_case.setdefault(rule.case.id, {})[name] = rule
    return [*found, *(_proposal("case", each, needed) for each in by_case.values())]


def _proposal(
    scope: Literal["project", "case"], rules: dict[str, _Rule], needed: Counter[str]
) -> Proposal:
    joined = NormalisationRules()
    for rule in rules.values():
        joined = joined.joined(rule.normalisations)
    plain = msgspec.to_builtins(joined)
    lines = [f"{name} = {toml.value(value)}" for name, value in plain.items()]
    case = next(iter(rules.values())).case
    return Proposal(
        scope=scope,
        case=case.id,
        origin=case.origin,
        rules=tuple(Normalisation(n, needed[n], described(n)) for n in rules),
        toml="\n".join([PROJECT if scope == "project" else CASE, *lines]),
    )
