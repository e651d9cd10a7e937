"""Find calls that take all values of a generator."""

from collections.abc import Iterator

from .evaluation import Evaluation
from .expressions import COLLECTING
from .facts import Event
from .predicates import attribute
from .program import Key


def collections(evaluation: Evaluation) -> Iterator[tuple[str, Event, list[Key]]]:
    """Yield each call that takes all values of generators of the program."""
    for module, facts in evaluation.program.modules.items():
        for event in facts.events:
            if event.kind == "call":
                generators = collected(evaluation, module, event)
                if generators:
                    yield module, event, generators


def collected(evaluation: Evaluation, module: str, event: Event) -> list[Key]:
    """Return the generator functions whose values a call takes at once."""
    assert event.expression is not None
    _, function, arguments, _ = event.expression
    if attribute(function) not in COLLECTING or not arguments:
        return []
    callees = evaluation.of(module, function)
    if any(value[0] in {"function", "class", "object"} for value in callees):
        return []
    given = evaluation.of(module, arguments[0][1])
    return [value[1:] for value in given if value[0] == "generator"]
