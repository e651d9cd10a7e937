"""Write the text report: for a terminal, and plain text for a pipe."""

import time
from collections.abc import Sequence

from msgspec import UNSET
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from comparison.core.escaping import visible_line
from comparison.core.plural import counted
from comparison.models import Comparison, Finding, RunHeader

from .case_block import Line, case_block
from .groups import DifferenceGroups
from .layers import Layers, note_line
from .listing import NOT_LISTED, Listing
from .self_check import self_check_lines
from .tables import agreement_grid, tables
from .terminal import PLAIN_WIDTH, Text, print_line
from .todo import TodoList, next_steps, shows_more, task_lines
from .wording import (
    MARKS,
    environment_line,
    never_applied,
    notice_line,
    rule_lines,
    rules_line,
    status_of,
    target_line,
)

STYLES = {
    "identical": "green",
    "known": "cyan",
    "different": "bold red",
    "failed": "bold red",
    "skipped": "dim",
}
MAX_RULES = 6
MAX_LINES = 120
"""The most lines about cases. The report files have the rest."""
MAX_TASKS = 50
_ELSEWHERE = "a report file has all of them (--output report.html)"


class TextReport:
    """A report with a block for each case with something new, a to-do list and a verdict.

    A `verbosity` below 0 omits the targets and the notes; above 0 it adds the tables of
    every case. Cases as expected are counted; `listing` has them listed.
    """

    def __init__(
        self,
        console: Console,
        verbosity: int = 0,
        total: int = 0,
        listing: Listing = NOT_LISTED,
    ) -> None:
        self.console = console
        self.verbosity = verbosity
        self.listing = listing
        self.header: RunHeader | None = None
        self.first = ""
        # Tables and lines of cases need the order of the run.
        self.in_order = listing.cases or listing.tables or verbosity > 0
        self.without_cause: list[Comparison] = []
        self.unshown = 0
        self.todo = TodoList()
        self.groups = DifferenceGroups()
        self.layers = Layers()
        self.started = time.monotonic()
        self.progress = Progress(
            TextColumn("running"), BarColumn(), MofNCompleteColumn(),
            console=console, transient=True, disable=not console.file.isatty(),
        )  # fmt: skip
        self.task = self.progress.add_task("", total=total)

    def begin(self, header: RunHeader) -> None:
        """Print the targets, the environment and the route mismatches."""
        self.header = header
        reference, *others = (target_line(t, header) for t in header.targets)
        if self.verbosity >= 0:
            against = " and ".join(others)
            self.console.print(Text(f"{reference} against {against}"))
            self.console.print(Text(environment_line(header), style="dim"))
        if header.route_mismatches:
            number = rules_line(len(header.route_mismatches))
            self.console.print(Text(number, style="bold red"))
            for line in rule_lines(header.route_mismatches, MAX_RULES):
                self.console.print(Text(f"  {line}"), soft_wrap=True)
        self.progress.start()

    def add(self, comparison: Comparison) -> None:
        """Print a case if it shows a new cause, or if every case is listed."""
        self.progress.advance(self.task)
        self.layers.add(comparison)
        unexpected = comparison.verdict in ("different", "failed")
        block = self._block(comparison) if unexpected else []
        full = self.verbosity > 0
        if self.listing.cases or (full and not block):
            self._line(case_line(comparison))
        if self.in_order:
            print_block(self.console, block)
        if full or (block and self.listing.tables):
            self.console.print(Padding(tables(comparison.recordings), (0, 0, 1, 4)))

    def _block(self, comparison: Comparison) -> list[Line]:
        """Return the lines about an unexpected case, or none if all are in earlier ones."""
        new = self.todo.add(comparison)
        unlike = self.groups.add(comparison)
        shown = new if comparison.findings else unlike
        if not (shown or shows_more(comparison)):
            return []
        self.first = self.first or comparison.case.id
        if not comparison.findings or not new:
            if len(self.without_cause) < MAX_LINES:
                self.without_cause.append(comparison)
            else:
                self.unshown += 1
        return case_block(comparison, new or None) if self.in_order else []

    def _line(self, line: Text) -> None:
        if self.console.is_terminal:
            self.console.print(line, overflow="ellipsis", no_wrap=True)
        elif self.console.width != PLAIN_WIDTH:
            self.console.print(line)
        else:
            # The layout of a line by rich takes as long as running a case.
            self.console.file.write(f"{visible_line(line.plain)}\n")

    def end(self, header: RunHeader) -> None:
        """Print the to-do list, the applied normalisation rules and the verdict."""
        self.progress.stop()
        if not self.in_order:
            self._blocks()
        self._todo()
        if self.verbosity >= 0:
            self._notes(header)
        if header.self_check is not UNSET:
            self.console.print()
            for each in self_check_lines(header.self_check):
                self.console.print(Text(each), soft_wrap=True)
        for notice in header.stale_notices:
            self.console.print(Text(notice_line(notice)), soft_wrap=True)
        steps = next_steps(self.todo, self.first, header.command) if self.first else []
        if steps:
            print_line(self.console, f"next: {'  ·  '.join(steps)}")
        style = "bold red" if header.exit_code else "bold green"
        line = Text(self.layers.verdict(header), style=style)
        line.append(f"  ({time.monotonic() - self.started:.1f} s)", style="dim")
        self.console.print(line)

    def _blocks(self) -> None:
        """Print the cases that show most of each cause, the most important cause first."""
        blocks: list[tuple[Comparison, list[Finding] | None]] = [*self.todo.blocks()]
        if blocks:
            self.first = blocks[0][0].case.id
        blocks += [(comparison, None) for comparison in self.without_cause]
        left = MAX_LINES
        for number, (comparison, findings) in enumerate(blocks):
            block = case_block(comparison, findings)
            left -= len(block)
            if left < 0 and number:
                self.unshown += len(blocks) - number
                break
            print_block(self.console, block)
        if self.unshown and not self.todo.more(MAX_TASKS):
            line = f"… {counted(self.unshown, 'more case')} to show: {_ELSEWHERE}"
            print_line(self.console, line)

    def _todo(self) -> None:
        if not self.todo:
            return
        self.console.print(Text("to do:", style="bold"))
        for number, (action, cases) in enumerate(task_lines(self.todo), 1):
            if number > MAX_TASKS:
                more = self.todo.more(MAX_TASKS)
                print_line(self.console, f"  … {more}: {_ELSEWHERE}")
                break
            print_line(self.console, f"  {number}. {action}  [{cases}]")

    def _notes(self, header: RunHeader) -> None:
        if header.agreement is not UNSET:
            self.console.print(agreement_grid(header.agreement))
        if not (self.todo and self.layers.in_process):
            # The to-do list says which differences are the frameworks'.
            for each in self.layers.lines():
                self.console.print(Text(each, style="dim"))
        for each in self.layers.skipped_lines():
            print_line(self.console, each, "dim")
        if not header.normalisations:
            return
        named = ", ".join(
            f"{n.name} ({n.applied})" for n in header.normalisations if n.applied
        )
        self.console.print(Text(f"normalised: {named or 'nothing'}", style="dim"))
        if unused := never_applied(header):
            self.console.print(Text(unused), soft_wrap=True)


BLOCK_STYLES: dict[str, str] = {
    "head": "bold red",
    "place": "bold",
    "cause": "",
    "remedy": "cyan",
    "-": "red",
    "+": "green",
    "evidence": "dim",
    "note": "",
}


def print_block(console: Console, lines: Sequence[Line]) -> None:
    """Print the lines about a case."""
    for line in lines:
        indent = "" if line.kind == "head" else "    "
        mark = f"{line.kind} " if line.kind in "-+" else ""
        print_line(console, f"{indent}{mark}{line.text}", BLOCK_STYLES[line.kind])


def case_line(comparison: Comparison) -> Text:
    """Format a case in one line: mark, id, status, and known differences or title."""
    verdict = comparison.verdict
    line = Text(f"{MARKS[verdict]} ", style=STYLES[verdict])
    line.append(f"{verdict:<10}")
    line.append(f"{comparison.case.id:<32} ", style="default")
    line.append(f"{status_of(comparison):<8} ", style="dim")
    note = note_line(comparison)
    line.append(note, style="dim" if note == comparison.case.title else "cyan")
    return line
