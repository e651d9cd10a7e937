"""Describe a case with unexpected results in a few lines, the cause before the symptom.

Every format prints these lines: the verdict with the fields that differ, then each cause
with its place and remedy, then what differs.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Literal, NamedTuple

from msgspec import UNSET

from comparison.core.escaping import visible_line
from comparison.core.plural import counted
from comparison.models import Comparison, Difference, Finding, Recording

from .body_diff import body_lines
from .layers import layer_line
from .todo import unmet_alike
from .values import of_request, short_value, unmet_line, value_pair
from .wording import MARKS, failure_lines

Kind = Literal["head", "place", "evidence", "cause", "remedy", "-", "+", "note"]

ERROR = 400  # the first status of an error (RFC 9110 section 15.5)
MAX_DIFF = 12
MAX_FINDINGS = 4
MAX_ARROW = 60
"""The most characters of a value that we print on one line with the other side's."""


class Line(NamedTuple):
    """A line of a block, and what it says."""

    kind: Kind
    text: str


def case_block(
    comparison: Comparison, findings: Sequence[Finding] | None = None
) -> list[Line]:
    """Return the lines about a case. `findings` are those to print, by default all."""
    every = comparison.findings if findings is None else findings
    findings = list({finding.key: finding for finding in reversed(every)}.values())[
        ::-1
    ]
    lines = [Line("head", headline(comparison))]
    for finding in findings[:MAX_FINDINGS]:
        lines += finding_lines(finding)
    if len(findings) > MAX_FINDINGS:
        more = f"and {counted(len(findings) - MAX_FINDINGS, 'more cause')}"
        lines.append(Line("note", more))
    differing = list(_differing(comparison))
    lines += differing[:MAX_DIFF]
    if len(differing) > MAX_DIFF:
        more = f"… {len(differing) - MAX_DIFF} more lines"
        lines.append(Line("note", f"{more}: comparison show {comparison.case.id}"))
    return [Line(kind, visible_line(text)) for kind, text in lines]


def headline(comparison: Comparison) -> str:
    """Return the mark, the id and the request of a case, and the fields that differ."""
    case = comparison.case
    several = len(comparison.recordings) > 2
    failing = {d.target for d in comparison.unexpected if _failed(comparison, d)}
    fields = [
        _field(difference, named=several)
        for difference in without_lengths_of_bodies(comparison.unexpected)
        if difference.target not in failing or difference.field in _SHOWN_OF_FAILED
    ]
    unmet = [f for f in comparison.expectation.failures if f.known is None]
    if not fields and unmet:
        named = dict.fromkeys(f"{f.field}{of_request(f.request)}" for f in unmet)
        fields = [f"not as expected: {', '.join(named)}"]
    if not fields and comparison.failing_stale:
        fields = ["known difference that no longer occurs"]
    what = ", ".join(dict.fromkeys(fields)) or comparison.verdict
    return f"{MARKS[comparison.verdict]} {case.id}  {case.request.request_line}  {what}"


_SHOWN_OF_FAILED = ("status", "failure", "effect")


def finding_lines(finding: Finding) -> Iterator[Line]:
    """Yield the place, the evidence, the cause and the remedy of a finding."""
    if finding.place:
        source = f"  {finding.source}" if finding.source else ""
        yield Line("place", f"{finding.place}{source}")
    for evidence in finding.evidence[:2]:
        yield Line("evidence", evidence.partition("\n")[0])
    layer = "" if finding.layer == "app" else f" ({finding.layer})"
    yield Line("cause", f"cause{layer}: {finding.summary}")
    if finding.remedy and finding.layer == "app":
        # The to-do list has the remedy for what a framework or server does.
        yield Line("remedy", f"remedy: {finding.remedy}")


