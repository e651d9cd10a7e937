"""Print a lesson in a terminal, one mode after the other."""

from collections.abc import Iterator
from typing import Any

import msgspec
from rich.box import SIMPLE
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table

from comparison.lesson.model import MODES, Lesson, Part, Question, Sample
from comparison.models import Comparison, RunHeader

from .case_block import case_block
from .case_text import print_verdict
from .lesson_options import LessonOptions
from .tables import execution_table, variable_tracker
from .terminal import Text
from .text import print_block
from .wording import environment_line

MARKS = {"same": " ", "framework": "~", "different": "≠"}
MAX_LINES = 60
STYLES = {"same": "dim", "framework": "cyan", "different": "bold red"}


class LessonReport:
    """The report of `show`: the case's description, the selected modes, the verdict."""

    def __init__(self, console: Console, options: LessonOptions) -> None:
        self.console = console
        self.options = options
        self.header: RunHeader | None = None

    def begin(self, header: RunHeader) -> None:
        """Store the header; print nothing before the first case."""
        self.header = header

    def add(self, comparison: Comparison) -> None:
        """Print the lesson of one comparison."""
        assert self.header is not None
        lesson = self.options.make_lesson(comparison, self.header)
        case, out = comparison.case, self.console.print
        if comparison.verdict in ("different", "failed"):
            print_block(self.console, case_block(comparison))
        out(Text(case.title, style="bold"))
        if case.description:
            out(Text(f"The author of the case: {case.description}"))
        if case.docs:
            out(Text(case.docs, style="dim"))
        out()
        for number, (mode, title) in enumerate(MODES.items(), 1):
            if mode not in self.options.modes:
                continue
            if len(self.options.modes) == len(MODES):
                out(Rule(Text(f"{number}. {title}", style="bold"), align="left"))
            for part in _RENDER[mode](lesson):
                out(part)
            out()
        print_verdict(self.console, comparison, self.header)

    def end(self, header: RunHeader) -> None:
        """Print the environment, because behaviour depends on it."""
        self.console.print(Text(environment_line(header), style="dim"))


def _flow(lesson: Lesson) -> Iterator[RenderableType]:
    for part in lesson.flow:
        yield _heading("Concept flow", part)
        for number, station in enumerate(part.content):
            mark = "▶" if station.current else "↓" if number else "●"
            line = Text(f"  {mark} {station.title}", "bold" if station.current else "")
            detail = "; ".join(station.detail.splitlines())
            line.append(f"  {detail}{_only(station.only)}", style="dim")
            yield line
    yield from _captions(lesson, "flow")


def _sample(lesson: Lesson) -> Iterator[RenderableType]:
    for sample in lesson.samples:
        yield from _merged(sample) if sample.alike else [_aligned(sample)]
    if not all(sample.alike for sample in lesson.samples):
        yield Text("  ~ only async, await or the framework's name   ≠ otherwise", "dim")
    yield from _captions(lesson, "sample")
    for part in lesson.lines:
        if part.content:
            yield Text()
            yield _heading("Lines as they ran", part)
        for ran in part.content[:MAX_LINES]:
            number = f"{ran.line or '':>5}  "
            text = Text(f"{number}{'    ' * ran.depth}{ran.source}", overflow="fold")
            if ran.changes:
                text.append(f"   # {', '.join(ran.changes)}", style="bold")
            yield text
        if len(part.content) > MAX_LINES:
            yield Text(f"       … {len(part.content) - MAX_LINES} more", style="dim")


def _merged(sample: Sample) -> Iterator[RenderableType]:
    title = sample.title.replace("`", "") or "Execution sample"
    names = f"{sample.reference} and {sample.candidate}"
    yield Text(f"{title}: {names}", style="italic")
    for line in sample.lines:
        yield Text(f"  {line.text}", STYLES[line.mark], overflow="fold")
    if sample.marked:
        yield Text(f"  ‹ › only in {sample.marked}", style="dim")


def _aligned(sample: Sample) -> Table:
    title = sample.title.replace("`", "") or "Execution sample"
    table = Table(box=SIMPLE, title=Text(title), title_justify="left")
    table.add_column("")
    table.add_column(Text(sample.reference), no_wrap=False)
    table.add_column(Text(sample.candidate), no_wrap=False)
    for line in sample.lines:
        style = STYLES[line.mark]
        table.add_row(
            Text(MARKS[line.mark], style),
            Text(line.reference or "", style, overflow="fold"),
            Text(line.candidate or "", style, overflow="fold"),
        )
    return table


