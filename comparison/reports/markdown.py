"""Write the Markdown report for a pull request, a wiki or a file in a repository."""

import re
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import IO

from comparison.core.escaping import visible
from comparison.models import Agreement, Comparison, Recording, RunHeader

from .case_block import block_text, case_block
from .groups import DifferenceGroups
from .layers import (
    AGREEMENT,
    Layers,
    agreement_rows,
    by_layer,
    difference_line,
    note_line,
    sentence,
)
from .todo import TodoList, shows_more, task_lines
from .values import value_pair
from .wording import (
    MARKS,
    STALE_NOTICES,
    applied_line,
    environment_line,
    notice_line,
    rule_line,
    rules_line,
    status_of,
    target_line,
)

_TABLE = ("Step", "Action", "Status Code Set", "Response Content", "Client Receives")

LONGEST = 60_000  # characters; GitHub accepts 65,536 for a comment
MOST_TASKS = 50
MOST_DETAILS = 500  # cases to hold, which limits the memory; fewer fit into a comment
IDENTICAL = "| = "
# The starts of a reference (CommonMark section 6.2), of a block at the start of a line
# (sections 4 and 5.2), and of a bare link (GitHub Flavored Markdown section 6.9).
_MARKS = re.compile(r"[\\`*_\[\]<>|]|&(?=#?\w+;)|~(?=~)|^(?:[-+=](?=\s|$)|#|~)")
# GitHub makes links, notifications, pictures and formulas of these, also after a
# backslash (GitHub Docs, "Autolinked references and URLs", "Basic writing and formatting
# syntax", "Writing mathematical expressions"). It leaves code alone.
_REFERENCE = (
    r"://|\bwww\.|@\w|#\d|\bGH-\d|\b(?=\d*[a-f])[\da-f]{7,40}\b|:(?!\d\d:)[\w+-]+:|\$"
)
_WORD_WITH_REFERENCE = re.compile(
    rf"((?<!\S)(?:(?!{_REFERENCE})\S)*+(?={_REFERENCE})\S+)", re.IGNORECASE
)


