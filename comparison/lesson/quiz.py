"""Mode 6: make questions from a recording and compute every right answer.

The questions are about the reference. Each other target answers the same questions by its
own recording.
"""

import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial

import msgspec

from comparison.models import Recording
from comparison.tracing.table import NOT_YET

from .distractors import content_distractors
from .experiment import change_question
from .facts import code, neutral, status_of
from .merge import merge_texts
from .model import Question
from .quiz_of_code import quiz_of_code
from .quiz_of_messages import quiz_of_messages
from .subject import Subject

STATUSES = (404, 500, 200, 201, 204, 301, 302, 400, 401, 403, 409, 418, 503)
"""Statuses for wrong answers if the recordings have too few others."""

CONTENTS = ("(empty)", "null", "OK", "Not Found")
"""Contents for wrong answers if the recorded content has too few distractors."""

MOST = 3  # questions about what is special in a recording

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
    subjects: Mapping[str, Subject],
    changed: Mapping[str, tuple[int, Recording]],
    seed: int,
    elsewhere: Collection[int] = (),
) -> tuple[Question, ...]:
    """Return the questions about the first target; the same seed gives the same ones.

    `changed` has the new status of each changed view and the recording of its response.
    `elsewhere` has statuses of other recordings, for wrong answers.
    """
    by_question: dict[str, dict[str, Question]] = {}
    for name, subject in subjects.items():
        for question in _questions(subject, changed.get(name), seed, elsewhere):
            by_question.setdefault(neutral(question.question), {})[name] = question
    reference = next(iter(subjects))
    return tuple(
        _about_all(by_name.pop(reference), by_name)
        for by_name in by_question.values()
        if reference in by_name
    )


def _about_all(question: Question, others: Mapping[str, Question]) -> Question:
    """Add the answers of the other targets that are different."""
    different = {n: q.answer for n, q in others.items() if q.answer != question.answer}
    every = [question, *others.values()]
    merged = {
        field: merge_texts([getattr(q, field) for q in every])
        or getattr(question, field)
        for field in ("question", "explanation")
    }
    return msgspec.structs.replace(question, **merged, others=different)


def _questions(
    subject: Subject,
    changed: tuple[int, Recording] | None,
    seed: int,
    elsewhere: Collection[int],
) -> Iterator[Question]:
    recording = subject.recording
    chance = random.Random(f"{seed} {recording.exchange.request.path}")  # noqa: S311 - not for security
    if subject.received is None:
        yield from _why_nothing(subject, chance)
        return
    others = statuses_in(changed[1]) if changed else set()
    yield _status(subject, {*others, *elsewhere}, chance)
    yield _received(subject, chance)
    change = None if changed is None else change_question(subject, *changed)
    yield change or _content(subject, chance)
    shuffled = partial(_shuffled, chance)
    special = [*quiz_of_code(subject, shuffled), *quiz_of_messages(subject, shuffled)]
    yield from special[:MOST]
    variable = _variable(subject, chance)
    if variable is not None:
        yield variable


def statuses_in(recording: Recording) -> set[int]:
    """Return every status that a recording shows at any step."""
    seen: set[int | str | None] = {row.status_code_set for row in recording.table}
    seen.add(status_of(recording))
    for event in recording.trace:
        seen.update((event.status, event.status_before))
    return {status for status in seen if isinstance(status, int)}


def _status(
    subject: Subject, others: Collection[int], chance: random.Random
) -> Question:
    recording, received = subject.recording, subject.received
    at = subject.made or received
    own = dict(subject.steps.own(subject.name))
    assert at is not None
    right = str(own[at].status)
    pools = [str(code) for code in sorted(others)], [str(code) for code in STATUSES]
    wrong = _wrong(pools, right, _recorded_values(recording), chance)
    step = subject.step(at)
    return Question(
        f"Look at the execution table, what status code is set at {step}?",
        _shuffled(chance, [right, *wrong]),
        right,
        f"Check the 'Status Code Set' column at {step} in the execution_table.",
        at,
        explanation=f"{step.capitalize()}: {own[at].action}.",
    )


def _received(subject: Subject, chance: random.Random) -> Question:
    at = subject.received
    assert at is not None
    right = f"Step {subject.label(at)}"
    steps = [n for n, _ in subject.steps.own(subject.name)]
    others = [f"Step {subject.label(n)}" for n in steps if n != at]
    wrong = chance.sample(others, min(3, len(others)))
    return Question(
        "At which step does the client receive the response?",
        _shuffled(chance, [right, *wrong]),
        right,
        "Look at the 'Client Receives' column to find when the response is received.",
        at,
        explanation=f"{right}: the client receives the response.",
    )


def _content(subject: Subject, chance: random.Random) -> Question:
    response, at = subject.recording.exchange.response, subject.received
    assert response is not None
    assert at is not None
    right = dict(subject.steps.own(subject.name))[at].content
    seen = _recorded_values(subject.recording)
    wrong = _wrong((content_distractors(response), CONTENTS), right, seen, chance)
    return Question(
        "What is the content of the response?",
        _shuffled(chance, [right, *wrong]),
        right,
        f"Check the 'Response Content' column at {subject.step(at)}.",
        at,
    )


def _variable(subject: Subject, chance: random.Random) -> Question | None:
    """Make a question about a number that a line assigned, or return None."""
    recording = subject.recording
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
    step = subject.steps.position(subject.name, index)
    return Question(
        f"What is the value of {code(name)} after the line {code(event.source)}?",
        _shuffled(chance, [str(right), *map(str, near[:3])]),
        str(right),
        f"It is line {event.line} of {event.file}, by {subject.step(step)} of the"
        " execution_table.",
        step,
    )


def _why_nothing(subject: Subject, chance: random.Random) -> Iterator[Question]:
    failure = subject.recording.exchange.failure
    if failure is None or failure.kind not in FAILURES:
        return
    right = FAILURES[failure.kind]
    others = [words for words in FAILURES.values() if words != right]
    whole = failure.partial is None
    yield Question(
        f"Why does the client receive no {'' if whole else 'whole '}response?",
        _shuffled(chance, [right, *chance.sample(others, 3)]),
        right,
        f"Look at the 'Client Receives' column at {subject.step(subject.last)}.",
        subject.last,
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


def _shuffled(chance: random.Random, choices: Sequence[str]) -> tuple[str, ...]:
    shuffled = [*choices]
    chance.shuffle(shuffled)
    return tuple(shuffled)
