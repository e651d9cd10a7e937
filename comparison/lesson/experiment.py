"""The question about a changed status, answered by a real request to the changed view."""

import msgspec

from comparison.models import Recording

from .facts import status_of
from .fine import fine_steps
from .model import Experiment, Question, TableRow
from .steps import Steps
from .subject import Subject
from .table import table_rows


def change_question(subject: Subject, new: int, changed: Recording) -> Question | None:
    """Make the question about a changed status, answered by the changed recording.

    Return None if more than one of the statements is true.
    """
    recording, at = subject.recording, subject.received
    assert at is not None
    own = {subject.name: fine_steps(subject.framework, changed)}
    after = table_rows(Steps({subject.name: changed}, own), subject.name)
    before = table_rows(subject.steps, subject.name)
    old_rows, new_rows = _rows(before), _rows(after)
    number = subject.label(at).partition(".")[0]
    old = next(row for row in old_rows if row.step == number)
    now = next((r for r in new_rows if r.client_receives == old.client_receives), None)
    sent = changed.exchange.request != recording.exchange.request
    content = now is None or now.response_content != old.response_content
    status = now is not None and now.status_code_set == new
    statements = {
        "The client would send a different request": sent,
        "The 'Response Content' would change to an error message": content,
        f"The 'Status Code Set' at step {number} would be {new}": status,
        "Nothing would change": not (sent or content or status),
    }
    right = [words for words, true in statements.items() if true]
    if len(right) != 1:
        return None
    if len(old_rows) == len(new_rows):
        new_rows = tuple(
            msgspec.structs.replace(row, step=earlier.step)
            for row, earlier in zip(new_rows, old_rows, strict=True)
        )
    was = status_of(recording)
    return Question(
        f"If we changed the status code to {new}, what would change in the"
        " execution_table?",
        tuple(statements),
        right[0],
        f"Focus on the 'Status Code Set' column at step {number} in the"
        " execution_table.",
        subject.made or at,
        explanation=f"We changed {was} to {new} in the view and sent the request again.",
        experiment=Experiment(f"{was} changed to {new}", old_rows, new_rows),
    )


def _rows(rows: tuple[TableRow, ...]) -> tuple[TableRow, ...]:
    return tuple(row for row in rows if not row.fine)
