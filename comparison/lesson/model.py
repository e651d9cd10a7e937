"""Define the data of the nine modes of a lesson."""

from collections.abc import Iterator, Mapping
from typing import Generic, Literal, TypeVar

from msgspec import Struct

from comparison.models import Comparison, Variable

MODES = {
    "flow": "Concept flow",
    "sample": "Execution sample",
    "table": "Execution table",
    "variables": "Variable tracker",
    "moments": "Key moments",
    "quiz": "Visual quiz",
    "snapshot": "Concept snapshot",
    "transcript": "Full transcript",
    "sides": "Side by side",
}
"""The modes in order: the name on the command line, and the title."""

NOT_SET = "–"
"""The value of a variable that does not exist, in a variable tracker."""

LineMark = Literal["same", "framework", "different"]
FieldMark = Literal["=", "≠", "·"]

T = TypeVar("T")


class Part(Struct, Generic[T], frozen=True):
    """A part of a mode, the same for all `targets` that it names.

    A mode has one part if all targets did the same. The words of targets that differ only
    in the framework, `async` and `await` are merged.
    """

    targets: tuple[str, ...]
    content: T

    @property
    def names(self) -> str:
        """Return the names of the targets in words."""
        return " and ".join(self.targets)


class Step(Struct, frozen=True):
    """A step of the lesson, shared by all targets: what happened at the same time.

    The number of its row in the execution table begins `label`; "3.2" is the second step of
    row 3. `reached` says for each target whether it did something at this step. A target
    waits if only another one did. `summary` describes the step in words.
    """

    label: str
    reached: tuple[bool, ...]
    summary: str


class TableRow(Struct, frozen=True):
    """A row of the lesson's execution table.

    `positions` are the lesson's steps that it covers, counted from 1. A row that covers
    several steps sums them up, and one row for each of them follows, which is `fine`. `only`
    names the targets that have the row, if others of the same table have none.
    """

    step: str
    positions: tuple[int, ...]
    action: str
    status_code_set: int | str
    response_content: str
    client_receives: str
    fine: bool = False
    only: tuple[str, ...] = ()


class Tracker(Struct, frozen=True):
    """The variables after each step that changed one, whose numbers are `positions`.

    The first variables are those of the response; `local` says where those of views and
    error handlers begin. A variable that does not exist has the value `NOT_SET`.
    """

    positions: tuple[int, ...]
    variables: tuple[Variable, ...]
    local: int


class Station(Struct, frozen=True):
    """A place that the request passed at `step` of the lesson; the last one is current."""

    title: str
    detail: str = ""
    step: int = 1
    current: bool = False
    only: tuple[str, ...] = ()


class SampleLine(Struct, frozen=True):
    """A line of both sources; None if one side lacks it.

    `mark` is "same", "framework" (only `async`, `await` and the framework's name
    differ) or "different". `text` is the line of both, merged. `reference_steps` and
    `candidate_steps` are the lesson's steps at which the line ran.
    """

    reference: str | None
    candidate: str | None
    mark: LineMark
    text: str = ""
    reference_steps: tuple[int, ...] = ()
    candidate_steps: tuple[int, ...] = ()


class Sample(Struct, frozen=True):
    """The aligned views of the reference and of one candidate.

    A sample with a `title` has error handlers instead, of one or both targets.
    """

    reference: str
    candidate: str
    lines: tuple[SampleLine, ...]
    title: str = ""

    @property
    def alike(self) -> bool:
        """Return whether one column shows both sources."""
        return all(line.mark != "different" for line in self.lines)

    @property
    def marked(self) -> str:
        """Return the target that has the marked words of merged lines, or ""."""
        for line in self.lines:
            if "‹" in line.text:
                longer = len(line.candidate or "") > len(line.reference or "")
                return self.candidate if longer else self.reference
        return ""


class RanLine(Struct, frozen=True):
    """A line that ran, `depth` functions below the view, with its effects.

    `step` is the step of the lesson that covers it. `changes` has variables with their new
    values, and an exception that the line raised.
    """

    line: int
    source: str
    step: int = 1
    depth: int = 0
    changes: tuple[str, ...] = ()


