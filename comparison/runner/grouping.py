"""Group the cases that share the state which a reset prepares."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Literal

from comparison.models import Case
from comparison.targets import Target

Grouping = Literal["case", "topic", "target"]


def grouping_of(targets: Mapping[str, Target]) -> Grouping:
    """Return before what the state of the targets is reset; "case" if it never is."""
    for target in targets.values():
        if target.resetting is not None:
            return target.resetting.reset.before
    return "case"


def resets_state(targets: Mapping[str, Target]) -> bool:
    """Return whether the targets share a state that is reset.

    Then no case may run ahead: to explain a comparison we may run its case again on other
    instances of the apps, which share that state too.
    """
    return any(target.resetting is not None for target in targets.values())


def grouped(
    numbered: Iterable[tuple[int, Case]], grouping: Grouping
) -> Iterator[list[tuple[int, Case]]]:
    """Yield the cases that run after one reset, in order, each with its number.

    >>> from comparison.models import Request
    >>> cases = [Case(name, Request(), topic=name[0]) for name in ("a1", "a2", "b1")]
    >>> [[n for n, _ in group] for group in grouped(enumerate(cases), "topic")]
    [[0, 1], [2]]
    >>> [[n for n, _ in group] for group in grouped(enumerate(cases), "target")]
    [[0, 1, 2]]
    """
    for _, group in groupby(
        numbered, lambda each: each[1].topic if grouping == "topic" else ""
    ):
        yield list(group)
