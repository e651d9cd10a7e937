"""Make a lesson from a comparison."""

from collections.abc import Mapping
from functools import partial

import msgspec
from msgspec import Struct

from comparison.known import KnownDifferences
from comparison.models import Comparison, Recording, RunHeader

from .facts import neutral
from .fine import fine_steps
from .flow import concept_flow
from .merge import merge_rows, moments, parts
from .model import Arriving, Captions, Lesson, Note, TableRow, TargetLesson
from .moments import key_moments
from .quiz import statuses_in, visual_quiz
from .sample import execution_sample, lines_run
from .side_by_side import notes, side_by_side
from .snapshot import captions, concept_snapshot
from .steps import Steps
from .subject import Subject
from .table import table_rows, tracker
from .transcript import full_transcript


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
    recordings = {
        info.name: comparison.recordings[info.name] for info in header.targets
    }
    names = {t.name: (t.framework or t.name).capitalize() for t in header.targets}
    subjects = subjects_of(names, recordings)
    noted = notes(comparison, known)
    elsewhere = {*findings.others}
    for recording in recordings.values():
        elsewhere |= statuses_in(recording)
    frameworks = {info.name: info.framework or "" for info in header.targets}
    targets = {
        name: _target(
            subject,
            comparison,
            findings,
            findings.arriving.get(frameworks[name]),
            tuple(note for note in noted if note.target == name),
        )
        for name, subject in subjects.items()
    }
    steps = next(iter(subjects.values())).steps
    by_place = partial(
        merge_rows, key=lambda s: (s.step, neutral(s.title)), own="detail"
    )
    return Lesson(
        comparison=comparison,
        steps=steps.shared(),
        targets=tuple(targets.values()),
        samples=execution_sample(subjects),
        captions={
            mode: parts(
                {n: getattr(t.captions, mode) for n, t in targets.items()}, join=" and "
            )
            for mode in Captions.__struct_fields__
        },
        flow=parts({n: t.flow for n, t in targets.items()}, by_place),
        lines=parts({n: t.lines for n, t in targets.items()}),
        table=parts({n: t.table for n, t in targets.items()}, _merged_table),
        variables=parts({n: t.variables for n, t in targets.items()}),
        moments=tuple(moments({n: t.moments for n, t in targets.items()})),
        quiz=visual_quiz(subjects, findings.changed, seed, elsewhere),
        snapshot=parts({n: t.snapshot for n, t in targets.items()}, join=" and "),
        transcript=parts({n: t.transcript for n, t in targets.items()}, join=" and "),
        sides=side_by_side(comparison),
        notes=noted,
    )


def subjects_of(
    frameworks: Mapping[str, str], recordings: Mapping[str, Recording]
) -> dict[str, Subject]:
    """Return each target's recording with the steps that all targets share.

    `frameworks` has the names for the frameworks of the targets.
    """
    fine = {name: fine_steps(frameworks[name], r) for name, r in recordings.items()}
    steps = Steps(recordings, fine)
    return {
        name: Subject(name, frameworks[name], recording, steps)
        for name, recording in recordings.items()
    }


def _target(
    subject: Subject,
    comparison: Comparison,
    findings: Findings,
    arriving: Arriving | None,
    noted: tuple[Note, ...],
) -> TargetLesson:
    statuses = findings.statuses.get(subject.name, {})
    return TargetLesson(
        name=subject.name,
        framework=subject.framework,
        captions=captions(subject),
        flow=concept_flow(subject.steps, subject.name),
        lines=lines_run(subject),
        table=table_rows(subject.steps, subject.name),
        variables=tracker(subject.steps, subject.name),
        moments=key_moments(subject, statuses, arriving, noted),
        snapshot=concept_snapshot(subject, comparison, findings.others, arriving),
        transcript=full_transcript(subject, comparison),
    )


def _merged_table(
    tables: Mapping[str, tuple[TableRow, ...]],
) -> tuple[TableRow, ...] | None:
    """Merge tables; a row sums up the steps of all targets."""
    summed: dict[str, set[int]] = {}
    for rows in tables.values():
        for row in rows:
            summed.setdefault(row.step, set()).update(row.positions)
    return merge_rows(
        {
            name: [
                msgspec.structs.replace(row, positions=tuple(sorted(summed[row.step])))
                for row in rows
            ]
            for name, rows in tables.items()
        },
        key=lambda row: (row.positions[0], row.fine),
        own="action",
    )
