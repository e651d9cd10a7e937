"""Mode 2: the sources of two views, aligned, and their lines as they ran."""

import re
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from comparison.model import Event, Recording
from comparison.recording import function_source

from .facts import first, neutral
from .model import RanLine, Sample, SampleLine
from .steps import Places

_DEF = re.compile(r"(async )?def ")


class Source(NamedTuple):
    """The lines of a view, and at which steps of the execution table each ran."""

    lines: list[str]
    steps: list[tuple[int, ...]]


def execution_sample(recordings: dict[str, Recording]) -> tuple[Sample, ...]:
    """The reference's view beside that of each candidate whose source is known."""
    (first_name, *names), sources = recordings, {}
    for name, recording in recordings.items():
        sources[name] = _source(recording)
    return tuple(
        Sample(first_name, name, align(sources[first_name], sources[name]))
        for name in names
        if sources[name].lines
    )


def _source(recording: Recording) -> Source:
    matched = first(recording, "route_matched")
    if matched is None:
        return Source([], [])
    lines = function_source(matched.file, matched.line).splitlines()
    places = Places(recording)
    steps: dict[int, list[int]] = {}
    at = matched.line
    for index, event in enumerate(recording.trace):
        if event.event == "line" and event.file == matched.file:
            steps.setdefault(event.line, []).append(places.step(index))
            at = at if event.depth else event.line
        elif event.event in ("suspended", "resumed", "view_returned"):
            steps.setdefault(at, []).append(places.step(index))
    # Routing finds the function: its decorators and its `def`.
    head = next((n for n, line in enumerate(lines) if _DEF.match(line)), 0)
    taken = places.step(recording.trace.index(matched))
    for line in range(matched.line - head, matched.line + 1):
        steps.setdefault(line, []).append(taken)
    numbers = range(matched.line - head, matched.line - head + len(lines))
    return Source(lines, [tuple(dict.fromkeys(steps.get(n, ()))) for n in numbers])


def align(reference: Source, candidate: Source) -> tuple[SampleLine, ...]:
    """Lines side by side.

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
        ones = [*zip(*reference, strict=True)][i:i_end]
        others = [*zip(*candidate, strict=True)][j:j_end]
        for (one, ran), (other, other_ran) in zip_longest(
            ones, others, fillvalue=nothing
        ):
            mark = "different" if tag != "equal" else "framework"
            mark = "same" if one == other else mark
            out.append(SampleLine(one, other, mark, ran, other_ran))  # type: ignore[arg-type]
    return tuple(out)


def lines_run(recording: Recording) -> tuple[RanLine, ...]:
    """Each line as it ran, with what it changed; what else happened in between."""
    places = Places(recording)
    ran = (_ran(event, places.step(n)) for n, event in enumerate(recording.trace))
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
