"""The steps of a lesson: the rows of its execution tables, aligned by what happened.

Everything else that can be pointed at is put at a row: a station, a line that ran, a
variable that changed. What happened between two rows belongs to the later one.
"""

from bisect import bisect_left
from difflib import SequenceMatcher

from comparison.models import Recording
from comparison.tracing import Place, row_places

from .facts import neutral
from .model import Step


class Places:
    """Where in a trace the rows of its execution table are.

    `caught` are the indexes of the events at which the framework caught an exception
    anew: several of its methods may see the same one.
    """

    def __init__(self, recording: Recording) -> None:
        self.rows: tuple[Place, ...] = row_places(
            recording.before, recording.exchange, recording.trace
        )
        self.caught = {row.event for row in self.rows if row.kind == "caught"}
        self._ends = [place.event for place in self.rows]

    def step(self, event: int) -> int:
        """The step of the execution table that covers an event of the trace."""
        return min(bisect_left(self._ends, event), len(self.rows) - 1) + 1

    def first(self, kind: str) -> int | None:
        """The first step of a kind; None if there is none."""
        steps = (n for n, place in enumerate(self.rows, 1) if place.kind == kind)
        return next(steps, None)


def shared_steps(recordings: dict[str, Recording]) -> tuple[Step, ...]:
    """The steps that all targets go together.

    Rows are aligned by their kind. What only some targets did is a step too; the others
    stay where they are.
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
        steps.append(Step(tuple(at.values()), new, _told(recordings, rows)))
    return tuple(steps)


def _merged(
    merged: list[tuple[str, dict[int, int]]], own: list[str], target: int
) -> list[tuple[str, dict[int, int]]]:
    """The steps so far, with those of one more target at the same places."""
    matcher = SequenceMatcher(None, [kind for kind, _ in merged], own, autojunk=False)
    out = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        mine = [(kind, {target: row}) for row, kind in enumerate(own[j:j_end], j + 1)]
        if tag == "equal":
            pairs = zip(merged[i:i_end], mine, strict=True)
            out += [(kind, rows | more) for (kind, rows), (_, more) in pairs]
        else:
            out += [*merged[i:i_end], *mine]
    return out


def _told(recordings: dict[str, Recording], rows: dict[int, int]) -> str:
    """What the targets do at a step: once if it is the same, else each with its name."""
    tables = [(name, recording.table) for name, recording in recordings.items()]
    actions = [(tables[i][0], tables[i][1][row - 1].action) for i, row in rows.items()]
    words = [action for _, action in actions]
    if len(rows) == len(tables) and len(set(words)) == 1:
        return words[0]
    if len(rows) == len(tables) and len(set(map(neutral, words))) == 1:
        return "; ".join(dict.fromkeys(words))
    return "; ".join(f"{name}: {action}" for name, action in actions)


def reached_at(steps: tuple[Step, ...], target: int) -> tuple[int, ...]:
    """For each row of a target's table, the number of the step that reaches it."""
    return tuple(n for n, step in enumerate(steps, 1) if step.new[target])
