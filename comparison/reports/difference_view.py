"""Show what differs in a case, and why: causes first, then the fields and the bodies."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import UNSET

from comparison.known.shipped import shipped_cause, shipped_entries
from comparison.lesson.model import Lesson
from comparison.models import Comparison, Difference, Exchange, Finding

from .body_view import BodyView, body_view
from .case_block import without_lengths_of_bodies
from .marked_text import Pair, marked_pair, plain, shortened
from .todo import unmet_alike
from .values import format_value, of_request, unmet_line
from .wording import failure_lines

MAX_BODY = 2_000  # characters of a body in a raw response


class Explained(NamedTuple):
    """A finding as a page shows it; `known` is the id of a known difference."""

    finding: Finding
    title: str = ""
    known: str = ""


class FieldRow(NamedTuple):
    """One field that differs."""

    field: str
    target: str
    values: Pair


class Body(NamedTuple):
    """The bodies of one request that differ."""

    title: str
    view: BodyView


class DifferenceView(NamedTuple):
    """The differences of a case, in the order in which a page shows them.

    `others` are the remaining reasons why a case failed, in words.
    """

    causes: list[Explained]
    unexplained: list[str]
    fields: list[FieldRow]
    bodies: list[Body]
    others: list[str]


def difference_view(lesson: Lesson) -> DifferenceView:
    """Return what differs in the case of a lesson."""
    comparison = lesson.comparison
    several = len(comparison.recordings) > 2
    fields = [
        _row(difference)
        for difference in without_lengths_of_bodies(comparison.differences)
        if difference.field != "body"
    ]
    bodies = [
        Body(_title(difference, several), body_view(difference))
        for difference in comparison.differences
        if difference.field == "body"
    ]
    return DifferenceView(
        [*_causes(lesson)], [*_unexplained(comparison)], fields, bodies, _others(comparison)
    )  # fmt: skip


def _causes(lesson: Lesson) -> Iterator[Explained]:
    """Yield the findings, then the known differences of the case, each once."""
    found = {each.key: each for each in reversed(lesson.comparison.findings)}
    for finding in reversed(found.values()):
        known = finding.cause if finding.cause in shipped_entries() else ""
        yield Explained(finding, known=known)
    notes = {note.known: note for note in reversed(lesson.notes) if note.known}
    for note in reversed(notes.values()):
        fields = tuple(n.field for n in lesson.notes if n.known == note.known)
        finding = Finding(
            target=note.target, summary=note.cause, cause=note.known, remedy=note.advice,
            layer=note.layer,  # type: ignore[arg-type]
            fields=tuple(dict.fromkeys(fields)),
        )  # fmt: skip
        yield Explained(finding, note.title, note.known)


def _unexplained(comparison: Comparison) -> Iterator[str]:
    """Yield the fields that neither a finding nor a known difference explains."""
    explained = {
        (finding.target, field)
        for finding in comparison.findings
        if finding.cause
        for field in finding.fields
    }
    left = [
        d.field for d in comparison.unexpected if (d.target, d.field) not in explained
    ]
    yield from dict.fromkeys(left)


def _row(difference: Difference) -> FieldRow:
    left, right = difference.reference, difference.candidate
    if left is None or right is None:
        pair = Pair(plain(format_value(left)), plain(format_value(right)))
    else:
        pair = marked_pair(format_value(left), format_value(right))
    field = f"{difference.field}{of_request(difference.request)}"
    return FieldRow(field, difference.target, pair)


def _title(difference: Difference, several: bool) -> str:
    of_target = f", {difference.target}" if several else ""
    return f"Body{of_request(difference.request)}{of_target}"


def _others(comparison: Comparison) -> list[str]:
    """Return unmet expectations, stale known differences, and failures of all targets."""
    lines = [
        f"Expected of {u.target}: {unmet_line(u)}" for u in unmet_alike(comparison)
    ]
    lines += [
        f"The known difference {stale.known!r} no longer occurs in {stale.field}."
        for stale in comparison.stale
    ]
    if not comparison.findings:
        lines += failure_lines(comparison)
    return lines


def similar_titles(comparison: Comparison) -> Mapping[str, str]:
    """Return the titles of shipped known differences that look like the unexplained."""
    ids = dict.fromkeys(
        known
        for difference in comparison.unexpected
        for known in difference.similar or ()
    )
    entries = shipped_entries()
    return {id_: entries[id_].title or shipped_cause(id_).summary for id_ in ids}


def raw_response(exchange: Exchange) -> str:
    """Format a response as HTTP writes it; shorten a long body."""
    response = exchange.response
    failure = str(exchange.failure) if exchange.failure is not None else ""
    if response is None:
        return failure
    lines = [f"{response.status} {response.reason or ''}".rstrip()]
    lines += [f"{name}: {value}" for name, value in response.headers]
    body = shortened(response.body, MAX_BODY)
    if response.body_base64 is not UNSET:
        body = f"({len(response.content):,} bytes, not text)"
    return "\n".join([*lines, "", body, failure]).rstrip()
