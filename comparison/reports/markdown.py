"""Markdown: for a pull request, a wiki, a file in a repository."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import IO

from comparison.core.escaping import visible
from comparison.known.suggest import Alike
from comparison.models import Agreement, Comparison, Recording, RunHeader

from .fold import Folds
from .layers import (
    AGREEMENT,
    Layers,
    agreement_rows,
    by_layer,
    difference_line,
    note_line,
    sentence,
)
from .wording import (
    MARKS,
    STALE_NOTICES,
    applied_line,
    entries,
    environment_line,
    failure_lines,
    notice_line,
    rule_line,
    rules_line,
    shown_pair,
    status_of,
    target_line,
)

_TABLE = ("Step", "Action", "Status Code Set", "Response Content", "Client Receives")

LONGEST = 60_000  # characters; GitHub takes 65,536 for a comment
LONGEST_ENTRY = 4_000
MOST_REPEATED = 50
IDENTICAL = "| = "
# What begins a reference (CommonMark section 6.2), a block at the start of a line
# (section 4 and 5.2), or a link without brackets (GitHub Flavored Markdown section 6.9).
_MARKS = re.compile(r"[\\`*_\[\]<>|]|&(?=#?\w+;)|~(?=~)|^(?:[-+=](?=\s|$)|#|~)")


class MarkdownReport:
    """The verdict, what was unexpected in full, then every case in one table.

    `full` adds the tables of every case, as `show` has them. Otherwise it is no longer
    than a comment on a pull request may be: what is left out is counted.
    """

    def __init__(self, stream: IO[bytes], full: bool = False) -> None:
        self.stream = stream
        self.full = full
        self.lines: list[str] = []
        self.details: list[Comparison] = []
        self.folds = Folds()
        self.layers = Layers()

    def begin(self, header: RunHeader) -> None:
        """Nothing can be written yet: the verdict comes first."""

    def add(self, comparison: Comparison) -> None:
        """Note one case."""
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
        unexpected = comparison.verdict in ("different", "failed")
        if (unexpected and self.folds.add(comparison)) or self.full:
            self.details.append(comparison)

    def end(self, header: RunHeader) -> None:
        """Write the document."""
        lone = header.route_mismatches
        out = [f"# {self.layers.verdict(header)}", ""]
        reference, *others = (target_line(t, header) for t in header.targets)
        out += [f"{escape(reference)} against {escape(' and '.join(others))}.  "]
        out += [escape(environment_line(header)), ""]
        if header.command:
            out += [f"Reproduce: {code(header.command)}", ""]
        for said in self.layers.lines():
            out += [escape(sentence(said)), ""]
        if header.agreement:
            out += [f"## {sentence(AGREEMENT)}", "", *_grid(header.agreement), ""]
        if lone:
            out += [f"## {rules_line(len(lone))}", ""]
            out += [*(f"- {code(rule_line(rule))}" for rule in lone), ""]
        if header.stale_notices:
            out += [f"## {sentence(STALE_NOTICES)}", ""]
            out += [f"- {escape(notice_line(each))}" for each in header.stale_notices]
            out += [""]
        if repeated := self.folds.repeated():
            out += ["## The same in several cases", ""]
            out += [f"- {code(str(fold))}" for fold in repeated[:MOST_REPEATED]]
            if (more := len(repeated) - MOST_REPEATED) > 0:
                out += [f"- and {more} more"]
            out += [""]
        rules = list(_normalisations(header))
        left = sys.maxsize if self.full else LONGEST - _length([*out, *rules])
        kept, left_out = _fitting(self._details(header), left * 2 // 3)
        above = ""
        for heading, *lines in kept:
            if heading != above:
                out += [f"## {escape(heading)}", ""]
                above = heading
            out += lines
        if left_out:
            out += [f"{left_out} more in full would be too long for a comment.", ""]
        out += ["## Cases", "", *_table(("Verdict", "Case", "Status", ""))]
        rows, left_out = self._rows(left - _length(line for p in kept for line in p))
        out += [*rows, ""]
        if left_out:
            out += [f"{left_out} more are not listed, the identical ones first.", ""]
        self.stream.write(visible("\n".join([*out, *rules])).encode())

    def _details(self, header: RunHeader) -> Iterator[list[str]]:
        """Each case in full, below the heading that it comes under, if any."""
        level = "##" if self.full else "###"
        taken = set(header.known_ids)
        layers = [("", self.details)] if self.full else by_layer(self.details)
        for heading, comparisons in layers:
            for comparison in comparisons:
                alike = self.folds.alike(comparison)
                yield [heading, *detail(comparison, header, alike, taken, level), ""]

    def _rows(self, room: int) -> tuple[list[str], int]:
        """The rows that fit, and how many do not; what is identical gives way first."""
        rows = self.lines
        if _length(rows) > room:
            rows = [row for row in rows if not row.startswith(IDENTICAL)]
        kept, _ = _fitting(([row] for row in rows), room)
        return [row for part in kept for row in part], len(self.lines) - len(kept)


def _normalisations(header: RunHeader) -> Iterator[str]:
    if header.normalisations:
        yield from ("## Normalisations", "")
        for rule in header.normalisations:
            text = f"{code(rule.name)}, {applied_line(rule)}"
            yield f"- {text}: {escape(rule.description)}."
        yield ""


def _fitting(parts: Iterable[list[str]], room: int) -> tuple[list[list[str]], int]:
    """The parts that fit together, in order, and how many do not."""
    kept, left_out = [], 0
    for part in parts:
        length = _length(part)
        if length > room:
            left_out += 1
            continue
        room -= length
        kept.append(part)
    return kept, left_out


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def detail(
    comparison: Comparison,
    header: RunHeader,
    alike: Mapping[int, Alike],
    taken: set[str],
    level: str,
) -> list[str]:
    """One case in full under a heading of a level.

    `alike` are the cases that failed alike, by the request; ids in `taken` are not
    offered again.
    """
    case = comparison.case
    out = [f"{level} {escape(case.title or case.id)}", ""]
    out += [f"{code(case.id)}: **{comparison.verdict}**", ""]
    if case.teaches:
        out += [escape(case.teaches), ""]
    for name, recording in comparison.recordings.items():
        out += [f"{level}# {escape(name)}", "", *tables(recording), ""]
    for difference in comparison.differences:
        left, right = shown_pair(difference)
        field, _, more = difference_line(difference).partition(" ")
        out.append(f"- **{escape(field)}** {escape(more)}")
        out.append(f"    - `-` {escape(header.targets[0].name)}: {code(left)}")
        out.append(f"    - `+` {escape(difference.target)}: {code(right)}")
    for failure in comparison.expectation.failures:
        out.append(
            f"- expected of {escape(failure.target)}: {escape(failure.field)}"
            f" {code(failure.expected)}, got {code(failure.actual)}"
        )
    for stale in comparison.failing_stale:
        out.append(f"- known difference {code(stale.known)} no longer occurs")
    out += [f"- {escape(line)}" for line in failure_lines(comparison)]
    if entry := entries(comparison, header.targets, alike, taken):
        if len(entry) > LONGEST_ENTRY:
            out += ["", "`comparison run` prints the entry that would keep it."]
        else:
            out += ["", "If it is to stay:", "", *fenced("toml", entry)]
    return out


def execution_table(recording: Recording) -> list[str]:
    """The lesson's five columns."""
    out = _table(_TABLE)
    for row in recording.table:
        cells = (
            row.step, row.action, row.status_code_set, row.response_content,
            row.client_receives,
        )  # fmt: skip
        out.append(_row(escape(str(cell)) for cell in cells))
    return out


def tables(recording: Recording) -> list[str]:
    """The execution table and the variable tracker of one recording."""
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
    """Text that Markdown shows as it is, also inside a table."""
    text = _MARKS.sub(r"\\\g<0>", visible(text))
    return " ".join(text.splitlines())


def code(text: str) -> str:
    """Text as inline code, whatever backticks it has (CommonMark section 6.1)."""
    text = " ".join(visible(text).splitlines()).replace("|", "\\|")
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(language: str, text: str) -> list[str]:
    """Text as a block of code, whatever backticks it has (CommonMark section 4.5)."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", text, fence]
