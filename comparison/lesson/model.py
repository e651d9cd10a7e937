"""The nine modes of a lesson, as data."""

from typing import Literal

from msgspec import Struct

from comparison.models import Comparison, Row, Variable

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
"""What a variable tracker shows for a variable that does not exist."""

LineMark = Literal["same", "framework", "different"]
FieldMark = Literal["=", "≠", "·"]


class Step(Struct, frozen=True):
    """A step of the lesson, the same for every target: what happened at the same time.

    `rows` has, for each target in their order, the step of its execution table that it
    is at; `new` whether it came there only now: where a target has no row of its own
    for what another did, it stays where it was. `told` is what happened, in words.
    """

    rows: tuple[int, ...]
    new: tuple[bool, ...]
    told: str


class Station(Struct, frozen=True):
    """A place that the request passed; the last one is where it is now.

    `step` is that of the execution table at which it was passed.
    """

    title: str
    detail: str = ""
    step: int = 1
    current: bool = False


class SampleLine(Struct, frozen=True):
    """A line of both sources; None where one side has none.

    `mark` is "same", "framework" (only `async`, `await` and the framework's name
    differ) or "different". `reference_steps` and `candidate_steps` are those of the
    execution tables at which the line ran.
    """

    reference: str | None
    candidate: str | None
    mark: LineMark
    reference_steps: tuple[int, ...] = ()
    candidate_steps: tuple[int, ...] = ()


class Sample(Struct, frozen=True):
    """The views of the reference and of one candidate, aligned.

    Or two error handlers, or one beside nothing: then they have a `title`.
    """

    reference: str
    candidate: str
    lines: tuple[SampleLine, ...]
    title: str = ""


class RanLine(Struct, frozen=True):
    """A line as it ran, `depth` functions below the view, and what it did.

    `step` is that of the execution table by which it had run. `changes` are variables
    with their new values, and the exception that left the line.
    """

    line: int
    source: str
    step: int = 1
    depth: int = 0
    changes: tuple[str, ...] = ()


class Moment(Struct, frozen=True):
    """A question that a learner asks here; the answer quotes `steps` of the table."""

    question: str
    answer: str
    steps: tuple[int, ...] = ()


class Arriving(Struct, frozen=True):
    """Which statuses arrive as they were sent, with their body, through `stacks` servers.

    `always` through every one and `never` through any, in words; both may be empty.
    """

    stacks: int
    always: str
    never: str


class Question(Struct, frozen=True):
    """A question with one right answer; the hint points at `step` of the table.

    Raises ValueError if the answer is not among the choices, or if a choice is there
    twice: then the question cannot be answered.
    """

    question: str
    choices: tuple[str, ...]
    answer: str
    hint: str
    step: int | None = None

    def __post_init__(self) -> None:
        if self.choices.count(self.answer) != 1:
            raise ValueError(f"{self.question!r}: {self.answer!r} is not one choice")
        if len(set(self.choices)) != len(self.choices):
            raise ValueError(f"{self.question!r}: a choice is there twice")

    @property
    def letter(self) -> str:
        """The letter of the right answer."""
        return "ABCDEFGH"[self.choices.index(self.answer)]


class TargetLesson(Struct, frozen=True):
    """The modes that each target has of its own.

    `shared` has, for each row of the execution table, the number of the lesson's step
    at which it is reached. `variables` are the recorded ones, and those of the view and
    of error handlers; None is None, and what does not exist yet is `NOT_SET`.
    """

    name: str
    framework: str
    shared: tuple[int, ...]
    flow: tuple[Station, ...]
    lines: tuple[RanLine, ...]
    table: tuple[Row, ...]
    variables: tuple[Variable, ...]
    moments: tuple[Moment, ...]
    quiz: tuple[Question, ...]
    snapshot: tuple[str, ...]
    transcript: str


class SideRow(Struct, frozen=True):
    """One field of what came back, with each target's value in their order.

    `mark` is "=" where the values are equal, "≠" where they differ, and "·" where a
    normalisation, or the kind of target, keeps them from being compared.
    """

    field: str
    values: tuple[str, ...]
    mark: FieldMark


class Note(Struct, frozen=True):
    """A difference and what is known of it."""

    target: str
    field: str
    layer: str
    known: str = ""
    title: str = ""
    cause: str = ""
    advice: str = ""


class Lesson(Struct, frozen=True):
    """A comparison, told as a lesson, in `steps` that all its targets go together."""

    comparison: Comparison
    steps: tuple[Step, ...]
    targets: tuple[TargetLesson, ...]
    samples: tuple[Sample, ...]
    sides: tuple[SideRow, ...]
    notes: tuple[Note, ...]
