"""Mode 4: track the recorded variables and those of the view and of error handlers."""

from collections.abc import Iterator

from comparison.models import Event, Recording, Value, Variable

from .model import NOT_SET
from .steps import Places

MAX_TEXT = 120


def tracked(recording: Recording) -> tuple[Variable, ...]:
    """Return every variable at the start and after each step of the execution table.

    A local variable has the function in its name if the name alone is ambiguous. Its
    value is `NOT_SET` before it is set and after `del`.
    """
    places = Places(recording)
    changes: dict[tuple[str, str], dict[int, str]] = {}
    for index, event in enumerate(recording.trace):
        for name, text in _changed(event):
            changes.setdefault((event.name, name), {})[places.step(index)] = text
    taken = [v.name for v in recording.variables] + [name for _, name in changes]
    local = []
    for (function, name), values in changes.items():
        full = name if taken.count(name) == 1 else f"{name} ({function})"
        text, steps = NOT_SET, {}
        for step in range(1, len(recording.table) + 1):
            text = values.get(step, text)
            steps[str(step)] = text
        local.append(Variable(full, NOT_SET, {**steps}, text))
    return (*recording.variables, *local)


def _changed(event: Event) -> Iterator[tuple[str, str]]:
    if event.event in ("view_called", "handler_called"):
        yield from ((name, _cut(value)) for name, value in event.arguments.items())
    elif event.event == "line" and not event.depth:
        yield from ((name, _cut(value)) for name, value in event.changed.items())
        yield from ((name, NOT_SET) for name in event.removed)


def _cut(value: Value) -> str:
    text = value.text
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "…"