class Answer(Struct, frozen=True):
    """The answer to a learner's question; it quotes `steps` of the lesson."""

    text: str
    steps: tuple[int, ...] = ()


Moments = Iterator[tuple[str, Answer]]
"""Questions of a learner about one target, with their answers."""


class Moment(Struct, frozen=True):
    """A question of a learner, with one answer for all targets that have the same."""

    question: str
    answers: tuple[Part[Answer], ...]


class Arriving(Struct, frozen=True):
    """The statuses that arrive as sent, with their body, through `stacks` of `servers`.

    `always` lists those that arrive through all stacks, and `never` those that arrive
    through none, in words. Both may be empty.
    """

    stacks: int
    servers: int
    always: str
    never: str


class Experiment(Struct, frozen=True):
    """The execution table as recorded, and that of the changed view."""

    change: str
    before: tuple[TableRow, ...]
    after: tuple[TableRow, ...]


class Question(Struct, frozen=True):
    """A question with one right answer, about the reference; the hint refers to `step`.

    `others` has the answer of each other target that gives a different one, and None if
    the question does not apply to it. `explanation` quotes the recording.

    Raises ValueError if the answer is not among the choices, or if a choice occurs twice.
    """

    question: str
    choices: tuple[str, ...]
    answer: str
    hint: str
    step: int | None = None
    others: dict[str, str] = {}
    explanation: str = ""
    experiment: Experiment | None = None

    def __post_init__(self) -> None:
        if self.choices.count(self.answer) != 1:
            raise ValueError(
                f"{self.question!r}: the answer {self.answer!r} must be exactly one choice"
            )
        if len(set(self.choices)) != len(self.choices):
            raise ValueError(f"{self.question!r}: a choice occurs twice")

    @property
    def letter(self) -> str:
        """Return the letter of the right answer."""
        return "ABCDEFGH"[self.choices.index(self.answer)]


class Captions(Struct, frozen=True):
    """A sentence under the flow, the code and the execution table."""

    flow: str
    sample: str
    table: str


class TargetLesson(Struct, frozen=True):
    """The modes of one target, before equal ones are merged."""

    name: str
    framework: str
    captions: Captions
    flow: tuple[Station, ...]
    lines: tuple[RanLine, ...]
    table: tuple[TableRow, ...]
    variables: Tracker
    moments: tuple[tuple[str, Answer], ...]
    snapshot: tuple[str, ...]
    transcript: str


class SideRow(Struct, frozen=True):
    """One field of the responses, with the value of each target in their order.

    `mark` is "=" for equal values and "≠" for differences. It is "·" if a normalisation
    rule or the kind of target excludes the field from the comparison.
    """

    field: str
    values: tuple[str, ...]
    mark: FieldMark


class Note(Struct, frozen=True):
    """A difference, with its cause if a known difference or a finding explains it."""

    target: str
    field: str
    layer: str
    known: str = ""
    title: str = ""
    cause: str = ""
    advice: str = ""


class Lesson(Struct, frozen=True):
    """The lesson of a comparison, in `steps` that all its targets share.

    `targets` has the modes of each target. The other modes are merged: they have one part
    where the targets did the same. `captions` has them by mode. `quiz` has the questions about the reference.
    """

    comparison: Comparison
    steps: tuple[Step, ...]
    targets: tuple[TargetLesson, ...]
    samples: tuple[Sample, ...]
    captions: Mapping[str, tuple[Part[str], ...]]
    flow: tuple[Part[tuple[Station, ...]], ...]
    lines: tuple[Part[tuple[RanLine, ...]], ...]
    table: tuple[Part[tuple[TableRow, ...]], ...]
    variables: tuple[Part[Tracker], ...]
    moments: tuple[Moment, ...]
    quiz: tuple[Question, ...]
    snapshot: tuple[Part[tuple[str, ...]], ...]
    transcript: tuple[Part[str], ...]
    sides: tuple[SideRow, ...]
    notes: tuple[Note, ...]
