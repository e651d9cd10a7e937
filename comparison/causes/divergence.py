"""Find the first line of an app after which two apps no longer have the same values.

A trace with lines has each line that ran, and the variables that it changed. We align the
lines of both apps, without what every port changes. The first aligned line that leaves
another value, or after which the apps run other lines, is where they diverge.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from comparison.models import Comparison, Difference, Event, Finding, Value
from comparison.redaction import is_secret_name

from .facts import request_of
from .statements import compared_line

MAX_VALUE = 80
RETURNED = "return"
_BRANCHED = "After `"
_READABLE = frozenset({
    "NoneType", "bool", "bytes", "dict", "float", "frozenset", "int", "list", "set",
    "str", "tuple",
})  # fmt: skip
_RETURNS = ("view_returned", "handler_returned", "function_returned")
_BRANCHES = ("if ", "elif ", "while ", "for ", "match ", "case ", "else", "except")
_WORD = re.compile(r"\w+")


class Step(NamedTuple):
    """A line that both apps ran, and what has another value after it, by name."""

    left: Event
    right: Event
    differing: Mapping[str, tuple[Value, Value]]


def needs_lines(comparison: Comparison) -> bool:
    """Return whether the lines of the apps may say more than the findings do.

    A case in which an app did not respond takes too long to run again.
    """
    failures = [each.exchange.failure for each in comparison.recordings.values()]
    responded = all(each is None or each.kind == "raised" for each in failures)
    without = any(
        f.cause in ("", "code-differs") and f.layer == "app"
        for f in comparison.findings
    )
    return without and responded


def divergence(
    comparison: Comparison, lines: Comparison, found: Finding
) -> Finding | None:
    """Return where the apps diverge, for a finding without a cause, or None.

    `lines` is the same case, recorded line by line. It must differ in the same fields.
    """
    reference = next(iter(comparison.recordings))
    of_target = [d for d in comparison.unexpected if d.target == found.target]
    differences = [d for d in of_target if d.field in found.fields]
    again = {d.field for d in lines.differences if d.target == found.target}
    if found.cause or found.layer != "app" or not again.issuperset(found.fields):
        return None
    pair = {
        side: request_of(lines.recordings[side], found.request or 0).trace
        for side in dict.fromkeys((reference, found.target))
    }
    where = first_divergence(pair, differences) if len(pair) == 2 else None
    if where is None:
        return None
    return replace(where, fields=found.fields, request=found.request)


def first_divergence(
    pair: Mapping[str, Sequence[Event]], differences: Iterable[Difference]
) -> Finding | None:
    """Return the line where two apps diverge, or None if no line shows it.

    `pair` has the trace of each app by its name, the reference first. We begin at the
    first condition that leads to other lines, or at the last line. From there we go back
    to the lines that gave its variables another value.
    """
    (one, ours), (other, theirs) = (
        (name, [event for event in trace if _is_step(event)])
        for name, trace in pair.items()
    )
    steps, branch = _aligned(ours, theirs)
    start = branch if branch is not None else (steps[-1] if steps else None)
    if start is None:
        return None
    origin = _origin(start, steps)
    if origin is None and branch is None:
        origin = start if start.differing else _related(steps, differences)
    if origin is not None:
        return _finding(one, other, origin, differences)
    if branch is None:
        return None
    source = branch.right.source
    return Finding(
        target=other,
        summary=f"{_BRANCHED}{source}` {other} runs other lines than {one}.",
        remedy=f"Find out why the condition of `{source}` has another value in {other}.",
        evidence=(f"{one}: {branch.left.source} ({_place(branch.left)})",),
        **_at(branch.right),
    )


def gives_value(found: Finding) -> bool:
    """Return whether the line of a divergence gives another value itself."""
    return not found.summary.startswith(_BRANCHED)


def _origin(start: Step, steps: Sequence[Step]) -> Step | None:
    """Return the earliest line that the values of a line follow from, or None."""
    found: Step | None = None
    here, before = start, steps.index(start) if start in steps else len(steps)
    seen = {id(start)}
    while True:
        names = words_of(here.right.source)
        earlier = [
            (number, step)
            for number, step in enumerate(steps)
            if step.differing and id(step) not in seen
            and (
                step.right.event == "function_returned" and step.right.name in names
                if step.right.event in _RETURNS
                else number < before
                and step.right.name == here.right.name
                and step.differing.keys() & names
            )
        ]  # fmt: skip
        if not earlier:
            return found
        before, here = earlier[-1]
        found = here
        seen.add(id(here))


def _related(steps: Iterable[Step], differences: Iterable[Difference]) -> Step | None:
    """Return the first line whose values have to do with a difference, or None."""
    words: set[str] = set()
    for difference in differences:
        words |= words_of(difference.reference) ^ words_of(difference.candidate)
    for step in steps:
        for before, after in step.differing.values():
            if (words_of(before.text) ^ words_of(after.text)) & words:
                return step
    return None


def _finding(
    one: str, other: str, step: Step, differences: Iterable[Difference]
) -> Finding:
    name, (before, after) = next(iter(step.differing.items()))
    what = "This line returns" if name == RETURNED else f"`{name}` is"
    shown = " ".join(f"{d.reference} {d.candidate}" for d in differences)
    ours, theirs = (_harmless_text(name, value, shown) for value in (before, after))
    fact = f"{theirs} in {other}, and {ours} in {one}"
    if ours == theirs:
        fact = f"another `{after.type}` in {other} than in {one}"
    return Finding(
        target=other,
        summary=f"{what} {fact}. The difference follows from this line.",
        remedy=f"Find out why `{step.right.source}` gives another value in {other}.",
        evidence=(f"{one}: {step.left.source} ({_place(step.left)})",),
        **_at(step.right),
    )


def _harmless_text(name: str, value: Value, in_report: str) -> str:
    """Return a value if it cannot be a secret, else its type.

    The report shows the values of the `differences` anyway, and hides secrets in them.
    """
    plain = value.text.strip("'")
    harmless = value.type in ("NoneType", "bool") or (
        not is_secret_name(name)
        and (value.type in ("int", "float") or (plain and plain in in_report))
    )
    if harmless and len(value.text) <= MAX_VALUE:
        return value.text
    return f"a `{value.type}`"


def _at(event: Event) -> dict[str, Any]:
    return {"file": event.file, "line": event.line, "source": event.source}


def _place(event: Event) -> str:
    return f"{event.file}:{event.line}"


def _is_step(event: Event) -> bool:
    return bool(event.source) and (event.event == "line" or event.event in _RETURNS)


def _key(event: Event) -> tuple[str, str]:
    kind = "line" if event.event == "line" else "return"
    return kind, compared_line(event.source)


def _aligned(
    reference: Sequence[Event], candidate: Sequence[Event]
) -> tuple[list[Step], Step | None]:
    """Return the lines that both apps ran, and the first that leads to other lines."""
    keys, more = list(map(_key, reference)), list(map(_key, candidate))
    matcher = difflib.SequenceMatcher(None, keys, more, autojunk=False)
    steps: list[Step] = []
    branch: Step | None = None
    after = 0, 0
    for i, j, size in matcher.get_matching_blocks():
        last = steps[-1] if steps else None
        if (
            branch is None
            and last is not None
            and _is_branch(last, reference[after[0] :], candidate[after[1] :])
        ):
            branch = last
        after = i + size, j + size
        pairs = zip(reference[i : i + size], candidate[j : j + size], strict=True)
        steps += [
            Step(left, right, dict(_differing_values(left, right)))
            for left, right in pairs
        ]
    return steps, branch


def _is_branch(
    step: Step, reference: Sequence[Event], candidate: Sequence[Event]
) -> bool:
    """Whether a line leads to other lines of its function. They follow in both traces."""
    if not step.right.source.startswith(_BRANCHES):
        return False
    return _distance(step.left, reference) != _distance(step.right, candidate)


def _distance(branch: Event, after: Sequence[Event]) -> int | None:
    """Return how far the next line of the same function is, or None if it was left."""
    if not after or (after[0].event, after[0].name) != ("line", branch.name):
        return None
    return after[0].line - branch.line


def _differing_values(
    left: Event, right: Event
) -> Iterator[tuple[str, tuple[Value, Value]]]:
    """Yield what has another value after a step: a variable, or what it returned."""
    for name, now in right.changed.items():
        then = left.changed.get(name)
        if then is not None and differ(then, now):
            yield name, (then, now)
    before, after = left.value, right.value
    if before is not None and after is not None and differ(before, after):
        yield RETURNED, (before, after)


def differ(before: Value, after: Value) -> bool:
    """Return whether two values differ in what both can be compared by."""
    if before.type in _READABLE and after.type in _READABLE - {before.type}:
        return True
    if before.type not in _READABLE or "<" in before.text:
        return False
    if after.type not in _READABLE:
        return after.type in ("coroutine", "async_generator")
    return "<" not in after.text and before.text != after.text


def words_of(text: object) -> set[str]:
    """Return the words of a text or a value."""
    return set(_WORD.findall(str(text)))
