"""Find the changed statements that ran, and those that decide what differs.

The lines of both apps say which changed statements ran. One of them decides a difference
if it leaves another value, if its function returns another value there, or if other lines
run after it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from comparison.models import Event, Value

from .code import Change, Statement, changed_between, module
from .divergence import differ, words_of
from .ran import Named, Ran, functions_of, pairs, ran
from .statements import Function, compared_line

_LONG = 6
"""A word of so many characters is not in two values by chance."""
_CUT = "lines_truncated"
_RETURNED = ("view_returned", "handler_returned", "function_returned")


class RanChange(NamedTuple):
    """A changed statement that ran, and whether something else follows from it."""

    change: Change
    decides: bool
    number: int
    """Its number in the candidate's trace, or in that of the reference."""
    in_hook: bool = False


def changes_of(
    reference: Sequence[Event], candidate: Sequence[Event]
) -> list[RanChange]:
    """Return the changed statements that ran in one request, in order.

    A trace that was cut does not say what ran, or what follows.
    """
    cut = any(e.event == _CUT for trace in (reference, candidate) for e in trace)
    ours, theirs = ran(reference), ran(candidate)
    found: list[RanChange] = []
    for one, other in pairs(ours, theirs):
        found += _of_function(one, other, ours, theirs, cut)
    return sorted(found, key=lambda each: each.number)


def _of_function(
    one: Named, other: Named, ours: Ran, theirs: Ran, cut: bool
) -> Iterator[RanChange]:
    nodes = _node(one), _node(other)
    here, there = module(one.file), module(other.file)
    if None in nodes or here is None or there is None:
        return
    left, right = nodes
    assert left is not None
    assert right is not None
    changes = list(changed_between(here, left, there, right))
    if not changes:
        return
    before, after = (
        _Lines(side[named], side) for side, named in ((ours, one), (theirs, other))
    )
    if cut or not before.lines or not after.lines:
        # It is a hook, or a hook may have called it: no line of it is recorded.
        yield from (RanChange(change, False, 0, not cut) for change in changes)
        return
    places: dict[Change, int] = {}
    for change in changes:
        number = after.first(change.candidate) or before.first(change.reference)
        if number is None and _is_header(change, right):
            number = theirs[other][0][0]
        if number is not None:
            places[change] = number
    after_mismatch = _last_before_mismatch(changes, before, after)
    for change, number in places.items():
        decides = change is after_mismatch or _leaves_another_value(
            change, before, after
        )
        yield RanChange(change, decides, number)


class _Lines:
    """The events of one function in one request, and those of all functions."""

    def __init__(self, events: list[tuple[int, Event]], every: Ran) -> None:
        self.every = every
        self.lines = [(n, e) for n, e in events if e.event == "line"]
        self.returned = [(n, e) for n, e in events if e.event in _RETURNED]

    def of(self, statements: Iterable[Statement]) -> list[tuple[int, Event]]:
        """Return the lines that ran of these statements."""
        spans = [(each.line, each.end) for each in statements]
        return [
            (number, event)
            for number, event in self.lines
            if any(first <= event.line <= last for first, last in spans)
        ]

    def first(self, statements: Iterable[Statement]) -> int | None:
        """Return the number of the first line that ran of these statements, or None."""
        return next((number for number, _ in self.of(statements)), None)

    def words_until(self, number: int) -> set[str]:
        """Return the words of all values before an event."""
        return {
            word
            for events in self.every.values()
            for place, event in events
            if place < number
            for value in (*event.changed.values(), *event.arguments.values())
            for word in words_of(value.text)
        }

    def without(self, statements: Iterable[Statement]) -> list[tuple[int, str]]:
        """Return the other lines that ran, as we compare them."""
        left_out = {number for number, _ in self.of(statements)}
        return [
            (number, compared_line(event.source))
            for number, event in self.lines
            if number not in left_out
        ]


def _last_before_mismatch(
    changes: Sequence[Change], before: _Lines, after: _Lines
) -> Change | None:
    """Return the last changed statement before other lines run; None if none do.

    A statement that replaces another one comes before one that only one app has.
    """
    same = zip_longest(
        before.without([each for change in changes for each in change.reference]),
        after.without([each for change in changes for each in change.candidate]),
    )
    mismatch = next(
        (
            (left, right)
            for left, right in same
            if left is None or right is None or left[1] != right[1]
        ),
        None,
    )
    if mismatch is None:
        return None
    last: Change | None = None
    latest = (False, -1)
    for change in changes:
        replaces = bool(change.reference and change.candidate)
        for lines, statements, following in (
            (before, change.reference, mismatch[0]),
            (after, change.candidate, mismatch[1]),
        ):
            number = lines.first(statements)
            if number is None:
                continue
            # In an app that runs no other line, it ran instead of the line of the other.
            if number < following[0] if following is not None else not replaces:
                place = replaces, after.first(change.candidate) or number
                if place > latest:
                    last, latest = change, place
    return last


def _leaves_another_value(change: Change, before: _Lines, after: _Lines) -> bool:
    """Whether both apps ran a statement, and it left or returned another value."""
    left, right = before.of(change.reference), after.of(change.candidate)
    if not left or not right:
        return False
    known = before.words_until(left[0][0]) | after.words_until(right[0][0])
    if any(
        differ(one, other) and not _is_inherited(one, other, known)
        for one, other in _values(left, right)
    ):
        return True
    returns = [
        {event.line: event.value for _, event in lines.returned}
        for lines in (before, after)
    ]
    ours, theirs = (
        next((found[e.line] for _, e in ran_ if found.get(e.line) is not None), None)
        for found, ran_ in zip(returns, (left, right), strict=True)
    )
    return (
        ours is not None
        and theirs is not None
        and differ(ours, theirs)
        and not _is_inherited(ours, theirs, known)
    )


def _values(
    left: Iterable[tuple[int, Event]], right: Iterable[tuple[int, Event]]
) -> Iterator[tuple[Value, Value]]:
    """Yield the values that both apps gave to a variable."""
    ours, theirs = (
        {name: value for _, event in events for name, value in event.changed.items()}
        for events in (left, right)
    )
    yield from ((ours[name], theirs[name]) for name in ours if name in theirs)


def _is_inherited(one: Value, other: Value, known: set[str]) -> bool:
    """Whether two values differ only in words of earlier values, such as a random id."""
    differing = set(words_of(one.text)) ^ set(words_of(other.text))
    long = any(len(word) >= _LONG for word in differing)
    return long and differing <= known


def _is_header(change: Change, node: Function) -> bool:
    """Whether a change is in the decorators or the parameters of a function."""
    return (
        any(statement.line <= node.lineno for statement in change.candidate)
        or change.line <= node.lineno
    )


def _node(named: Named) -> Function | None:
    found = module(named.file)
    return functions_of(found).get(named.name) if found is not None else None
