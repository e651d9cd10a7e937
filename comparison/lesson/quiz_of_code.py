"""Questions about the code that ran: statuses, awaits, hooks, exceptions, handlers."""

from collections.abc import Callable, Iterator, Sequence

from werkzeug.exceptions import default_exceptions

from .facts import RAISES, code, first, made, returned
from .model import Question
from .subject import Subject

Shuffled = Callable[[Sequence[str]], tuple[str, ...]]

_ERRORS = ("TypeError", "ValueError", "KeyError", "AttributeError", "RuntimeError")
_CALLS = ("view_called", "hook_called", "handler_called")
FRAMEWORK = "No function of the app"
FEWEST = 3  # choices


def quiz_of_code(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    """Yield questions that the trace answers."""
    yield from _status_set(subject, shuffled)
    yield from _suspended(subject, shuffled)
    yield from _exception(subject, shuffled)
    yield from _made_by(subject, shuffled)
    yield from _first_to_run(subject, shuffled)


def _steps(subject: Subject, right: int, shuffled: Shuffled) -> tuple[str, ...]:
    """Return the step and three others, the nearest first."""
    others = [n for n, _ in subject.steps.own(subject.name) if n != right]
    near = sorted(others, key=lambda n: abs(n - right))[:3]
    return shuffled([f"Step {subject.label(n)}" for n in (right, *near)])


def _status_set(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    maker = made(subject.recording)
    if maker is None or maker.status_before in (None, maker.status):
        return
    at = subject.at(maker)
    yield Question(
        f"At which step does the status become {maker.status}?",
        _steps(subject, at, shuffled),
        f"Step {subject.label(at)}",
        f"The value that was returned still has a response with {maker.status_before}.",
        at,
        explanation="The framework sets it after the function has returned.",
    )


def _suspended(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    event = first(subject.recording, "suspended")
    if event is None:
        return
    at = subject.at(event)
    yield Question(
        "At which step is the code suspended for the first time?",
        _steps(subject, at, shuffled),
        f"Step {subject.label(at)}",
        "Look for the first `await` whose result is not there yet.",
        at,
        explanation=f"It is suspended at {code(event.source)}." if event.source else "",
    )


def _exception(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    event = first(subject.recording, *RAISES, "error_caught")
    if event is None:
        return
    right = event.detail.partition(":")[0].strip()
    caught = event.event == "error_caught"
    http = [error.__name__ for error in default_exceptions.values()]
    pool = http if right in http else _ERRORS
    start = pool.index(right) if right in pool else 0
    others = [name for name in [*pool[start:], *pool[:start]] if name != right][:3]
    at = subject.at(event)
    does = "does the framework catch" if caught else f"leaves {code(event.name)}"
    yield Question(
        f"Which exception {does}?",
        shuffled([right, *others]),
        right,
        f"Look at {subject.step(at)} in the execution_table.",
        at,
        explanation=" ".join(event.detail.split()),
    )


def _made_by(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    recording = subject.recording
    if first(recording, "error_caught", "hook_returned") is None:
        return
    event = returned(recording)
    right = FRAMEWORK if event is None else event.name
    names = dict.fromkeys(e.name for e in recording.trace if e.event in _CALLS)
    others = [name for name in (*names, FRAMEWORK) if name != right][:3]
    if len(others) + 1 < FEWEST:
        return
    at = subject.at(event) if event is not None else subject.made
    yield Question(
        "Which function returned what became the response?",
        shuffled([right, *others]),
        right,
        "Look for the last value that was returned before the response was made.",
        at,
    )


def _first_to_run(subject: Subject, shuffled: Shuffled) -> Iterator[Question]:
    called = [e for e in subject.recording.trace if e.event in _CALLS]
    names = list(dict.fromkeys(event.name for event in called))
    if len(names) < FEWEST or first(subject.recording, "hook_called") is None:
        return
    at = subject.at(called[0])
    yield Question(
        "Which of these functions ran first?",
        shuffled(names[:4]),
        names[0],
        "Look at the order of the hooks and the view in the execution_table.",
        at,
    )