def _table(lesson: Lesson) -> Iterator[RenderableType]:
    for part in lesson.table:
        rows = [
            msgspec.structs.replace(row, action=f"{row.action}{_only(row.only)}")
            for row in part.content
        ]
        yield execution_table(f"Execution table: {part.names}", rows)
    yield from _captions(lesson, "table")


def _variables(lesson: Lesson) -> Iterator[RenderableType]:
    for part in lesson.variables:
        yield variable_tracker(
            f"Variable tracker: {part.names}", part.content.variables
        )


def _moments(lesson: Lesson) -> Iterator[RenderableType]:
    for moment in lesson.moments:
        yield Text(f"  {moment.question}", style="bold")
        for part in moment.answers:
            if len(part.targets) < len(lesson.targets):
                yield Text(f"    {part.names}:", style="italic")
            for paragraph in part.content.text.splitlines():
                yield Padding(Text(paragraph), (0, 0, 0, 4))
    if not lesson.moments:
        yield Text("  No question arises from this recording.", style="dim")


def _quiz(lesson: Lesson) -> Iterator[RenderableType]:
    for number, question in enumerate(lesson.quiz, 1):
        yield Text(f"  {number}. {question.question}", style="bold")
        for letter, choice in zip("ABCDEFGH", question.choices, strict=False):
            yield Text(f"     {letter}  {choice}")
        yield Text(f"     Hint: {question.hint}", style="dim")
    if not lesson.quiz:
        yield Text("  No question arises from this recording.", style="dim")
        return
    reference = lesson.targets[0].name
    yield Text(f"  Answers of {reference}: {_answers(lesson.quiz)}", style="dim")
    for target in lesson.targets[1:]:
        others = [
            f"{n} {question.others[target.name]}"
            for n, question in enumerate(lesson.quiz, 1)
            if target.name in question.others
        ]
        told = ", ".join(others) or "the same"
        yield Text(f"  Answers of {target.name}: {told}", style="dim")
    for question in lesson.quiz:
        if question.experiment is not None:
            change = question.experiment.change
            yield execution_table("Before", question.experiment.before)
            yield execution_table(f"After: {change}", question.experiment.after)


def _answers(quiz: tuple[Question, ...]) -> str:
    return ", ".join(f"{n} {question.letter}" for n, question in enumerate(quiz, 1))


def _snapshot(lesson: Lesson) -> Iterator[RenderableType]:
    for part in lesson.snapshot:
        yield _heading("Concept snapshot", part)
        for line in part.content:
            yield Padding(Text(line), (0, 0, 0, 2))


def _transcript(lesson: Lesson) -> Iterator[RenderableType]:
    for part in lesson.transcript:
        yield _heading("Full transcript", part)
        yield Padding(Text(part.content), (0, 0, 0, 2))


def _sides(lesson: Lesson) -> Iterator[RenderableType]:
    table = Table(box=SIMPLE, title="Side by side", title_justify="left")
    table.add_column("")
    table.add_column("Field")
    for target in lesson.targets:
        table.add_column(Text(target.name))
    for row in lesson.sides:
        style = {"=": "", "≠": "bold red", "·": "dim"}[row.mark]
        cells = [Text(value, style, overflow="fold") for value in row.values]
        table.add_row(row.mark, Text(row.field, style), *cells)
    yield table
    if any(row.mark == "·" for row in lesson.sides):
        yield Text("  · not compared: a normalisation, or the server's own", "dim")
    for note in lesson.notes:
        known = f"known: {note.known}" if note.known else ""
        why = known or ("explained above" if note.cause else "unexplained")
        yield Text(f"  {note.target} {note.field} ({note.layer}): {why}", "bold")
        for words in (note.title, note.cause, note.advice):
            if words and note.known:
                yield Padding(Text(words), (0, 0, 0, 4))
    yield Text(f"  Verdict: {lesson.comparison.verdict}", style="bold")


def _heading(title: str, part: Part[Any]) -> Text:
    return Text(f"{title}: {part.names}", style="italic")


def _only(targets: tuple[str, ...]) -> str:
    return f"  (only {', '.join(targets)})" if targets else ""


def _captions(lesson: Lesson, name: str) -> Iterator[RenderableType]:
    """Yield the sentence under a mode, with the targets if they differ."""
    parts = lesson.captions[name]
    for part in parts:
        who = f"{part.names}: " if len(parts) > 1 else ""
        yield Text()
        yield Padding(Text(f"{who}{part.content}"), (0, 0, 0, 2))


_RENDER = {
    "flow": _flow,
    "sample": _sample,
    "table": _table,
    "variables": _variables,
    "moments": _moments,
    "quiz": _quiz,
    "snapshot": _snapshot,
    "transcript": _transcript,
    "sides": _sides,
}
