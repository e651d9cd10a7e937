"""Make a lesson from a comparison."""

from collections.abc import Mapping

from msgspec import Struct

from comparison.known import KnownDifferences
from comparison.models import Comparison, Recording, RunHeader

from .flow import concept_flow, tracked
from .model import Arriving, Lesson, TargetLesson
from .moments import key_moments
from .quiz import statuses_in, visual_quiz
from .sample import execution_sample, lines_run
from .side_by_side import notes, side_by_side
from .steps import reached_at, shared_steps
from .transcript import concept_snapshot, full_transcript


class Findings(Struct, frozen=True):
    """The results of further requests, by target.

    `changed` has the new status of a changed view and the recording of its response.
    `statuses` has the received status for each status that a view returns, in process.
    `arriving` summarises the recorded status map by framework. `others` has statuses of
    other cases.
    """

    changed: Mapping[str, tuple[int, Recording]] = {}
    statuses: Mapping[str, Mapping[int, int | str]] = {}
    arriving: Mapping[str, Arriving] = {}
    others: tuple[int, ...] = ()


def lesson_of(
    comparison: Comparison,
    header: RunHeader,
    known: KnownDifferences,
    findings: Findings | None = None,
    seed: int = 0,
) -> Lesson:
    """Return the nine modes. The same seed gives the same questions."""
    findings = Findings() if findings is None else findings
    steps = shared_steps(comparison.recordings)
    noted = notes(comparison, known)
    elsewhere = {*findings.others}
    for recording in comparison.recordings.values():
        elsewhere |= statuses_in(recording)
    targets = []
    for number, info in enumerate(header.targets):
        recording = comparison.recordings[info.name]
        framework = (info.framework or info.name).capitalize()
        targets.append(
            TargetLesson(
                name=info.name,
                framework=framework,
                shared=reached_at(steps, number),
                flow=concept_flow(framework, recording),
                lines=lines_run(recording),
                table=recording.table,
                variables=tracked(recording),
                moments=key_moments(
                    framework,
                    recording,
                    findings.statuses.get(info.name, {}),
                    findings.arriving.get(info.framework or ""),
                    tuple(note for note in noted if note.target == info.name),
                ),
                quiz=visual_quiz(
                    recording, findings.changed.get(info.name), seed, elsewhere
                ),
                snapshot=concept_snapshot(framework, recording, comparison),
                transcript=full_transcript(framework, recording, comparison),
            )
        )
    return Lesson(
        comparison=comparison,
        steps=steps,
        targets=tuple(targets),
        samples=execution_sample(comparison.recordings),
        sides=side_by_side(comparison),
        notes=noted,
    )
