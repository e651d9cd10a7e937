"""The to-do list of a run: causes with their places, cases and remedies."""

from collections.abc import Iterator
from heapq import nsmallest
from itertools import islice

from msgspec import Struct

from comparison.core.plural import counted
from comparison.models import Comparison, Finding, Unmet

MOST = 10_000  # the most causes and cases to store, which limits the memory
MOST_EXAMPLES = 100  # the most cases to hold in full, which limits the memory
MAX_CASES = 4

Key = tuple[str, str, str, str]
Rank = tuple[int, bool, int]
"""How much a case shows of a cause: its fields, no other cause, how many other new ones."""


NO_RANK: Rank = (-1, False, 0)


class Task:
    """One cause at one place: its first finding, and the cases that have it.

    `settles` counts the cases that have no other cause. `example` is the case to show: it
    has the highest `rank`. Only the first tasks of a list have one.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.example: Comparison | None = None
        self.rank: Rank = NO_RANK
        self.cases: list[str] = []
        self.count = 0
        self.settles = 0

    @property
    def numbers(self) -> str:
        """The number of cases, and how many of them have no other cause."""
        cases = counted(self.count, "case")
        if self.settles in (0, self.count):
            return cases
        return f"{cases}, the only cause in {self.settles}"

    @property
    def action(self) -> str:
        """The place, or else the layer, and what to do there."""
        finding = self.finding
        where = finding.place or finding.target
        if finding.layer != "app":
            where = finding.layer
        return f"{where}  {finding.remedy or finding.summary}"

    @property
    def named(self) -> str:
        """The first cases by id."""
        more = self.count - MAX_CASES
        shown = ", ".join(self.cases[:MAX_CASES])
        return f"{shown} and {more} more" if more > 0 else shown


class TodoItem(Struct, frozen=True, gc=False):
    """A task as JSON: its finding, its cases, and how many have no other cause."""

    finding: Finding
    cases: tuple[str, ...]
    settles: int


class TodoList:
    """Collects the findings of a run, equal ones once."""

    def __init__(self) -> None:
        self._tasks: dict[Key, Task] = {}
        self._examples = 0
        self.unexplained: list[str] = []

    def add(self, comparison: Comparison) -> list[Finding]:
        """Add the findings of a comparison; return those that are new in the run."""
        distinct: dict[Key, Finding] = {}
        for finding in comparison.findings:
            distinct.setdefault(finding.key, finding)
        room = max(0, MOST - len(self._tasks))
        new = [key for key in distinct if key not in self._tasks][:room]
        self._tasks |= {key: Task(distinct[key]) for key in new}
        alone = len(distinct) == 1
        for key in distinct.keys() & self._tasks.keys():
            task = self._tasks[key]
            # One case that shows two causes is quicker to read than two cases.
            also = len(new) - (key in new)
            rank = (_weight(distinct[key]), alone, also)
            if rank > task.rank:
                self._examples += task.example is None
                task.example, task.rank = comparison, rank
            task.count += 1
            task.settles += alone
            if len(task.cases) < MOST:
                task.cases.append(comparison.case.id)
        if not comparison.findings and len(self.unexplained) < MOST:
            self.unexplained.append(comparison.case.id)
        if self._examples > 2 * MOST_EXAMPLES:
            self._release()
        return [distinct[key] for key in new]

    def _release(self) -> None:
        """Forget the examples of the last tasks; one that moves up gets another."""
        tasks = self._tasks.values()
        first = set(map(id, nsmallest(MOST_EXAMPLES, tasks, key=_order)))
        for task in tasks:
            if task.example is not None and id(task) not in first:
                task.example, task.rank = None, NO_RANK
        self._examples = MOST_EXAMPLES

    def __iter__(self) -> Iterator[Task]:
        """Yield the tasks: those of the app first, then those with the most cases."""
        return iter(sorted(self._tasks.values(), key=_order))

    def blocks(self) -> list[tuple[Comparison, list[Finding]]]:
        """Return the cases to show, each with the causes that it is to show.

        These are the cases of the first tasks.
        """
        blocks: dict[str, tuple[Comparison, list[Finding]]] = {}
        for task in islice(self, MOST_EXAMPLES):
            if (example := task.example) is not None:
                block = blocks.setdefault(example.case.id, (example, []))
                block[1].append(task.finding)
        return list(blocks.values())

    def items(self) -> list[TodoItem]:
        """Return the tasks as data, in the same order."""
        return [TodoItem(t.finding, tuple(t.cases), t.settles) for t in self]

    def __len__(self) -> int:
        return len(self._tasks)

    def more(self, listed: int) -> str:
        """Return how many tasks there are beside those listed; "" if there are none."""
        left = len(self) - listed
        if left <= 0:
            return ""
        return f"{'more than ' if len(self) == MOST else ''}{left} more"


def _order(task: Task) -> tuple[bool, bool, int]:
    finding = task.finding
    return not finding.cause, finding.layer != "app", -task.count


def shows_more(comparison: Comparison) -> bool:
    """Return whether a case failed for more than the causes of its differences.

    That is an expectation that a response does not meet although the targets agree, and a
    known difference that no longer occurs.
    """
    return bool(unmet_alike(comparison) or comparison.failing_stale)


def unmet_alike(comparison: Comparison) -> list[Unmet]:
    """Return the unmet expectations in fields that do not differ."""
    differ = {(d.target, d.field, d.request) for d in comparison.unexpected}
    return [
        unmet
        for unmet in comparison.expectation.failures
        if unmet.known is None
        and (unmet.target, unmet.field, unmet.request) not in differ
    ]


_WEIGHTS = {"failure": 4, "status": 3, "body": 2}


def _weight(finding: Finding) -> int:
    """Return how much a finding shows: a status says more than a header or an effect."""
    return max((_WEIGHTS.get(f, int(f != "effect")) for f in finding.fields), default=0)


def task_lines(tasks: TodoList) -> Iterator[tuple[str, str]]:
    """Yield for each task the line to act on, and its cases."""
    for task in tasks:
        yield task.action, f"{task.numbers}: {task.named}"


def next_steps(todo: TodoList, first: str, command: str) -> list[str]:
    """Return what helps next after a run with this command, the likeliest first.

    `first` is the case to show. A comparison of recordings has no targets to run it on.
    """
    # This module belongs to the start of every command, and servers do not.
    from .commands import command_about, run_options_of

    causes = [task.finding for task in todo if task.finding.cause]
    sends = not command.startswith("comparison diff ")
    steps = [command_about("show", first, *run_options_of(command))] if sends else []
    if causes:
        steps.append(command_about("explain", causes[0].cause))
    if any(finding.layer != "app" for finding in causes):
        steps.append("--accept FILE accepts these differences")
    if sends and (len(causes) < len(todo) or not todo):
        steps.append("--self-check finds values that are random")
    return steps
