"""Write the rules that a self-check proposes, for the project or for single cases."""

from collections import Counter
from typing import Literal

import msgspec
from msgspec import Struct

from comparison.core import toml_writer as toml
from comparison.diff.normalise import described
from comparison.models import Case, Normalisation, Proposal
from comparison.models.rules import NormalisationRules

PROJECT = "[tool.comparison.normalisations]"
CASE = "[case.normalisations]"


class Rule(Struct, frozen=True):
    """One rule, and the first case that needs it."""

    normalisations: NormalisationRules
    case: Case


def single_rules(normalisations: NormalisationRules) -> list[NormalisationRules]:
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


def proposals(rules: dict[str, Rule], needed: Counter[str]) -> list[Proposal]:
    """Propose a rule for the project if several cases need it, else for its case."""
    found: list[Proposal] = []
    several = {name: rule for name, rule in rules.items() if needed[name] > 1}
    if several:
        found.append(_proposal("project", several, needed))
    by_case: dict[str, dict[str, Rule]] = {}
    for name, rule in rules.items():
        if name not in several:
            by_case.setdefault(rule.case.id, {})[name] = rule
    return [*found, *(_proposal("case", each, needed) for each in by_case.values())]


def _proposal(
    scope: Literal["project", "case"], rules: dict[str, Rule], needed: Counter[str]
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
