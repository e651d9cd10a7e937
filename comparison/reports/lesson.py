"""Print a lesson in a terminal, one mode after the other."""

from collections.abc import Iterator

from rich.box import SIMPLE
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table

from comparison.lesson.model import MODES, Lesson, Question, Sample, TargetLesson
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
        for note in (case.description, case.docs):
            if note:
                out(Text(note, style="dim" if note == case.docs else ""))
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
    for target in lesson.targets:
        yield _heading("Concept flow", target)
        for number, station in enumerate(target.flow):
            mark = "▶" if station.current else "↓" if number else "●"
            line = Text(f"  {mark} {station.title}", "bold" if station.current else "")
            if station.detail:
                line.append(f"  {station.detail}", style="dim")
            yield line


def _sample(lesson: Lesson) -> Iterator[RenderableType]:
    for sample in lesson.samples:
        yield _aligned(sample)
    if lesson.samples:
        yield Text("  ~ only async, await or the framework's name   ≠ otherwise", "dim")
    for target in lesson.targets:
        if target.lines:
            yield Text()
            yield _heading("Lines as they ran", target)
        for ran in target.lines[:MAX_LINES]:
            number = f"{ran.line or '':>5}  "
            text = Text(f"{number}{'    ' * ran.depth}{ran.source}", overflow="fold")
            if ran.changes:
                text.append(f"   # {', '.join(ran.changes)}", style="bold")
            yield text
        if len(target.lines) > MAX_LINES:
            yield Text(f"       … {len(target.lines) - MAX_LINES} more", style="dim")


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
    for target in lesson.targets:
        yield execution_table(f"Execution table: {target.name}", target.table)


def _variables(lesson: Lesson) -> Iterator[RenderableType]:
    for target in lesson.targets:
        yield variable_tracker(f"Variable tracker: {target.name}", target.variables)


def _moments(lesson: Lesson) -> Iterator[RenderableType]:
    for target in lesson.targets:
        yield _heading("Key moments", target)
        for moment in target.moments:
            yield Padding(Text(moment.question, style="bold"), (0, 0, 0, 2))
            for paragraph in moment.answer.splitlines():
                yield Padding(Text(paragraph), (0, 0, 0, 4))
        if not target.moments:
            yield Text("  No question arises from this recording.", style="dim")


def _quiz(lesson: Lesson) -> Iterator[RenderableType]:
    for target in lesson.targets:
        yield _heading("Visual quiz", target)
        for number, question in enumerate(target.quiz, 1):
            yield Text(f"  {number}. {question.question}", style="bold")
            for letter, choice in zip("ABCDEFGH", question.choices, strict=False):
                yield Text(f"     {letter}  {choice}")
            yield Text(f"     Hint: {question.hint}", style="dim")
        if target.quiz:
            yield Text(f"  Answers: {_answers(target.quiz)}", style="dim")
        else:
            yield Text("  No question arises from this recording.", style="dim")


def _answers(quiz: tuple[Question, ...]) -> str:
    return ", ".join(f"{n} {question.letter}" for n, question in enumerate(quiz, 1))


def _snapshot(lesson: Lesson) -> Iterator[RenderableType]:
    for target in lesson.targets:
        yield _heading("Concept snapshot", target)
        for line in target.snapshot:
            yield Padding(Text(line), (0, 0, 0, 2))


def _transcript(lesson: Lesson) -> Iterator[RenderableType]:
    for target in lesson.targets:
        yield _heading("Full transcript", target)
        yield Padding(Text(target.transcript), (0, 0, 0, 2))


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
        known = f"known: {note.known}" if note.known else "unexplained"
        yield Text(f"  {note.target} {note.field} ({note.layer}): {known}", "bold")
        for words in (note.title, note.cause, note.advice):
            if words:
                yield Padding(Text(words), (0, 0, 0, 4))
    yield Text(f"  Verdict: {lesson.comparison.verdict}", style="bold")


def _heading(title: str, target: TargetLesson) -> Text:
    return Text(f"{title}: {target.name}", style="italic")


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
