"""Write one case in full as text, with its tables and its differences."""

from collections.abc import Mapping

from rich.console import Console, Group, RenderableType

from comparison.known.suggest import Alike
from comparison.models import Comparison, RunHeader

from .case_block import case_block
from .groups import DifferenceGroups
from .layers import difference_line
from .tables import execution_table, variable_tracker
from .terminal import Text
from .text import case_line, print_block
from .values import unmet_line, value_pair
from .wording import entries, environment_line, notice_line


def print_entry(
    console: Console,
    comparison: Comparison,
    header: RunHeader,
    alike: Mapping[int, Alike],
    taken: set[str],
) -> None:
    """Print a known difference to paste, without wrapping.

    `alike` has the cases with the same differences, by request. The suggestion does not
    use the ids in `taken`.
    """
    if entry := entries(comparison, header.targets, alike, taken):
        hint = "to accept the differences, add to the --known file:"
        console.print(Text(hint, style="dim"))
        console.print(Text(entry), soft_wrap=True)


def print_verdict(console: Console, comparison: Comparison, header: RunHeader) -> None:
    """Print the end of a full case: one line, or its differences and failures."""
    if comparison.verdict in ("different", "failed"):
        groups = DifferenceGroups()
        groups.add(comparison)
        alike, taken = groups.alike(comparison), set(header.known_ids)
        print_entry(console, comparison, header, alike, taken)
    else:
        console.print(case_line(comparison), overflow="ellipsis", no_wrap=True)


def differences(comparison: Comparison, header: RunHeader) -> RenderableType:
    """Format the known differences of a case, with both values marked."""
    case = comparison.case
    parts = [Text(f"{case.id}  {case.request.request_line}", style="bold")]
    reference = header.targets[0].name
    for difference in comparison.differences:
        left, right = value_pair(difference)
        parts.append(Text(f"  {difference_line(difference)}"))
        parts.append(Text(f"    - {reference}: {left}", style="red"))
        parts.append(Text(f"    + {difference.target}: {right}", style="green"))
    for failure in comparison.expectation.failures:
        note = f" (known: {failure.known})" if failure.known else ""
        line = unmet_line(failure)
        parts.append(Text(f"  expected of {failure.target}: {line}{note}"))
    return Group(*parts)


class CaseReport:
    """A report with each case in full, targets side by side."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.header: RunHeader | None = None

    def begin(self, header: RunHeader) -> None:
        """Store the header; print nothing before the first case."""
        self.header = header

    def add(self, comparison: Comparison) -> None:
        """Print the case: description, tables, trackers, verdict and differences."""
        assert self.header is not None
        case, out = comparison.case, self.console.print
        unexpected = comparison.verdict in ("different", "failed")
        if unexpected:
            print_block(self.console, case_block(comparison))
        out(Text(case.title, style="bold"))
        for note in (case.description, case.docs):
            if note:
                out(Text(note, style="dim" if note == case.docs else ""))
        out()
        for name, recording in comparison.recordings.items():
            out(execution_table(f"Execution table: {name}", recording.table))
        for name, recording in comparison.recordings.items():
            out(variable_tracker(f"Variable tracker: {name}", recording.variables))
        print_verdict(self.console, comparison, self.header)
        if comparison.verdict == "known":
            out(differences(comparison, self.header))

    def end(self, header: RunHeader) -> None:
        """Print the stale known differences and the environment."""
        for notice in header.stale_notices:
            self.console.print(Text(notice_line(notice)), soft_wrap=True)
        self.console.print(Text(environment_line(header), style="dim"))