class MarkdownReport:
    """A report with the verdict, the unexpected cases in full, and a table of all cases.

    `full` adds the tables of every case, like `show`. Otherwise the report fits into a
    comment on a pull request, and counts the cases that it omits.
    """

    def __init__(self, stream: IO[bytes], full: bool = False) -> None:
        self.stream = stream
        self.full = full
        self.lines: list[str] = []
        self.details: list[Comparison] = []
        self.undetailed = 0
        self.groups = DifferenceGroups()
        self.layers = Layers()
        self.todo = TodoList()

    def begin(self, header: RunHeader) -> None:
        """Write nothing yet, because the verdict comes first."""

    def add(self, comparison: Comparison) -> None:
        """Add one case."""
        self.layers.add(comparison)
        case = comparison.case
        self.lines.append(
            _row(
                [
                    f"{MARKS[comparison.verdict]} {comparison.verdict}",
                    code(case.id), status_of(comparison), escape(note_line(comparison)),
                ]
            )
        )  # fmt: skip
        new = False
        if comparison.verdict in ("different", "failed"):
            cause = bool(self.todo.add(comparison))
            unlike = self.groups.add(comparison)
            new = cause if comparison.findings else unlike
            new = new or shows_more(comparison)
        if self.full or (new and len(self.details) < MOST_DETAILS):
            self.details.append(comparison)
        elif new:
            self.undetailed += 1

    def end(self, header: RunHeader) -> None:
        """Write the document."""
        mismatches = header.route_mismatches
        out = [f"# {self.layers.verdict(header)}", ""]
        reference, *others = (target_line(t, header) for t in header.targets)
        out += [f"{escape(reference)} against {escape(' and '.join(others))}.  "]
        out += [escape(environment_line(header)), ""]
        if header.command:
            out += [f"Reproduce: {code(header.command)}", ""]
        if self.todo:
            out += ["## To do", "", *_todo(self.todo), ""]
        for line in self.layers.lines():
            out += [escape(sentence(line)), ""]
        if header.agreement:
            out += [f"## {sentence(AGREEMENT)}", "", *_grid(header.agreement), ""]
        if mismatches:
            out += [f"## {rules_line(len(mismatches))}", ""]
            out += [*(f"- {code(rule_line(rule))}" for rule in mismatches), ""]
        if header.stale_notices:
            out += [f"## {sentence(STALE_NOTICES)}", ""]
            out += [f"- {escape(notice_line(each))}" for each in header.stale_notices]
            out += [""]
        rules = list(_normalisations(header))
        left = sys.maxsize if self.full else LONGEST - _length([*out, *rules])
        fitting, left_out = _fitting(self._details(header), left * 2 // 3)
        above = ""
        for heading, *lines in fitting:
            if heading != above:
                out += [f"## {escape(heading)}", ""]
                above = heading
            out += lines
        if left_out := left_out + self.undetailed:
            out += [f"{left_out} more do not fit into a comment in full.", ""]
        out += ["## Cases", "", *_table(("Verdict", "Case", "Status", ""))]
        rows, left_out = self._rows(left - _length(line for p in fitting for line in p))
        out += [*rows, ""]
        if left_out:
            out += [f"{left_out} more are omitted, the identical ones first.", ""]
        self.stream.write(visible("\n".join([*out, *rules])).encode())

    def _details(self, header: RunHeader) -> Iterator[list[str]]:
        """Yield each case in full, with its heading, if any."""
        level = "##" if self.full else "###"
        layers = [("", self.details)] if self.full else by_layer(self.details)
        for heading, comparisons in layers:
            for comparison in comparisons:
                yield [heading, *detail(comparison, header, level, full=self.full), ""]

    def _rows(self, room: int) -> tuple[list[str], int]:
        """Return the rows that fit and the number of others; drop identical ones first."""
        rows = self.lines
        if _length(rows) > room:
            rows = [row for row in rows if not row.startswith(IDENTICAL)]
        fitting, _ = _fitting(([row] for row in rows), room)
        return [row for part in fitting for row in part], len(self.lines) - len(fitting)


def _todo(todo: TodoList) -> Iterator[str]:
    for number, (action, cases) in enumerate(task_lines(todo), 1):
        if number > MOST_TASKS:
            yield f"{number}. and {todo.more(MOST_TASKS)}"
            return
        yield f"{number}. {_with_code(action)} ({escape(cases)})"


def _with_code(text: str) -> str:
    """Escape a text, but show what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    shown = [code(p) if index % 2 else escape(p) for index, p in enumerate(parts)]
    if any(a.endswith("`") and b.startswith("`") for a, b in pairwise(shown)):
        return escape(text)  # Two codes in a row would be one.
    return "".join(shown)


def _normalisations(header: RunHeader) -> Iterator[str]:
    if header.normalisations:
        yield from ("## Normalisations", "")
        for rule in header.normalisations:
            text = f"{code(rule.name)}, {applied_line(rule)}"
            yield f"- {text}: {escape(rule.description)}."
        yield ""


def _fitting(parts: Iterable[list[str]], room: int) -> tuple[list[list[str]], int]:
    """Return the parts that fit together, in order, and the number of the others."""
    fitting, left_out = [], 0
    for part in parts:
        length = _length(part)
        if length > room:
            left_out += 1
            continue
        room -= length
        fitting.append(part)
    return fitting, left_out


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def detail(
    comparison: Comparison, header: RunHeader, level: str, *, full: bool
) -> list[str]:
    """Format one case under a heading of a level, with `full` its tables too."""
    case = comparison.case
    out = [f"{level} {escape(case.title or case.id)}", ""]
    out += [f"{code(case.id)}: **{comparison.verdict}**", ""]
    if case.description:
        out += [escape(case.description), ""]
    if comparison.verdict in ("different", "failed"):
        block = block_text(case_block(comparison))
        out += [*fenced("diff", _dedented(block)), ""]
    else:
        for difference in comparison.differences:
            left, right = value_pair(difference)
            field, _, more = difference_line(difference).partition(" ")
            out.append(f"- **{escape(field)}** {escape(more)}")
            out.append(f"    - `-` {escape(header.targets[0].name)}: {code(left)}")
            out.append(f"    - `+` {escape(difference.target)}: {code(right)}")
    if full:
        for name, recording in comparison.recordings.items():
            out += [f"{level}# {escape(name)}", "", *tables(recording), ""]
    return out


def _dedented(block: str) -> str:
    first, *rest = block.split("\n")
    return "\n".join([first, *(line.removeprefix("    ") for line in rest)])


def execution_table(recording: Recording) -> list[str]:
    """Format the execution table with its five columns."""
    out = _table(_TABLE)
    for row in recording.table:
        cells = (
            row.step, row.action, row.status_code_set, row.response_content,
            row.client_receives,
        )  # fmt: skip
        out.append(_row(escape(str(cell)) for cell in cells))
    return out


def tables(recording: Recording) -> list[str]:
    """Format the execution table and the variable tracker of one recording."""
    out = execution_table(recording)
    steps = [f"After Step {step}" for step in recording.variables[0].steps]
    out += ["", *_table(("Variable", "Start", *steps, "Final"))]
    for variable in recording.variables:
        values = (variable.start, *variable.steps.values(), variable.final)
        out.append(_row([variable.name, *(escape(str(value)) for value in values)]))
    return out


def _grid(agreement: Iterable[Agreement]) -> Iterator[str]:
    headings, *rows = ([escape(cell) for cell in r] for r in agreement_rows(agreement))
    yield from _table(headings)
    yield from map(_row, rows)


def _table(headings: Iterable[str]) -> list[str]:
    headings = list(headings)
    return [_row(headings), _row("---" for _ in headings)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escape(text: str) -> str:
    """Escape a text, so that Markdown shows it unchanged, even in a table.

    Words that GitHub would make a link or a notification of become inline code.
    """
    parts = _WORD_WITH_REFERENCE.split(" ".join(visible(text).splitlines()))
    return "".join(
        code(part) if index % 2 else _MARKS.sub(r"\\\g<0>", part)
        for index, part in enumerate(parts)
    )


def code(text: str) -> str:
    """Format a text as inline code, even with backticks (CommonMark section 6.1)."""
    text = " ".join(visible(text).splitlines()).replace("|", "\\|")
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(language: str, text: str) -> list[str]:
    """Format a text as a code block, even with backticks (CommonMark section 4.5)."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", text, fence]
