"""Compare what a request did inside two apps and no response shows.

Two responses may be equal although one app lost work: a coroutine that was never awaited
did nothing. An effect is a short text about one such event, as `hook close_db ran`.
"""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from comparison.models import (
    CANCELLED,
    SECOND,
    Event,
    Exchange,
    FieldValue,
    NormalisationRules,
    effect_text,
)

Trace = Sequence[Event]

EFFECT = "effect"

_ENDED = {
    "thread_raised": "{} ended a thread",
    "task_raised": "{} ended a task",
}
_RAISED = "raised "
_RAISING = ("error_caught", "app_raised", "view_raised", "hook_raised")
_HOOK = "hook "
_EFFECTS = frozenset({
    "never_awaited", "thread_raised", "task_raised", "task_destroyed", "hook_called",
    "logged", "error_caught", "app_raised",
    "view_raised", "protocol_broken",
})  # fmt: skip
"""The events that have effects. Most traces have none, which saves time."""
_BY_FRAMEWORK = ("Exception on ", "Error in ASGI Framework")
"""How both frameworks begin the log message of an exception, which has its own event."""


def lost_work(trace: Trace) -> list[str]:
    """Return the work that was lost in a request, in order, each text once."""
    return list(dict.fromkeys(_lost(trace)))


def effects(trace: Trace, exchange: Exchange) -> list[str]:
    """Return every effect that we compare, in order, each text once."""
    found = [*_lost(trace), *_hooks(trace), *_logged(trace)]
    if exchange.request.client is not None:
        found += _cancelled(trace)
    if _is_error(exchange):
        found += _raised(trace)
    else:
        found += _raised_late(trace)
    return list(dict.fromkeys(found))


def differing_effects(
    reference: tuple[Trace, Exchange],
    candidate: tuple[Trace, Exchange],
    rules: set[str],
    normalisations: NormalisationRules | None = None,
) -> Iterator[tuple[str, FieldValue, FieldValue]]:
    """Yield the field `effect` if one app has effects that the other does not have.

    We compare only apps that we see inside of. Exceptions count only if both apps raised
    one and failed: otherwise the status differs, or we did not see it. The names of the
    rules that were needed are added to `rules`.
    """
    if not (_has_effects(reference[0]) or _has_effects(candidate[0])):
        return
    sides = (reference, candidate)
    if all(_seen(trace) for trace, _ in sides):
        ours, theirs = (effects(*side) for side in sides)
    elif all(_handed_over(trace) for trace, _ in sides):
        # Middleware responded, which we see only from the server's side.
        ours, theirs = (list(_second_response(trace)) for trace, _ in sides)
    else:
        return
    if ours == theirs:
        return
    if not (_raises(ours) and _raises(theirs)):
        ours = [text for text in ours if not text.startswith(_RAISED)]
        theirs = [text for text in theirs if not text.startswith(_RAISED)]
    patterns = () if normalisations is None else normalisations.effects
    left = [text for text in ours if text not in theirs]
    right = [text for text in theirs if text not in ours]
    for side in (left, right):
        for text in list(side):
            for pattern in patterns:
                if fnmatchcase(text, pattern):
                    rules.add(f"effect:{pattern}")
                    side.remove(text)
                    break
    if not left and not _failing(candidate) and not _failing(reference):
        # A port may have more hooks: they take nothing from the reference.
        right = [text for text in right if not text.startswith(_HOOK)]
    if left or right:
        yield EFFECT, effect_text(left), effect_text(right)


def _failing(side: tuple[Trace, Exchange]) -> bool:
    """Return whether an app raised an exception, which may keep hooks from running."""
    trace, exchange = side
    return _is_error(exchange) or any(e.event in _RAISING for e in trace)


def _lost(trace: Trace) -> Iterator[str]:
    # Both frameworks log the exception of a request, once they have caught it. Quart logs
    # that of a background task in the same words, and nothing has caught it.
    uncaught = -sum(e.name == "handle_exception" for e in trace)
    for event in trace:
        kind = event.detail.partition(":")[0]
        if event.event == "never_awaited":
            yield f"coroutine {event.name} was never awaited"
        elif event.event in _ENDED:
            yield _ENDED[event.event].format(kind)
        elif event.event == "task_destroyed":
            yield "a task was destroyed before its end"
        elif event.event == "logged" and event.detail.startswith(_BY_FRAMEWORK):
            uncaught += 1
            if uncaught > 0:
                error = event.detail.partition(": ")[2].partition(":")[0]
                yield f"{error or 'an exception'} ended a background task"


def _cancelled(trace: Trace) -> Iterator[str]:
    """Yield the views that did not run to their end because the client left."""
    for event in trace:
        if event.event == "view_raised" and event.detail.startswith("CancelledError"):
            yield f"view {event.name} was cancelled"


def _hooks(trace: Trace) -> Iterator[str]:
    for event in trace:
        # Quart calls receivers of signals as hooks; Flask does not.
        if event.event == "hook_called" and not event.detail:
            yield f"{_HOOK}{event.name} ran"


def _logged(trace: Trace) -> Iterator[str]:
    for event in trace:
        error = event.event == "logged" and event.name in ("ERROR", "CRITICAL")
        if error and not event.detail.startswith(_BY_FRAMEWORK):
            yield "an error was logged"


def _raised(trace: Trace) -> Iterator[str]:
    for event in trace:
        # A server rejects a response by raising: the failure shows it.
        of_server = event.event == "app_raised" and event.name
        if event.event in ("error_caught", "app_raised") and not of_server:
            yield f"{_RAISED}{event.detail.partition(':')[0]}"


def _raised_late(trace: Trace) -> Iterator[str]:
    """Yield what an app did after its whole response: exceptions, another response."""
    yield from _second_response(trace)
    for event in trace:
        kind = event.detail.partition(":")[0]
        if event.event == "app_raised" and not event.name and kind not in CANCELLED:
            yield f"{kind} left the app after its response"


def _second_response(trace: Trace) -> Iterator[str]:
    if any(e.event == "protocol_broken" and SECOND in e.detail for e in trace):
        yield "a second response was started"


def _handed_over(trace: Trace) -> bool:
    return any(event.event == "response_handed_over" for event in trace)


def _raises(effects: Iterable[str]) -> bool:
    return any(text.startswith(_RAISED) for text in effects)


def _is_error(exchange: Exchange) -> bool:
    response = exchange.response
    return response is None or response.status >= 500


def _has_effects(trace: Trace) -> bool:
    return any(event.event in _EFFECTS for event in trace)


def _seen(trace: Trace) -> bool:
    return any(event.event.startswith(("route_", "view_")) for event in trace)
