"""Find calls that block the event loop, and functions that contain them."""

from .evaluation import Evaluation
from .facts import Event
from .program import Key
from .tables import table


def blocking_call(evaluation: Evaluation, module: str, event: Event) -> tuple[str, str]:
    """Return the name of what blocks in a call, and what replaces it, or two ""."""
    assert event.expression is not None
    calls = table("blocking")["calls"]
    for value in evaluation.of(module, event.expression[1]):
        if value[0] == "external":
            parts = value[1].split(".")
            for end in range(len(parts), 0, -1):
                name = ".".join(parts[:end])
                # `requests.Session` and exceptions do not block: methods do, if called.
                if name in calls and not parts[-1][:1].isupper():
                    return value[1], calls[name]
    return "", ""


def blocking_functions(evaluation: Evaluation) -> set[Key]:
    """Return the plain functions that block, themselves or in what they call."""
    found: set[Key] = set()
    callers: dict[Key, set[Key]] = {}
    for module, facts in evaluation.program.modules.items():
        for event in facts.events:
            if event.kind != "call" or event.owner < 0:
                continue
            key = (module, event.owner)
            if blocking_call(evaluation, module, event)[0]:
                found.add(key)
            assert event.expression is not None
            for value in evaluation.of(module, event.expression[1]):
                if value[0] == "function" and not _is_generator(evaluation, value[1:3]):
                    callers.setdefault(value[1:3], set()).add(key)
    left = list(found)
    while left:
        for caller in callers.get(left.pop(), ()):
            if caller not in found:
                found.add(caller)
                left.append(caller)
    return {key for key in found if not evaluation.program.function(key).is_async}


def _is_generator(evaluation: Evaluation, key: Key) -> bool:
    """A call of a generator function runs nothing yet."""
    return evaluation.program.function(key).is_generator
