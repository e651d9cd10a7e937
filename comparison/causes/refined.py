"""Refine findings by the lines of both apps: which changed statement ran, and decides."""

from collections.abc import Collection, Iterator, Sequence

from msgspec import UNSET
from msgspec.structs import replace

from comparison.models import Comparison, Difference, Event, Finding
from comparison.tracing import is_app_file

from .code_findings import fields_of, finding_of, score_of
from .deciding import RanChange, changes_of
from .divergence import divergence, gives_value
from .facts import request_of
from .ran import function_named

CHANGED = "code-differs"
_OUTCOME = frozenset({"status", "failure"})
_LIKELY = 2
"""So many changed statements are named where none decides."""
_FACTORIES = ("create_app", "make_app")


def refined(
    comparison: Comparison, lines: Comparison, found: Finding
) -> Iterator[Finding]:
    """Yield the findings that the lines of both apps give instead of a finding.

    `lines` is the same case, recorded line by line. A finding with a cause stays as it
    is, unless it names a changed statement that did not run, or that decides nothing.
    """
    if found.layer != "app" or found.cause not in ("", CHANGED) or _is_outside(found):
        yield found
        return
    reference = next(iter(comparison.recordings))
    differences = [
        d
        for d in comparison.unexpected
        if d.target == found.target
        and (0 if d.request is UNSET else d.request) == found.request
        and d.field in found.fields
    ]
    changed = _changes_in(lines, reference, found.target, found.request)
    accounted = _accounted(changed, differences)
    for change, fields in accounted:
        yield _finding(change, found, reference, fields)
    explained = {field for _, fields in accounted for field in fields}
    rest = replace(found, fields=tuple(f for f in found.fields if f not in explained))
    if not rest.fields:
        return
    yield from _without_change(comparison, lines, rest, reference, changed)


def _without_change(
    comparison: Comparison,
    lines: Comparison,
    rest: Finding,
    reference: str,
    changed: Sequence[RanChange],
) -> Iterator[Finding]:
    """Yield what is left to say if no changed statement of this request decides."""
    before = [
        _changes_in(lines, reference, rest.target, number)
        for number in range((rest.request or _last(lines, reference)) - 1, 0, -1)
    ]
    if any(_is_place_of(rest, each) for several in before for each in several):
        # It is a consequence of what an earlier request did.
        yield rest
        return
    deciding = (each for several in before for each in several if each.decides)
    earlier = next(deciding, None)
    if rest.cause and earlier is None and any(_is_place_of(rest, j) for j in changed):
        yield rest
        return
    unknown = rest
    if rest.cause:
        # It named a statement that did not run, or that decides nothing.
        unknown = _unknown(lines, reference, rest)
    where = divergence(comparison, lines, unknown) if earlier is None else None
    hooks = [each for each in changed if each.in_hook]
    if earlier is not None:
        yield _finding(earlier, unknown, reference, rest.fields)
    elif where is not None and hooks and not gives_value(where):
        # The hook may have given it another value. No line of a hook is recorded.
        for each in hooks[:_LIKELY]:
            found = _finding(each, unknown, reference, rest.fields)
            yield replace(found, evidence=(f"{where.source} ({where.place})",))
    elif where is None and changed and _OUTCOME & {*rest.fields}:
        # A changed statement that ran is likelier than none.
        for each in changed[:_LIKELY]:
            yield _finding(each, unknown, reference, rest.fields)
    else:
        yield where or unknown


def _unknown(lines: Comparison, reference: str, found: Finding) -> Finding:
    """Return that the cause of the fields of a finding is unknown, and where both end."""
    ends = {
        side: next(
            (e for e in reversed(_trace(lines, side, found.request)) if _is_end(e)),
            None,
        )
        for side in (reference, found.target)
    }
    here = ends[found.target]
    return Finding(
        target=found.target,
        summary=f"No known cause matches: {', '.join(found.fields)}.",
        file=here.file if here is not None else "",
        line=here.line if here is not None else 0,
        source=here.source if here is not None else "",
        evidence=tuple(
            f"{side}: {end.source} ({end.file}:{end.line})"
            for side, end in ends.items()
            if end is not None
        ),
        fields=found.fields,
        request=found.request,
    )


def _is_end(event: Event) -> bool:
    ends = ("view_returned", "handler_returned", "view_raised", "handler_raised")
    return event.event in ends and bool(event.source) and is_app_file(event.file)


def _trace(lines: Comparison, side: str, number: int) -> Sequence[Event]:
    return request_of(lines.recordings[side], number).trace


def _last(lines: Comparison, reference: str) -> int:
    """Return the number of the case's own request, behind the setup requests."""
    return len(lines.recordings[reference].setup) + 1


def _changes_in(
    lines: Comparison, reference: str, target: str, number: int
) -> list[RanChange]:
    return changes_of(_trace(lines, reference, number), _trace(lines, target, number))


def _accounted(
    changed: Sequence[RanChange], differences: Sequence[Difference]
) -> list[tuple[RanChange, list[str]]]:
    """Return the changes that account for fields, each with these.

    A header that only one change has to do with follows from it. The other fields follow
    from a change that decides, or from the one that has most to do with them.
    """
    found: dict[RanChange, list[str]] = {}
    left = list(differences)

    def account(change: RanChange, fields: Collection[str]) -> None:
        found.setdefault(change, []).extend(d.field for d in left if d.field in fields)
        left[:] = [d for d in left if d.field not in fields]

    for difference in differences:
        related = [each for each in changed if score_of(each.change, [difference])]
        if len(related) == 1 and difference in left and _is_header(difference):
            account(related[0], fields_of(related[0].change, [difference, *left]))
    while left and (best := _best(changed, left)) is not None:
        every = [d.field for d in left]
        account(best, every if best.decides else fields_of(best.change, left))
    return list(found.items())


def _is_header(difference: Difference) -> bool:
    return difference.field.startswith("header:")


def _best(
    changed: Sequence[RanChange], differences: Sequence[Difference]
) -> RanChange | None:
    """Return the change that decides, or that has most to do with what differs."""

    def rank(each: RanChange) -> tuple[int, int]:
        score = score_of(each.change, differences)
        return 2 * each.decides + bool(score), score

    best = max(changed, key=rank, default=None)
    return best if best is not None and rank(best)[0] else None


def _finding(
    changed: RanChange, instead: Finding, reference: str, fields: Sequence[str]
) -> Finding:
    change = finding_of(changed.change, reference, instead.target)
    places = {each.place for each in (change, instead)}
    raised = len(places) > 1 and "is raised in" in instead.summary
    return replace(
        change,
        fields=tuple(fields),
        request=instead.request,
        evidence=tuple(f"{text} ({instead.place})" for text in instead.evidence)
        if raised
        else (),
    )


def _is_outside(found: Finding) -> bool:
    """Whether a finding is about a statement outside of the functions that run."""
    if found.cause != CHANGED:
        return False
    around = function_named(found.file, found.line)
    return around is None or around.name in _FACTORIES


def _is_place_of(found: Finding, changed: RanChange) -> bool:
    return (found.file, found.line) == (changed.change.file, changed.change.line)
