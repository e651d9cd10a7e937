"""Mode 9: show the responses side by side, with the known differences."""

from comparison.known import KnownDifferences
from comparison.models import Comparison, Difference, Finding, Recording

from .model import FieldMark, Note, SideRow

ABSENT = "(absent)"
EMPTY = "(empty)"


def side_by_side(comparison: Comparison) -> tuple[SideRow, ...]:
    """Return every field of the responses, with the values in the order of targets."""
    recordings = list(comparison.recordings.values())
    differing = {difference.field for difference in comparison.differences}
    fields = ["status", "framing", "body", "failure"]
    fields[1:1] = ["reason"] if "reason" in differing else []
    names = {
        name.lower()
        for recording in recordings
        if recording.exchange.response is not None
        for name, _ in recording.exchange.response.headers
    }
    fields[-3:-3] = [f"header:{name}" for name in sorted(names)]
    rows = []
    for field in fields:
        values = tuple(_side_value(recording, field) for recording in recordings)
        if set(values) != {ABSENT}:
            equal = len(set(values)) == 1
            mark: FieldMark = "≠" if field in differing else "=" if equal else "·"
            rows.append(SideRow(field, values, mark))
    return tuple(rows)


def _side_value(recording: Recording, field: str) -> str:
    response, failure = recording.exchange.response, recording.exchange.failure
    if field == "failure":
        return ABSENT if failure is None else str(failure)
    if response is None:
        return ABSENT
    if field.startswith("header:"):
        values = response.header(field[7:])
        return " | ".join(values) or EMPTY if values else ABSENT
    if field == "body" and response.body_base64:
        return f"({len(response.content)} bytes, not text)"
    value = getattr(response, field)
    return ABSENT if value is None else str(value) or EMPTY


def notes(comparison: Comparison, known: KnownDifferences) -> tuple[Note, ...]:
    """Return each difference with its layer and its cause, if one is known or found."""
    out = []
    for difference in comparison.differences:
        layer, known_id, title, cause, advice = difference.layer, "", "", "", ""
        if difference.known is not None:
            entry = known.find(difference.known)
            shipped = known.cause_of(entry)
            known_id, title = entry.id, entry.title
            cause, advice = shipped.summary, shipped.advice
        elif (found := _found(comparison, difference)) is not None:
            place = f"`{found.place}`: " if found.place else ""
            layer = found.layer
            cause, advice = f"{place}{found.summary}", found.remedy
        target, field = difference.target, difference.field
        out.append(Note(target, field, layer, known_id, title, cause, advice))
    return tuple(out)


def _found(comparison: Comparison, difference: Difference) -> Finding | None:
    """Return the first finding that explains a difference."""
    return next(
        (
            finding
            for finding in comparison.findings
            if finding.cause
            and finding.target == difference.target
            and difference.field in finding.fields
        ),
        None,
    )
