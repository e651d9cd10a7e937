"""Mode 2: the sources of two views, aligned, and their lines as they ran."""

import re
from difflib import SequenceMatcher
from itertools import zip_longest

from comparison.model import Event, Recording
from comparison.recording import function_source

from .facts import first
from .model import RanLine, Sample, SampleLine

_FRAMEWORK = re.compile(r"\b(async|await)\s+")
_NAMES = re.compile(r"\b([Ff]lask|[Qq]uart)\b")


def execution_sample(recordings: dict[str, Recording]) -> tuple[Sample, ...]:
    """The reference's view beside that of each candidate whose source is known."""
    (first_name, *names), sources = recordings, {}
    for name, recording in recordings.items():
        sources[name] = _source(recording)
    return tuple(
        Sample(first_name, name, align(sources[first_name], sources[name]))
        for name in names
        if sources[name]
    )


def _source(recording: Recording) -> list[str]:
    matched = first(recording, "route_matched")
    if matched is None:
        return []
    return function_source(matched.file, matched.line).splitlines()


def align(reference: list[str], candidate: list[str]) -> tuple[SampleLine, ...]:
    """Lines side by side.

    >>> align(["def view():"], ["async def view():"])[0].mark
    'framework'
    """
    out: list[SampleLine] = []
    left, right = [*map(neutral, reference)], [*map(neutral, candidate)]
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        pairs = zip_longest(reference[i:i_end], candidate[j:j_end])
        for one, other in pairs:
            if tag != "equal":
                out.append(SampleLine(one, other, "different"))
            else:
                mark = "same" if one == other else "framework"
                out.append(SampleLine(one, other, mark))  # type: ignore[arg-type]
    return tuple(out)


def neutral(line: str) -> str:
    """A line without what the frameworks themselves make different."""
    return _NAMES.sub("framework", _FRAMEWORK.sub("", line))


def lines_run(recording: Recording) -> tuple[RanLine, ...]:
    """Each line as it ran, with what it changed; what else happened in between."""
    return tuple(filter(None, map(_ran, recording.trace)))


def _ran(event: Event) -> RanLine | None:
    match event.event:
        case "line":
            changes = [
                f"{name} = {value.text}" for name, value in event.changed.items()
            ]
            changes += [f"{name} deleted" for name in event.removed]
            changes += [event.detail] if event.detail else []
            return RanLine(event.line, event.source, event.depth, tuple(changes))
        case "suspended" | "resumed":
            on = f"({event.event} on {event.thread})"
            return RanLine(event.line, on, event.depth)
        case "lines_truncated":
            return RanLine(event.line, f"({event.detail})")
        case _:
            return None
