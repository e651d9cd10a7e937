"""Align the steps of all targets into the steps of a lesson.

Rows of the execution tables are aligned by their kind, then the steps inside them. A row
without several steps is a step itself. Every station, line and changed variable belongs to
a step.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from comparison.models import Recording
from comparison.tracing import row_places

from .fine import FineStep
from .merge import merge_texts
from .model import Step


class Row(NamedTuple):
    """A row of the lesson: the targets' rows, and the steps inside it by target.

    `rows` has the row of each target's own execution table, counted from 1. Each of the
    `steps` has the step of each target that takes part in it.
    """

    rows: Mapping[str, int]
    steps: tuple[Mapping[str, FineStep], ...]


class Steps:
    """The steps of a lesson, in rows, and where each target's events are in them."""

    def __init__(
        self,
        recordings: Mapping[str, Recording],
        fine: Mapping[str, tuple[FineStep, ...]],
    ) -> None:
        self.recordings = recordings
        self.rows = _rows(recordings, fine)
        self.labels: list[str] = []
        self._ends: dict[str, list[int]] = {name: [] for name in recordings}
        self._positions: dict[str, list[int]] = {name: [] for name in recordings}
        for number, row in enumerate(self.rows, 1):
            for part, by_name in enumerate(row.steps, 1):
                several = len(row.steps) > 1
                self.labels.append(f"{number}.{part}" if several else f"{number}")
                for name, step in by_name.items():
                    self._ends[name].append(step.event)
                    self._positions[name].append(len(self.labels))

    def position(self, name: str, event: int) -> int:
        """Return the number of the step that covers an event of a target's trace."""
        ends = self._ends[name]
        return self._positions[name][min(bisect_left(ends, event), len(ends) - 1)]

    def label(self, position: int) -> str:
        """Return the label of a step.

        Several steps may have one number only if the lesson has as many rows.
        """
        return self.labels[position - 1]

    def own(self, name: str) -> list[tuple[int, FineStep]]:
        """Return the steps of a target with their numbers."""
        every = [by_name for row in self.rows for by_name in row.steps]
        return [(n, s[name]) for n, s in enumerate(every, 1) if name in s]

    def at(self, name: str, *kinds: str) -> int | None:
        """Return the first step of a target of one of these kinds, or None."""
        own = self.own(name)
        return next((n for n, step in own if step.kind.startswith(kinds)), None)

    def shared(self) -> tuple[Step, ...]:
        """Return the steps of the lesson."""
        out: list[Step] = []
        for row in self.rows:
            for by_name in row.steps:
                reached = tuple(name in by_name for name in self.recordings)
                words = {name: self._action(row, name, by_name) for name in by_name}
                label = self.labels[len(out)]
                out.append(Step(label, reached, self._summary(words)))
        return tuple(out)

    def _action(self, row: Row, name: str, by_name: Mapping[str, FineStep]) -> str:
        """Return the words of a step: those of its row, if it is the only one there."""
        if len(row.steps) > 1:
            return by_name[name].action
        return self.recordings[name].table[row.rows[name] - 1].action

    def _summary(self, words: Mapping[str, str]) -> str:
        """Describe a step: once if the targets do the same, else for each target."""
        merged = merge_texts([*words.values()])
        if merged is not None and len(words) == len(self.recordings):
            return merged
        if merged is not None and len(words) > 1:
            return f"{', '.join(words)}: {merged}"
        return "; ".join(f"{name}: {action}" for name, action in words.items())


_Aligned = list[tuple[str, dict[str, int]]]


def _rows(
    recordings: Mapping[str, Recording], fine: Mapping[str, tuple[FineStep, ...]]
) -> tuple[Row, ...]:
    kinds = {
        name: [p.kind for p in row_places(r.setup, r.exchange, r.trace)]
        for name, r in recordings.items()
    }
    rows = []
    for _, by_name in _aligned(kinds):
        inside = {
            name: [step for step in fine[name] if step.row == number + 1]
            for name, number in by_name.items()
        }
        own = {name: [step.kind for step in steps] for name, steps in inside.items()}
        steps = tuple(
            {name: inside[name][index] for name, index in at.items()}
            for _, at in _aligned(own)
        )
        rows.append(Row({name: n + 1 for name, n in by_name.items()}, steps))
    return tuple(rows)


def _aligned(kinds: Mapping[str, Sequence[str]]) -> _Aligned:
    """Align lists of kinds; an entry has the index in each list that has it."""
    merged: _Aligned = []
    for name, own in kinds.items():
        matcher = SequenceMatcher(None, [k for k, _ in merged], own, autojunk=False)
        out: _Aligned = []
        for tag, i, i_end, j, j_end in matcher.get_opcodes():
            new: _Aligned = [(k, {name: n}) for n, k in enumerate(own[j:j_end], j)]
            if tag == "equal":
                both = zip(merged[i:i_end], new, strict=True)
                out += [(kind, rows | more) for (kind, rows), (_, more) in both]
            else:
                out += [*merged[i:i_end], *new]
        merged = out
    return merged
