"""Explain the differences of a comparison: evidence first, then fields, then code."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from msgspec import UNSET
from msgspec.structs import replace

from comparison.models import Comparison, Difference, Finding, TargetInfo

from .aftermath import Aftermath, decides, losses, without_session
from .both import facts_of_both
from .code_findings import Side, after_change, changes_that_ran, likeliest_change
from .combine import (
    distinct,
    fields_left,
    independent,
    join,
    layered,
    without_their_evidence,
)
from .differing import DifferingRequest
from .divergence import needs_lines
from .facts import Facts, Request, request_of, requests_that_differ
from .load import explanations_for
from .making import Made, made_otherwise
from .places import app_file
from .refined import refined
from .structure import structural
from .tier import Tier
from .without_rule import named_by_flask, similar_known, unknown_cause
from .wrapping import middleware_missing

_OUTCOME = frozenset({"status", "failure"})

MOST = 8
"""The most findings of one target in one request."""


class Explainer:
    """Explains comparisons of these targets, whose first is the reference.

    `versions` are those of the packages, which explanations may depend on.
    """

    def __init__(
        self, targets: Iterable[TargetInfo], versions: Mapping[str, str]
    ) -> None:
        self.targets = {target.name: target for target in targets}
        self.versions = versions
        self._files: dict[str, str] = {}
        self._aftermath = Aftermath()

    @cached_property
    def tier(self) -> Tier:
        """The explanations for these versions, loaded when a difference needs them."""
        return Tier(explanations_for(self.versions), self.targets)

    def explain(self, comparison: Comparison) -> Comparison:
        """Add the findings to a comparison with unexpected differences or a failure."""
        reference, *others = comparison.recordings
        findings: list[Finding] = []
        for name in others:
            if not comparison.unexpected:
                findings += self._failed_alike(comparison, reference, name)
            cause: list[Finding] = []
            lost: list[Finding] = []
            for number in requests_that_differ(comparison, name):
                found = self._request(comparison, reference, name, number, cause, lost)
                # A later request may behave differently because of this one.
                if not cause and decides(comparison, name, number):
                    cause = [f for f in found if f.layer == "app"][:1]
                lost = lost or losses(comparison, name, number, found)
                findings += found
            self._aftermath.remember(comparison, name, findings)
        if not findings:
            return comparison
        differences = tuple(layered(d, findings) for d in comparison.differences)
        # The causes of the outcome come first, then those in the app, in the order in
        # which they happened.
        ordered = sorted(
            findings, key=lambda f: (not _is_decisive(f), f.layer != "app")
        )
        return replace(comparison, differences=differences, findings=tuple(ordered))

    needs_lines = staticmethod(needs_lines)

    def explain_lines(self, comparison: Comparison, lines: Comparison) -> Comparison:
        """Say which line decides, by `lines`: the same case, recorded line by line."""
        found: list[Finding] = []
        for each in comparison.findings:
            for where in refined(comparison, lines, each):
                new = where is not each and not where.cause
                join(found, self._named_by_flask(where) if new else where)
        return replace(comparison, findings=tuple(found))

    def _named_by_flask(self, where: Finding) -> Finding:
        info = self.targets[where.target]
        return named_by_flask(where, info, self.tier.explanations)

    def _request(
        self,
        comparison: Comparison,
        reference: str,
        name: str,
        number: int,
        earlier: Sequence[Finding],
        lost: Sequence[Finding],
    ) -> list[Finding]:
        """Explain one request.

        `earlier` is the cause of a failed request before it, and `lost` that of work
        that an earlier request lost.
        """
        differences = [
            d
            for d in comparison.unexpected
            if d.target == name and (0 if d.request is UNSET else d.request) == number
        ]
        pair, facts = self._pair(comparison, (reference, name), number, differences)
        open_fields = dict.fromkeys(d.field for d in differences)
        without_server = {d.field for d in differences if d.layer == "framework"}
        found: list[Finding] = []
        raised: list[str] = []
        for finding, why in self.tier.findings(facts, (name, reference)):
            explained = [f for f in open_fields if re.fullmatch(why.fields, f)]
            if finding.layer == "server":
                # A server is not the cause of what also differs without it, unless it
                # decides the outcome.
                own = [f for f in explained if f not in without_server]
                explained = explained if _OUTCOME & set(own) else own
            if explained and not (why.fallback and found):
                found.append(replace(finding, fields=tuple(explained)))
                if "raised" in why.when and "coroutine" not in str(finding.evidence):
                    raised.append(finding.cause)
        # An exception that is not about a coroutine decides more than a lost coroutine.
        found = distinct(sorted(found, key=lambda each: each.cause not in raised))
        found = without_their_evidence(found, raised)
        codes = [f.text for side in facts.values() for f in side.get("status", ())]
        if (
            "status" in open_fields
            and max(codes, default="") >= "400"
            and any(each.layer == "app" for each in found)
        ):
            # Headers of an error page follow from the error.
            found = [f for f in found if f.layer != "framework" or "status" in f.fields]
        if earlier:
            found += [
                replace(
                    each, fields=tuple(fields_left(open_fields, found)), request=number
                )
                for each in earlier
            ]

        def session(case: DifferingRequest) -> Iterator[Finding]:
            return without_session(case, left, lost, number)

        def consequences(case: DifferingRequest) -> Iterator[Finding]:
            return self._aftermath.consequences(case, left, lost, number)

        for look in (self._structure, session, self._exceptions, self._code, consequences,
                     self._middleware, similar_known, self._aborted, self._other_code):  # fmt: skip
            left = fields_left(open_fields, found)
            if not left:
                break
            case = DifferingRequest(pair, facts, differences, reference, name)
            for finding in look(case):
                accounted = tuple(f for f in finding.fields or left if f in left)
                if accounted:
                    join(found, replace(finding, fields=accounted))
        left = independent(fields_left(open_fields, found), open_fields)
        # A mistake in a setup request has consequences in the later ones.
        if left and not earlier:
            case = DifferingRequest(pair, facts, differences, reference, name)
            found.append(replace(unknown_cause(case, left), fields=tuple(left)))
        return [
            replace(f, request=number, fields=f.fields or tuple(left))
            for f in found[:MOST]
        ]

    def _pair(
        self,
        comparison: Comparison,
        sides: tuple[str, str],
        number: int,
        differences: Sequence[Difference],
    ) -> tuple[dict[str, Request], dict[str, Facts]]:
        """Return the request of both sides, reference first, and the facts about it."""
        pair = {side: request_of(comparison.recordings[side], number) for side in sides}
        for side, request in pair.items():
            if file := app_file(request.trace, self.targets[side].spec):
                self._files[side] = file
        facts = facts_of_both(
            comparison, pair, number, differences, self.targets, self._file_of
        )
        return pair, facts

    def _failed_alike(
        self, comparison: Comparison, reference: str, name: str
    ) -> list[Finding]:
        """Name why both apps failed, although they do not differ."""
        sides = (reference, name)
        if any(comparison.recordings[side].exchange.failure is None for side in sides):
            return []
        pair, facts = self._pair(comparison, sides, 0, ())
        found = [
            finding
            for finding, why in self.tier.findings(facts, sides)
            if re.fullmatch(why.fields, "failure")
        ]
        if not found:
            case = DifferingRequest(pair, facts, (), reference, name)
            found = list(case.raised_in_both())
        return [replace(each, fields=("failure",)) for each in distinct(found)[:MOST]]

    def _structure(self, case: DifferingRequest) -> Iterator[Finding]:
        """Name routes, hooks and handlers that only one app ran, or how an app is made."""
        one, other = self._made(case)
        found = list(made_otherwise(one, other, case.differences))
        found += middleware_missing(one, other, case.differences, route=True)
        yield from found or structural(
            case.pair[case.reference], case.pair[case.name], case.reference, case.name,
            self._file_of(case.name),
        )  # fmt: skip

    def _middleware(self, case: DifferingRequest) -> Iterator[Finding]:
        """Name the middleware that only the reference has."""
        yield from middleware_missing(*self._made(case), case.differences, route=False)

    def _made(self, case: DifferingRequest) -> tuple[Made, Made]:
        one, other = (
            Made(each, self._file_of(each), self.targets[each].spec, case.pair[each])
            for each in (case.reference, case.name)
        )
        return one, other

    def _exceptions(self, case: DifferingRequest) -> Iterator[Finding]:
        """Name the exception that only one app raised, and the change behind it."""
        sides = self._sides(case)
        for raised in islice(case.raised_in_one_only(http=False), 1):
            yield after_change(raised, *sides) if sides else raised

    def _aborted(self, case: DifferingRequest) -> Iterator[Finding]:
        """Name the line where only one app gave up with an HTTP error."""
        yield from islice(case.raised_in_one_only(http=True), 1)

    def _code(self, case: DifferingRequest) -> Iterator[Finding]:
        """Name the statement that differs and has to do with what differs."""
        if sides := self._sides(case):
            yield from likeliest_change(*sides, case.differences)

    def _other_code(self, case: DifferingRequest) -> Iterator[Finding]:
        """Name the statements that differ in the functions that ran."""
        if sides := self._sides(case):
            yield from changes_that_ran(*sides, case.differences)

    def _sides(self, case: DifferingRequest) -> tuple[Side, Side] | None:
        """Return both apps with their code, or None if it is not in two files."""
        one, other = (
            Side(name, self._file_of(name), case.pair[name])
            for name in (case.reference, case.name)
        )
        in_two_files = one.file and other.file and one.file != other.file
        return (one, other) if in_two_files else None

    def _file_of(self, name: str) -> str:
        """Return the file of a target's code: the last that ran, or that of its SPEC."""
        if name not in self._files:
            self._files[name] = app_file((), self.targets[name].spec)
        return self._files[name]


def _is_decisive(finding: Finding) -> bool:
    return not _OUTCOME.isdisjoint(finding.fields)
