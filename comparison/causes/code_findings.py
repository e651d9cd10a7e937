"""Name the statements that differ between two apps, the likeliest cause first."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from comparison.models import Difference, Finding

from .code import Change, Statement, changes, changes_outside
from .facts import Request
from .places import function_at

_CODE_BEHIND = {
    "header:set-cookie": {"secret_key", "session", "cookie", "secret"},
    "body": {"sort_keys", "ensure_ascii", "compact", "mimetype", "json_sort_keys"},
}
"""Words in the code that decide a field, although its value does not have them."""

_OUTCOME = frozenset({"status", "failure"})
_FOLLOWING = {"body": "header:content-length", "header:set-cookie": "header:vary"}


class Side(NamedTuple):
    """One app of a pair: the target's name, the file of its code, and one request."""

    name: str
    file: str
    request: Request


def likeliest_change(
    reference: Side, candidate: Side, differences: Sequence[Difference]
) -> Iterator[Finding]:
    """Yield the change that has most to do with what differs, if one has."""
    found = changes(_called(reference), _called(candidate))
    found += changes_outside(reference.file, candidate.file)
    for score, change in _ranked(found, differences)[:1]:
        if score:
            finding = finding_of(change, reference.name, candidate.name)
            yield replace(finding, fields=fields_of(change, differences))


def fields_of(change: Change, differences: Sequence[Difference]) -> tuple[str, ...]:
    """Return the fields that a change has to do with.

    A different status means a different response. The length follows from the body, and a response
    that sets a cookie of the session varies by it.
    """
    fields = {d.field for d in differences if score_of(change, [d])}
    if fields & _OUTCOME:
        fields = {d.field for d in differences}
    for field, following in _FOLLOWING.items():
        if field in fields:
            fields |= {following}
    return tuple(d.field for d in differences if d.field in fields)


def score_of(change: Change, differences: Sequence[Difference]) -> int:
    """Return how much a change has to do with what differs."""
    return next(score for score, _ in _ranked([change], differences))


def changes_that_ran(
    reference: Side, candidate: Side, differences: Sequence[Difference]
) -> list[Finding]:
    """Return two changes in the functions that ran, even if they look unrelated."""
    found = changes(_called(reference), _called(candidate))
    return [
        finding_of(change, reference.name, candidate.name)
        for _, change in _ranked(found, differences)[:2]
    ]


def changed_statements(reference: Side, candidate: Side) -> list[str]:
    """Return the statements that differ in the functions that ran, of either app."""
    return [
        each.source
        for change in changes(_called(reference), _called(candidate))
        for each in (*change.reference, *change.candidate)
    ]


def after_change(raised: Finding, reference: Side, candidate: Side) -> Finding:
    """Add the change that an exception of one app follows from, if there is one."""
    of_reference = raised.target == reference.name
    change = _change_behind(reference, candidate, raised, of_reference)
    if change is None:
        return raised
    own, other = change.reference[0], change.candidate[0]
    name = candidate.name
    if not of_reference:
        own, other, name = other, own, reference.name
    return replace(
        raised,
        cause="changed-code-raises",
        summary=f"{raised.summary} The code that leads there differs: {name} has"
        f" `{other.source}`.",
        remedy=f"Write it as in {other.file}:{other.line}, or look at what"
        f" `{own.source}` does instead.",
        file=own.file,
        line=own.line,
        source=own.source,
        evidence=tuple(
            f"{text} ({raised.place})" if raised.place else text
            for text in raised.evidence
        ),
    )


def _change_behind(
    reference: Side, candidate: Side, raised: Finding, of_reference: bool
) -> Change | None:
    """Return the change that an exception in one of the apps follows from, or None.

    The statement that raised it may have changed, or one that names the function that
    raised it. Otherwise it is the last change before it in this function. For an exception
    outside of the app's code it is the first change that ran.
    """
    ran = [
        change
        for change in changes(_called(reference), _called(candidate))
        if change.reference and change.candidate
    ]
    if not raised.file:
        # A framework or a server raised it: what it called is what differs.
        return next(iter(ran), None)
    around = function_at(raised.file, raised.line)
    before: Change | None = None
    for change in ran:
        own = change.reference if of_reference else change.candidate
        first = own[0]
        if first.file != raised.file:
            continue
        if any(each.line <= raised.line <= each.end for each in own):
            return change
        if around is None:
            continue
        name = re.compile(rf"\b{re.escape(around.name)}\b")
        if any(name.search(each.source) for each in own if each.line != around.lineno):
            return change
        if around.lineno < first.line < raised.line:
            before = change
    return before


def _ranked(
    found: Iterable[Change], differences: Sequence[Difference]
) -> list[tuple[int, Change]]:
    """Return the changes with their scores, the highest first."""
    words = _words_of(differences)
    behind = set().union(*(_CODE_BEHIND.get(d.field, set()) for d in differences))
    scored = [(_score(change, words, behind), change) for change in found]
    return sorted(scored, key=lambda each: -each[0])


def _called(side: Side) -> tuple[str, list[str]]:
    """Return the file, and the names of its functions that the framework called."""
    request = side.request
    kinds = ("view_called", "hook_called", "handler_called")
    names = [e.name.rpartition(".")[2] for e in request.trace if e.event in kinds]
    names += [
        e.name.rpartition(".")[2] for e in request.trace if e.event == "route_matched"
    ]
    return side.file, list(dict.fromkeys(names))


_WORD = re.compile(r"\w+(?:-\w+)*")


def _words(value: object) -> set[str]:
    return {word.lower() for word in _WORD.findall(str(value))}


def _words_of(differences: Iterable[Difference]) -> set[str]:
    """Return the words that only one side of a difference has, and its header's name."""
    found: set[str] = set()
    for difference in differences:
        found |= _words(difference.reference) ^ _words(difference.candidate)
        if difference.field.startswith("header:"):
            found |= _words(difference.field.removeprefix("header:"))
    return found


def _score(change: Change, words: set[str], behind: set[str]) -> int:
    """Return how much a change has to do with what differs.

    `words` count if only one side has them, and words that are `behind` a field in any
    case.
    """
    ours = _words([each.compared for each in change.reference])
    theirs = _words([each.compared for each in change.candidate])
    return len((ours ^ theirs) & words) + bool((ours | theirs) & behind)


def finding_of(change: Change, reference: str, name: str) -> Finding:
    """Return the finding that the code of two targets differs there."""
    ours = change.reference[0] if change.reference else None
    theirs = change.candidate[0] if change.candidate else None
    if theirs is None and ours is not None:
        summary = f"The code that ran differs: {name} lacks `{ours.source}`."
        remedy = f"Add it, as in {_place_of(change.reference)}."
    elif ours is None and theirs is not None:
        summary = f"The code that ran differs: {reference} lacks `{theirs.source}`."
        remedy = "Remove it, or add it to both apps."
    else:
        assert ours is not None
        summary = f"The code that ran differs: {reference} has `{ours.source}`."
        remedy = f"Write it as in {_place_of(change.reference)}."
    return Finding(
        cause="code-differs",
        target=name,
        summary=summary,
        remedy=remedy,
        file=change.file,
        line=change.line,
        source=theirs.source if theirs is not None else "",
    )


def _place_of(statements: Sequence[Statement]) -> str:
    """Return the place of statements, up to the last line if there are several."""
    first, last = statements[0], statements[-1]
    place = f"{first.file}:{first.line}"
    return place if first is last else f"{place}, up to line {last.end}"
