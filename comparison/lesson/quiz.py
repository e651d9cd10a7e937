"""Mode 6: make questions from a recording and compute every right answer."""

import random
from collections.abc import Collection, Iterable, Iterator, Sequence

from comparison.models import Recording, Row

from .distractors import content_distractors
from .facts import NOT_YET, answer_row, code, receives, status_of
from .model import Question
from .steps import Places

STATUSES = (404, 500, 200, 201, 204, 301, 302, 400, 401, 403, 409, 418, 503)
"""Statuses for wrong answers if the recordings have too few others."""

CONTENTS = ("(empty)", "null", "OK", "Not Found")
"""Contents for wrong answers if the recorded content has too few distractors."""

FAILURES = {
    "raised": "The app raised an exception before it started its response",
    "aborted": "The app raised an exception after it had started its response",
    "timeout": "The app did not respond in time",
    "incomplete": "The app did not finish its response",
    "protocol": "The app broke the rules of its interface",
    "unsupported": "The target cannot receive such a request",
    "capture": "An earlier response lacked a value that the request needs",
    "redirect": "The response before did not redirect",
    "refused": "The connection was refused",
    "closed": "The connection was closed before any response",
    "interim": "Only an interim response arrived, and no final one",
    "disconnected": "The client hung up before any response",
    "died": "The server stopped running",
}


def visual_quiz(
    recording: Recording,
    changed: tuple[int, Recording] | None,
    seed: int,
    elsewhere: Collection[int] = (),
) -> tuple[Question, ...]:
    """Return the questions; the same seed gives the same ones.

    `changed` has the new status of a changed view and the recording of its response.
    `elsewhere` has statuses of other recordings, for wrong answers.
    """
    chance = random.Random(f"{seed} {recording.exchange.request.path}")  # noqa: S311 - not for security
    row = answer_row(recording)
    if row is None:
        return tuple(_why_nothing(recording, chance))
    others = statuses_in(changed[1]) if changed else set()
    others |= {*elsewhere}
    status = _status(recording, row, others, chance)
    found = [status, _received(recording, row, chance)]
    change = None if changed is None else _change(recording, row, *changed)
    found.append(change or _content(recording, row, chance))
    variable = _variable(recording, chance)
    return (*found, variable) if variable is not None else tuple(found)


def statuses_in(recording: Recording) -> set[int]:
    """Return every status that a recording shows at any step."""
    seen: set[int | str | None] = {row.status_code_set for row in recording.table}
    seen.add(status_of(recording))
    for event in recording.trace:
        seen.update((event.status, event.status_before))
    return {status for status in seen if isinstance(status, int)}


def _status(
    recording: Recording, row: Row, others: Collection[int], chance: random.Random
) -> Question:
    right = str(row.status_code_set)
    pools = [str(code) for code in sorted(others)], [str(code) for code in STATUSES]
    wrong = _wrong(pools, right, _recorded_values(recording), chance)
    return Question(
        f"Look at the execution table, what status code is set at step {row.step}?",
        _shuffled([right, *wrong], chance),
        right,
        f"Check the 'Status Code Set' column at step {row.step} in the execution_table.",
        row.step,
    )


def _received(recording: Recording, row: Row, chance: random.Random) -> Question:
    right = f"Step {row.step}"
    others = [f"Step {r.step}" for r in recording.table if not receives(r)]
    wrong = chance.sample(others, min(3, len(others)))
    return Question(
        "At which step does the client receive the response?",
        _shuffled([right, *wrong], chance),
        right,
        "Look at the 'Client Receives' column to find when the response is received.",
        row.step,
    )


def _content(recording: Recording, row: Row, chance: random.Random) -> Question:
    response = recording.exchange.response
    assert response is not None
    right, seen = row.response_content, _recorded_values(recording)
    wrong = _wrong((content_distractors(response), CONTENTS), right, seen, chance)
    return Question(
        "What is the content of the response?",
        _shuffled([right, *wrong], chance),
        right,
        f"Check the 'Response Content' column at step {row.step}.",
        row.step,
    )


