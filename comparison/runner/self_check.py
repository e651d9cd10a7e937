"""`run --self-check`: run the reference twice and propose rules for what differs.

If one app responds differently from one time to the next, that says nothing about two
apps.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import Literal

import msgspec
from msgspec import Struct

from comparison.core import toml_writer as toml
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
)
from comparison.models.rules import NormalisationRules
from comparison.targets import Target

from .run import Run

MOST = 1000  # rules, and fields without one, in memory: it stays flat
PROJECT = "[tool.comparison.normalisations]"
CASE = "[case.normalisations]"


class _Rule(Struct, frozen=True):
    """One rule, and the first case that needs it."""

    normalisations: NormalisationRules
    case: Case


def self_check(
    targets: dict[str, Target],
    cases: Collection[Case],
    timeout: float,
    jobs: int,
    redact: Callable[[Comparison], Comparison],
) -> SelfCheck:
    """Run every case on two instances of one app, and report what differs.

    `redact` returns a comparison without secrets. Raises TargetError as a run does.
    """
    run = Run(
        targets, cases, KnownDifferences(), timeout=timeout, keep=False, jobs=jobs
    )
    rules: dict[str, _Rule] = {}
    needed: Counter[str] = Counter()
    unexplained: list[Unexplained] = []
    differing = 0
    for comparison in run:
        if not comparison.differences:
            continue
        differing += 1
        found = _proposed(comparison)
        for each in _single(found):
            (name,) = each.names()
            if name in rules or len(rules) < MOST:
                rules.setdefault(name, _Rule(each, comparison.case))
                needed[name] += 1
        room = MOST - len(unexplained)
        unexplained += _unexplained(comparison, found, redact)[:room]
    return SelfCheck(
        target=next(iter(targets)),
        total=run.summary.total,
        differing=differing,
        proposals=tuple(_proposals(rules, needed)),
        unexplained=tuple(unexplained),
    )


def _proposed(comparison: Comparison) -> NormalisationRules:
    found = NormalisationRules()
    for one, other in _pairs(comparison):
        current = comparison.case.normalisations
        found = found.joined(proposed(one, other, current))
    return found


def _unexplained(
    comparison: Comparison,
    found: NormalisationRules,
    redact: Callable[[Comparison], Comparison],
) -> list[Unexplained]:
    """Return the differences that no rule removes, without secrets."""
    current = comparison.case.normalisations
    pairs = list(_pairs(comparison))
    left = {
        (0 if number == len(pairs) else number, field)
        for number, pair in enumerate(pairs, 1)
        for field in left_over(*pair, current, found)
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


def _pairs(comparison: Comparison) -> Iterator[tuple[Exchange, Exchange]]:
    one, other = comparison.recordings.values()
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
