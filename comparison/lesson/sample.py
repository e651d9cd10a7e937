"""Mode 2: align the sources of views and of called error handlers, line by line."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from comparison.models import Event
from comparison.tracing import function_source

from .facts import RETURNS, listed, neutral
from .merge import merge_texts
from .model import LineMark, RanLine, Sample, SampleLine
from .subject import Subject

_DEF = re.compile(r"(async )?def ")
_AT_A_LINE = ("suspended", "resumed", *RETURNS)


class Source(NamedTuple):
    """The lines of a function, and the steps of the lesson at which each ran."""

    lines: list[str]
    steps: list[tuple[int, ...]]
    name: str = ""


NOTHING = Source([], [])


def execution_sample(subjects: Mapping[str, Subject]) -> tuple[Sample, ...]:
    """Align the reference's view with that of each candidate, then the error handlers.

    The samples have the called handlers in the order of their calls. Functions without a
    known source are omitted.
    """
    (reference, *others), sources = subjects, {}
    for name, subject in subjects.items():
        sources[name] = _view(subject), _handlers(subject)
    out = []
    for name in others:
        (one, reference_handlers), (other, candidate_handlers) = (
            sources[reference],
            sources[name],
        )
        if other.lines:
            out.append(Sample(reference, name, align(one, other)))
        for both in zip_longest(
            reference_handlers, candidate_handlers, fillvalue=NOTHING
        ):
            title = listed(dict.fromkeys(f"`{s.name}`" for s in both if s.name))
            out.append(Sample(reference, name, align(*both), f"Error handler {title}"))
    return tuple(out)


def _view(subject: Subject) -> Source:
    """Return the view of the matched route, even if it was not called."""
    trace = subject.recording.trace
    called = (n for n, e in enumerate(trace) if e.event == "route_matched")
    index = next(called, None)
    return NOTHING if index is None else _source(subject, index)


def _handlers(subject: Subject) -> list[Source]:
    """Return the called error handlers, each once."""
    called: dict[tuple[str, int], int] = {}
    for index, event in enumerate(subject.recording.trace):
        if event.event == "handler_called":
            called.setdefault((event.file, event.line), index)
    found = (_source(subject, index) for index in called.values())
    return [source for source in found if source.lines]


def _source(subject: Subject, index: int) -> Source:
    """Return the function that an event finds or calls, with the steps of its lines."""
    trace = subject.recording.trace
    found = trace[index]
    lines = function_source(found.file, found.line).splitlines()
    # The step that finds a function belongs to its decorators and its `def`.
    head = next((n for n, line in enumerate(lines) if _DEF.match(line)), 0)
    numbers = range(found.line - head, found.line - head + len(lines))
    steps: dict[int, list[int]] = {}
    for line in range(found.line - head, found.line + 1):
        steps[line] = [_position(subject, index)]
    at, inside, handles = found.line, False, found.event == "handler_called"
    for number, event in enumerate(trace[index:], index):
        if event.event in ("view_called", "hook_called", "handler_called"):
            same = (event.file, event.line) == (found.file, found.line)
            inside = same if handles else event.event == "view_called"
            if inside and number != index:
                steps[found.line].append(_position(subject, number))
        elif event.event == "line" and event.file == found.file:
            steps.setdefault(event.line, []).append(_position(subject, number))
            at = at if event.depth else event.line
        elif inside and event.event in _AT_A_LINE:
            steps.setdefault(at, []).append(_position(subject, number))
    ran = [tuple(dict.fromkeys(steps.get(line, ()))) for line in numbers]
    return Source(lines, ran, found.name)


def _position(subject: Subject, index: int) -> int:
    return subject.steps.position(subject.name, index)


def align(reference: Source, candidate: Source) -> tuple[SampleLine, ...]:
    """Align the lines of two sources side by side.

    >>> one, other = Source(["def view():"], [()]), Source(["async def view():"], [()])
    >>> align(one, other)[0].mark
    'framework'
    """
    out: list[SampleLine] = []
    left = [neutral(line) for line in reference.lines]
    right = [neutral(line) for line in candidate.lines]
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    nothing: tuple[None, tuple[int, ...]] = (None, ())
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        ones = [*zip(reference.lines, reference.steps, strict=True)][i:i_end]
        others = [*zip(candidate.lines, candidate.steps, strict=True)][j:j_end]
        for (one, ran), (other, other_ran) in zip_longest(
            ones, others, fillvalue=nothing
        ):
            mark: LineMark = "different" if tag != "equal" else "framework"
            mark = "same" if one == other else mark
            both = [line for line in (one, other) if line is not None]
            text = merge_texts(both) or both[0] if mark != "different" else ""
            out.append(SampleLine(one, other, mark, text, ran, other_ran))
    return tuple(out)


def lines_run(subject: Subject) -> tuple[RanLine, ...]:
    """Return the lines that ran with their changes, and other events between them."""
    trace = subject.recording.trace
    ran = (_ran(event, _position(subject, n)) for n, event in enumerate(trace))
    return tuple(filter(None, ran))


def _ran(event: Event, step: int) -> RanLine | None:
    match event.event:
        case "line":
            changes = [
                f"{name} = {value.text}" for name, value in event.changed.items()
            ]
            changes += [f"{name} deleted" for name in event.removed]
            changes += [event.detail] if event.detail else []
            return RanLine(event.line, event.source, step, event.depth, tuple(changes))
        case "suspended" | "resumed":
            on = f"({event.event} on {event.thread})"
            return RanLine(event.line, on, step, event.depth)
        case "lines_truncated":
            return RanLine(event.line, f"({event.detail})", step)
        case _:
            return None