def _differing(comparison: Comparison) -> Iterator[Line]:
    """Yield what differs, what was expected, and which known differences are stale."""
    explained = {field for f in comparison.findings if f.cause for field in f.fields}
    # The headline names what a framework or a server always does.
    of_frameworks = {
        field
        for f in comparison.findings
        if f.layer != "app" and f.cause
        for field in f.fields
    } - {
        field
        for f in comparison.findings
        if f.layer == "app" or not f.cause
        for field in f.fields
    }
    answered: set[str] = set()
    for difference in without_lengths_of_bodies(comparison.unexpected):
        if difference.field in of_frameworks:
            continue
        if _failed(comparison, difference):
            if difference.target not in answered:
                yield from _answers(comparison, difference)
                answered.add(difference.target)
            continue
        if difference.field == "effect" and "effect" in explained:
            continue
        yield from difference_lines(difference)
    for unmet in unmet_alike(comparison):
        yield Line("note", f"expected of {unmet.target}: {unmet_line(unmet)}")
    for stale in comparison.failing_stale:
        yield Line(
            "note",
            f"known difference {stale.known!r} no longer occurs in {stale.field}:"
            " remove it, or add the versions with which it occurs",
        )
    if not comparison.findings:
        yield from (Line("note", line) for line in failure_lines(comparison))


def difference_lines(difference: Difference) -> Iterator[Line]:
    """Yield the lines of one difference: in one line if both values are short."""
    where = of_request(difference.request)
    if difference.field == "body":
        for kind, text in body_lines(difference):
            yield Line(kind, f"{text}{where if kind == 'note' else ''}")  # type: ignore[arg-type]
        return
    left, right = value_pair(difference)
    if len(left) <= MAX_ARROW and len(right) <= MAX_ARROW:
        layer = (
            f"  ({layer_line(difference)})" if difference.server is not UNSET else ""
        )
        yield Line("note", f"{difference.field}{where}  {left} → {right}{layer}")
    else:
        yield Line("-", f"{difference.field}{where}: {left}")
        yield Line("+", f"{difference.field}{where}: {right}")


def without_lengths_of_bodies(differences: Sequence[Difference]) -> list[Difference]:
    """Omit each length that differs only because the body does."""
    bodies = {(d.target, d.request) for d in differences if d.field == "body"}
    return [
        difference
        for difference in differences
        if difference.field != "header:content-length"
        or (difference.target, difference.request) not in bodies
    ]


def _failed(comparison: Comparison, difference: Difference) -> bool:
    """Return whether one side gave an error where the other gave an answer."""
    number = 0 if difference.request is UNSET else difference.request
    reference = next(iter(comparison.recordings))
    sides = [
        _failure_level(comparison.recordings[name], number)
        for name in (reference, difference.target)
    ]
    return sides[0] != sides[1]


def _failure_level(recording: Recording, number: int) -> int:
    """Return 0 for an answer, 4 for an error of the client, 5 for one of the server."""
    exchange = recording.setup[number - 1] if number else recording.exchange
    status = 500 if exchange.response is None else exchange.response.status
    return 0 if status < ERROR else status // 100


def _answers(comparison: Comparison, difference: Difference) -> Iterator[Line]:
    """Show what the reference answered, and the side that did not fail so badly."""
    number = 0 if difference.request is UNSET else difference.request
    reference = next(iter(comparison.recordings))
    sides = {
        name: comparison.recordings[name] for name in (reference, difference.target)
    }
    best = min(_failure_level(recording, number) for recording in sides.values())
    for name, recording in sides.items():
        exchange = recording.setup[number - 1] if number else recording.exchange
        response = exchange.response
        level = _failure_level(recording, number)
        if response is None or (level > best and (level == 5 or name != reference)):
            continue
        kind = next(iter(response.header("content-type")), "")
        body = short_value(response.body)
        text = f"{name} answered {response.status} {kind} {body}".strip()
        yield Line("note", text if len(text) <= 140 else f"{text[:139]}…")


def _field(difference: Difference, *, named: bool) -> str:
    field = difference.field
    left, right = value_pair(difference)
    if field == "status":
        text = f"status {left} → {right}"
    elif field == "failure":
        kind = (right if difference.candidate is not None else left).partition(":")[0]
        text = f"failure: {kind}"
    elif field.startswith("header:") and difference.candidate is None:
        text = f"{field} missing"
    elif field.startswith("header:") and difference.reference is None:
        text = f"{field} added"
    else:
        text = field
    where = "" if field == "effect" else of_request(difference.request)
    target = f"{difference.target}: " if named else ""
    return f"{target}{text}{where}"


def block_text(lines: Sequence[Line]) -> str:
    """Return the lines as plain text, like the failure of a test."""
    first, *rest = lines
    return "\n".join(chain([first.text], (_indented(line) for line in rest)))


def _indented(line: Line) -> str:
    mark = f"{line.kind} " if line.kind in "-+" else ""
    return f"    {mark}{line.text}"
