"""Align the execution tables of all targets into the steps of a lesson.

Every station, line that ran, and changed variable belongs to a row. An event between two
rows belongs to the later row.
"""

from bisect import bisect_left
from difflib import SequenceMatcher

from comparison.models import Recording
from comparison.tracing import Place, row_places

from .facts import neutral
from .model import Step


class Places:
    """The places of the rows of an execution table in its trace.

    `caught` has the indexes of the events at which the framework first caught an
    exception. Several of its methods may see the same exception.
    """

    def __init__(self, recording: Recording) -> None:
        self.rows: tuple[Place, ...] = row_places(
            recording.setup, recording.exchange, recording.trace
        )
        self.caught = {row.event for row in self.rows if row.kind == "caught"}
        self._ends = [place.event for place in self.rows]

    def step(self, event: int) -> int:
        """Return the step of the execution table that covers an event of the trace."""
        return min(bisect_left(self._ends, event), len(self.rows) - 1) + 1

    def first(self, kind: str) -> int | None:
        """Return the first step of a kind, or None."""
        steps = (n for n, place in enumerate(self.rows, 1) if place.kind == kind)
        return next(steps, None)


def shared_steps(recordings: dict[str, Recording]) -> tuple[Step, ...]:
    """Return the steps that all targets share.

    Rows are aligned by their kind. An event of only some targets is a step too; the other
    targets wait.
    """
    kinds = [[row.kind for row in Places(r).rows] for r in recordings.values()]
    merged: list[tuple[str, dict[int, int]]] = []
    for target, own in enumerate(kinds):
        merged = _merged(merged, own, target)
    at = dict.fromkeys(range(len(kinds)), 1)
    steps = []
    for _, rows in merged:
        at |= rows
        new = tuple(target in rows for target in at)
        steps.append(Step(tuple(at.values()), new, _summary(recordings, rows)))
    return tuple(steps)


def _merged(
    merged: list[tuple[str, dict[int, int]]], own: list[str], target: int
) -> list[tuple[str, dict[int, int]]]:
    """Merge the rows of one more target into the steps so far."""
    matcher = SequenceMatcher(None, [kind for kind, _ in merged], own, autojunk=False)
    out = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        new_steps = [
            (kind, {target: row}) for row, kind in enumerate(own[j:j_end], j + 1)
        ]
        if tag == "equal":
            pairs = zip(merged[i:i_end], new_steps, strict=True)
            out += [(kind, rows | more) for (kind, rows), (_, more) in pairs]
        else:
            out += [*merged[i:i_end], *new_steps]
    return out


def _summary(recordings: dict[str, Recording], rows: dict[int, int]) -> str:
    """Describe a step: once if the targets do the same, else for each target."""
    tables = [(name, recording.table) for name, recording in recordings.items()]
    actions = [(tables[i][0], tables[i][1][row - 1].action) for i, row in rows.items()]
    words = [action for _, action in actions]
    if len(rows) == len(tables) and len(set(words)) == 1:
        return words[0]
    if len(rows) == len(tables) and len(set(map(neutral, words))) == 1:
        return "; ".join(dict.fromkeys(words))
    return "; ".join(f"{name}: {action}" for name, action in actions)


def reached_at(steps: tuple[Step, ...], target: int) -> tuple[int, ...]:
    """Return the number of the step that reaches each row of a target's table."""
    return tuple(n for n, step in enumerate(steps, 1) if step.new[target])
