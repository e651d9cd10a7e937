"""Define the data of the nine modes of a lesson."""

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
"""The value of a variable that does not exist, in a variable tracker."""

LineMark = Literal["same", "framework", "different"]
FieldMark = Literal["=", "≠", "·"]


class Step(Struct, frozen=True):
    """A step of the lesson, shared by all targets: what happened at the same time.

    `rows` has the current step of each target's execution table, in the order of the
    targets. `new` says whether the target reached it at this step. A target waits if
    only another target has a row here. `summary` describes the step in words.
    """

    rows: tuple[int, ...]
    new: tuple[bool, ...]
    summary: str


class Station(Struct, frozen=True):
    """A place that the request passed; the last one is current.

    `step` is the step of the execution table at which the request passed it.
    """

    title: str
    detail: str = ""
    step: int = 1
    current: bool = False


class SampleLine(Struct, frozen=True):
    """A line of both sources; None if one side lacks it.

    `mark` is "same", "framework" (only `async`, `await` and the framework's name
    differ) or "different". `reference_steps` and `candidate_steps` are the steps of the
    execution tables at which the line ran.
    """

    reference: str | None
    candidate: str | None
    mark: LineMark
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


class RanLine(Struct, frozen=True):
    """A line that ran, `depth` functions below the view, with its effects.

    `step` is the step of the execution table that covers it. `changes` has variables
    with their new values, and an exception that the line raised.
    """

    line: int
    source: str
    step: int = 1
    depth: int = 0
    changes: tuple[str, ...] = ()


class Moment(Struct, frozen=True):
    """A question of a learner; the answer quotes `steps` of the execution table."""

    question: str
    answer: str
    steps: tuple[int, ...] = ()


class Arriving(Struct, frozen=True):
    """The statuses that arrive as sent, with their body, through `stacks` servers.

    `always` lists those that arrive through all servers, and `never` those that arrive
    through none, in words. Both may be empty.
    """

    stacks: int
    always: str
    never: str


class Question(Struct, frozen=True):
    """A question with one right answer; the hint refers to `step` of the table.

    Raises ValueError if the answer is not among the choices, or if a choice occurs twice.
    """

    question: str
    choices: tuple[str, ...]
    answer: str
    hint: str
    step: int | None = None

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


class TargetLesson(Struct, frozen=True):
    """The modes of one target.

    `shared` has, for each row of the execution table, the number of the lesson's step
    that reaches it. `variables` has the recorded variables and those of the view and of
    error handlers. A variable that does not exist yet has the value `NOT_SET`.
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
    """One field of the responses, with the value of each target in their order.

    `mark` is "=" for equal values and "≠" for differences. It is "·" if a normalisation
    rule or the kind of target excludes the field from the comparison.
    """

    field: str
    values: tuple[str, ...]
    mark: FieldMark


class Note(Struct, frozen=True):
    """A difference, with its known difference if one matches."""

    target: str
    field: str
    layer: str
    known: str = ""
    title: str = ""
    cause: str = ""
    advice: str = ""


class Lesson(Struct, frozen=True):
    """The lesson of a comparison, in `steps` that all its targets share."""

    comparison: Comparison
    steps: tuple[Step, ...]
    targets: tuple[TargetLesson, ...]
    samples: tuple[Sample, ...]
    sides: tuple[SideRow, ...]
    notes: tuple[Note, ...]