def _change(
    recording: Recording, row: Row, new: int, changed: Recording
) -> Question | None:
    """Make the question about a changed status, answered by the changed recording.

    Return None if more than one of the statements is true.
    """
    after = answer_row(changed)
    sent = changed.exchange.request != recording.exchange.request
    content = after is None or after.response_content != row.response_content
    status = after is not None and after.status_code_set == new
    statements = {
        "The client would send a different request": sent,
        "The 'Response Content' would change to an error message": content,
        f"The 'Status Code Set' at step {row.step} would be {new}": status,
        "Nothing would change": not (sent or content or status),
    }
    right = [words for words, true in statements.items() if true]
    if len(right) != 1:
        return None
    return Question(
        f"If we changed the status code to {new}, what would change in the"
        " execution_table?",
        tuple(statements),
        right[0],
        f"Focus on the 'Status Code Set' column at step {row.step} in the"
        " execution_table.",
        row.step,
    )


def _variable(recording: Recording, chance: random.Random) -> Question | None:
    """Make a question about a number that a line assigned, or return None."""
    numbers = [
        (index, name, int(value.text))
        for index, event in enumerate(recording.trace)
        if event.event == "line"
        for name, value in event.changed.items()
        if value.type == "int" and value.text.lstrip("-").isdigit()
    ]
    if not numbers:
        return None
    index, name, right = chance.choice(numbers)
    event = recording.trace[index]
    seen = {n for _, other, n in numbers if other == name}
    near = [right + n for n in (1, -1, 2, 10, -2, 100) if right + n not in seen]
    ran = [
        n
        for n, other, _ in numbers
        if (recording.trace[n].line, other) == (event.line, name)
    ]
    if len(ran) > 1 or len(near) < 3:
        return None
    step = Places(recording).step(index)
    return Question(
        f"What is the value of {code(name)} after the line {code(event.source)}?",
        _shuffled([str(right), *map(str, near[:3])], chance),
        str(right),
        f"It is line {event.line} of {event.file}, by step {step} of the"
        " execution_table.",
        step,
    )


def _why_nothing(recording: Recording, chance: random.Random) -> Iterator[Question]:
    failure = recording.exchange.failure
    if failure is None or failure.kind not in FAILURES:
        return
    right = FAILURES[failure.kind]
    step = recording.table[-1].step
    others = [words for words in FAILURES.values() if words != right]
    whole = failure.partial is None
    yield Question(
        f"Why does the client receive no {'' if whole else 'whole '}response?",
        _shuffled([right, *chance.sample(others, 3)], chance),
        right,
        f"Look at the 'Client Receives' column at step {step}.",
        step,
    )


def _recorded_values(recording: Recording) -> set[str]:
    """Return every status and content that the recording shows anywhere."""
    seen = {str(row.status_code_set) for row in recording.table}
    seen |= {row.response_content for row in recording.table}
    for event in recording.trace:
        seen |= {str(event.status), str(event.status_before)}
        values = [*event.changed.values(), *event.arguments.values()]
        for value in [event.value, *values] if event.value is not None else values:
            texts = {value.text, *(item.text for item in value.items)}
            seen |= texts | {text.strip("'") for text in texts}
    return seen | {NOT_YET, str(status_of(recording))}


def _wrong(
    pools: Iterable[Sequence[str]], right: str, seen: set[str], chance: random.Random
) -> list[str]:
    """Choose three values that the recording does not show, from the first pools."""
    wrong: list[str] = []
    for pool in pools:
        plausible = [w for w in pool if w not in {right, *seen, *wrong}]
        wrong += chance.sample(plausible, min(3 - len(wrong), len(plausible)))
    return wrong


def _shuffled(choices: list[str], chance: random.Random) -> tuple[str, ...]:
    chance.shuffle(choices)
    return tuple(choices)
