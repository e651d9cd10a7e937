"""Find calls that block the event loop, and functions that contain them."""

from .evaluation import Evaluation
from .facts import Event
from .program import Key
from .tables import table
from .value import Value

HARMLESS = {"close", "mount", "update"}
"""Methods of connections that send nothing."""


def blocking_call(evaluation: Evaluation, module: str, event: Event) -> tuple[str, str]:
    """Return the name of what blocks in a call, and what replaces it, or two ""."""
    assert event.expression is not None
    calls = table("blocking")["calls"]
    for value in evaluation.of(module, event.expression[1]):
        if value[0] in {"external", "foreign"} and _is_called(value):
            parts = value[1].split(".")
            for end in range(len(parts), 0, -1):
                name = ".".join(parts[:end])
                if name in calls:
                    return value[1], calls[name]
    return "", ""


def _is_called(value: Value) -> bool:
    """Whether a call of a value may block: making a `requests.Session` does not.

    Of an object we look at its methods, but not at those of what they return.
    """
    if value[1] in table("blocking")["calls"]:
        return True
    *before, method = value[1].split(".")
    if value[0] == "external":
        return not method[:1].isupper()
    return any(before) and before[-1][:1].isupper() and method not in HARMLESS


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
