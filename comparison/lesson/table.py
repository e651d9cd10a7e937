"""Modes 3 and 4: the execution table and the variable tracker, step by step."""

from collections.abc import Iterator
from functools import partial

from comparison.models import Event, Value, Variable
from comparison.tracing.table import NOT_YET

from .fine import FineStep
from .model import NOT_SET, TableRow, Tracker
from .steps import Row, Steps

MAX_TEXT = 120  # characters of a value
SHORT = 40  # characters of a value, if a table has many columns
MANY = 12  # columns
_ENDS = (
    "line", "view_returned", "handler_returned", "view_raised", "handler_raised",
)  # fmt: skip


def table_rows(steps: Steps, name: str) -> tuple[TableRow, ...]:
    """Return the rows of a target, each followed by the steps that it sums up."""
    out: list[TableRow] = []
    position = 0
    for number, row in enumerate(steps.rows, 1):
        own = [
            (at, by_name[name])
            for at, by_name in enumerate(row.steps, position + 1)
            if name in by_name
        ]
        position += len(row.steps)
        if own:
            out.append(_summed(steps, name, row, number, [at for at, _ in own]))
        if len(row.steps) > 1:
            out += [_fine(steps.label(at), at, step) for at, step in own]
    return tuple(out)


def _summed(
    steps: Steps, name: str, row: Row, number: int, positions: list[int]
) -> TableRow:
    table = steps.recordings[name].table[row.rows[name] - 1]
    return TableRow(
        f"{number}", tuple(positions), table.action, table.status_code_set,
        table.response_content, table.client_receives,
    )  # fmt: skip


def _fine(label: str, position: int, step: FineStep) -> TableRow:
    return TableRow(
        label, (position,), step.action, step.status, step.content, step.client,
        fine=True,
    )  # fmt: skip


def tracker(steps: Steps, name: str) -> Tracker:
    """Return every variable at the start and after each step that changed one.

    A local variable has the function in its name if the name alone is ambiguous. Its
    value is `NOT_SET` before it is set and after `del`.
    """
    trace = steps.recordings[name].trace
    changes: dict[tuple[str, str], dict[int, int | str]] = {}
    for index, event in enumerate(trace):
        for variable, text in _changed(event):
            at = steps.position(name, _ended(trace, index))
            changes.setdefault((event.name, variable), {})[at] = text
    names = [variable for _, variable in changes]
    response = _response(steps, name)
    taken = [*response, *names]
    every: dict[str, tuple[str | None, dict[int, int | str]]] = {}
    for variable, values in response.items():
        every[variable] = (None, values)
    for (function, variable), values in changes.items():
        ambiguous = taken.count(variable) > 1
        full = f"{variable} ({function})" if ambiguous else variable
        every[full] = (NOT_SET, values)
    positions = sorted({at for _, values in every.values() for at in values})
    cut = partial(_cut, limit=SHORT if len(positions) > MANY else MAX_TEXT)
    variables = []
    for full, (start, values) in every.items():
        value: int | str | None = start
        cells: dict[str, int | str | None] = {}
        for at in positions:
            value = values.get(at, value)
            cells[steps.label(at)] = cut(value) if isinstance(value, str) else value
        variables.append(Variable(full, start, cells, value))
    return Tracker(tuple(positions), tuple(variables), len(response))


def _response(steps: Steps, name: str) -> dict[str, dict[int, int | str]]:
    """Return what is known of the response so far, by the step that changes it."""
    statuses: dict[int, int | str] = {}
    returned: dict[int, int | str] = {}
    contents: dict[int, int | str] = {}
    for at, step in steps.own(name):
        if step.kind == "earlier":
            continue
        for values, value in (
            (statuses, step.status), (returned, step.value), (contents, step.content),
        ):  # fmt: skip
            before = next(reversed(values.values()), None)
            if value not in ("", NOT_YET, before):
                values[at] = _cut(value) if values is returned else value
    found = {
        "status_code": statuses,
        "returned": returned,
        "response_content": contents,
    }
    return {key: v for key, v in found.items() if v or key != "returned"}


def _changed(event: Event) -> Iterator[tuple[str, str]]:
    if event.event in ("view_called", "handler_called"):
        yield from ((key, _text(value)) for key, value in event.arguments.items())
    elif event.event == "line" and not event.depth:
        yield from ((key, _text(value)) for key, value in event.changed.items())
        yield from ((key, NOT_SET) for key in event.removed)


def _ended(trace: tuple[Event, ...], index: int) -> int:
    """Return the event at which a line has ended: an `await` in it may suspend it."""
    end = index
    if trace[index].event == "line":
        for number, event in enumerate(trace[index + 1 :], index + 1):
            if event.event == "resumed":
                end = number
            elif event.event in _ENDS and not event.depth:
                break
    return end


def _text(value: Value) -> str:
    return _cut(value.text)


def _cut(text: int | str, limit: int = MAX_TEXT) -> str:
    text = str(text)
    return text if len(text) <= limit else text[:limit] + "…"
