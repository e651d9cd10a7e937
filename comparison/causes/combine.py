"""Combine the findings of one request, and the fields that are left without one."""

from collections.abc import Collection, Iterable

from msgspec import UNSET
from msgspec.structs import replace

from comparison.models import Difference, Finding

from .places import Place, statement_at


def distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Drop a later finding about the same statement: the first is the most specific."""
    found: list[Finding] = []
    for finding in findings:
        same = (
            each
            for each in found
            if (finding.place and _same_statement(each, finding))
            or (not finding.place and each.cause == finding.cause)
        )
        if next(same, None) is None:
            found.append(finding)
    return found


def _same_statement(one: Finding, other: Finding) -> bool:
    if one.place == other.place:
        return True
    places = [statement_at(each.file, each.line) for each in (one, other)]
    return one.remedy == other.remedy and places[0] == places[1] != Place()


def without_their_evidence(
    findings: Iterable[Finding], causes: Collection[str]
) -> list[Finding]:
    """Drop the evidence of these causes from other findings, which did not lead to it."""
    findings = list(findings)
    theirs = {e for each in findings if each.cause in causes for e in each.evidence}
    return [
        finding
        if finding.cause in causes
        else replace(
            finding, evidence=tuple(e for e in finding.evidence if e not in theirs)
        )
        for finding in findings
    ]


def join(findings: list[Finding], finding: Finding) -> None:
    """Add a finding, or its fields to an earlier one that says as much of the same place.

    Two causes at one line are two mistakes.
    """
    for index, each in enumerate(findings):
        says_as_much = each.cause == finding.cause or not finding.cause
        if finding.place and each.place == finding.place and says_as_much:
            fields = dict.fromkeys([*each.fields, *finding.fields])
            findings[index] = replace(each, fields=tuple(fields))
            return
    findings.append(finding)


def fields_left(fields: Iterable[str], findings: Iterable[Finding]) -> list[str]:
    """Return the fields that no finding accounts for."""
    explained = {field for finding in findings for field in finding.fields}
    return [field for field in fields if field not in explained]


def independent(left: Iterable[str], differing: Collection[str]) -> list[str]:
    """Return the fields without the length, if it differs because the body does."""
    length = "header:content-length"
    return [field for field in left if field != length or "body" not in differing]


def layered(difference: Difference, findings: Iterable[Finding]) -> Difference:
    """Move a difference from the framework to the app, unless a finding says otherwise."""
    if difference.known is not None or difference.layer != "framework":
        return difference
    number = 0 if difference.request is UNSET else difference.request
    for finding in findings:
        if finding.request == number and difference.field in finding.fields:
            return replace(difference, layer=finding.layer)
    return replace(difference, layer="app")
