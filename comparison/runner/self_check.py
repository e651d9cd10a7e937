"""`run --self-check`: run the reference twice and propose rules for what differs.

If one app responds differently from one time to the next, that says nothing about two
apps.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack

from msgspec import Struct

from comparison.diff.captured import CapturedValues, captured_values
from comparison.diff.hiding import hides
from comparison.diff.randomness import only_random
from comparison.diff.suggest_rules import left_over, proposed
from comparison.known import KnownDifferences
from comparison.models import (
    Case,
    Comparison,
    Exchange,
    Recording,
    SelfCheck,
    Unexplained,
    Withheld,
)
from comparison.models.rules import NormalisationRules
from comparison.targets import Target
from comparison.targets.url import UrlTarget
from comparison.verdict import Comparator

from .rule_proposals import Rule, proposals, single_rules
from .run import Run

MOST = 1000  # rules, and fields without one, in memory: it stays flat


class _Noisy(Struct, frozen=True):
    """A case to which one app responds differently each time, and the rules for that."""

    case: Case
    noise: tuple[tuple[Exchange, Exchange], ...]
    rules: tuple[NormalisationRules, ...]


class _Check:
    """Collects the noise of one app, and the rules that remove it.

    `writers` are the ids of the cases that may write what the second run then sees.
    """

    def __init__(
        self, redact: Callable[[Comparison], Comparison], writers: Collection[str]
    ) -> None:
        self.redact = redact
        self.writers = writers
        self.total = 0
        self.skipped: list[str] = []
        self.doubtful: list[Case] = []
        self.differing = 0
        self.rules: dict[str, Rule] = {}
        self.needed: Counter[str] = Counter()
        self.noisy: list[_Noisy] = []
        self.unexplained: list[Unexplained] = []

    def add(self, comparison: Comparison) -> None:
        """Add the comparison of two runs of one case."""
        case = comparison.case
        if not self.writers or _only_random(comparison):
            self.count(comparison)
        elif case.id in self.writers or len(self.doubtful) >= MOST:
            self.skipped.append(case.id)
        else:
            self.doubtful.append(case)

    def add_alone(self, comparison: Comparison) -> None:
        """Add two more runs of a doubtful case, with no case that writes before them."""
        if comparison.differences:
            self.count(comparison)
        else:
            self.skipped.append(comparison.case.id)

    def count(self, comparison: Comparison) -> None:
        """Add a comparison whose differences are noise."""
        case = comparison.case
        self.total += 1
        if not comparison.differences:
            return
        self.differing += 1
        found = _proposed(comparison)
        single = tuple(single_rules(found))
        for each in single:
            (name,) = each.names()
            if name in self.rules or len(self.noisy) < MOST:
                self.rules.setdefault(name, Rule(each, case))
                self.needed[name] += 1
        if single and len(self.noisy) < MOST:
            pairs = tuple(_pairs(*comparison.recordings.values()))
            self.noisy.append(_Noisy(case, pairs, single))
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
    state needs neither: then the instances run in turns. Else a difference may come from what
    the first run wrote, unless it is random. If anything differs, the targets run that case
    too: a rule that would hide a difference between them is not proposed.
    `redact` returns a comparison without secrets. Raises TargetError as a run does.
    """
    instances = load_instances()
    resets = any(instance.resetting for instance in instances.values())
    run_twice = _run_in_turns if resets else _run_in_processes
    chosen = cases
    if not resets and any(isinstance(t, UrlTarget) for t in instances.values()):
        chosen = [case for case in cases if case.safe]
    writers = frozenset(c.id for c in chosen if not (c.safe or c.fresh or resets))
    check = _Check(redact, writers)
    if chosen is not cases:
        check.skipped += [case.id for case in cases if not case.safe]
    for comparison in run_twice(instances, chosen, timeout, jobs):
        check.add(comparison)
    if check.doubtful:
        for comparison in run_twice(load_instances(), check.doubtful, timeout, jobs):
            check.add_alone(comparison)
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
        proposals=tuple(proposals(check.rules, check.needed)),
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


def _only_random(comparison: Comparison) -> bool:
    rules, captured = comparison.case.normalisations, _captured(comparison)
    pairs = _pairs(*comparison.recordings.values())
    return all(only_random(*pair, rules, captured) for pair in pairs)


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
