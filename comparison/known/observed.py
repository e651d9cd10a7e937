"""Find where a known difference occurs, if not on the given targets."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

from comparison.models import TargetInfo

from .match import KnownDifferences
from .models import OTHER, KnownDifference, Side


def elsewhere(
    known: KnownDifferences,
    entry: KnownDifference,
    targets: Sequence[TargetInfo],
    here: str,
) -> str:
    """Explain why a known difference does not occur on these targets; empty if it does.

    The first target is the reference, and `here` names them in words.
    """
    if not known.applies(entry):
        ranges = ", ".join(f"{name} {text}" for name, text in entry.versions.items())
        return f"It is seen with {ranges} only, which are not the versions {here}."
    first, *others = (Side(t.name, t.framework, t.server) for t in targets)
    if any(known.is_about(entry, (first, other)) for other in others):
        return ""
    return f"It is seen on {stacks_of(entry)}, which are not the targets {here}."


def stacks_of(entry: KnownDifference) -> str:
    """Return the stacks of an entry, in words."""
    named = dict.fromkeys(_keys(entry))
    words = [key for key in named if "+" in key]
    for name, servers in entry.stack.items():
        listed = servers if isinstance(servers, str) else " or ".join(servers)
        words.append(f"{name} on {listed}")
    others = [
        key for key in named if "+" not in key and key not in (OTHER, *entry.stack)
    ]
    if words and others:
        words.append(f"{' and '.join(others)} on other servers")
    return ", ".join(words or others)


def pair_of(
    known: KnownDifferences, entry: KnownDifference, stacks: Iterable[str]
) -> tuple[Side, Side] | None:
    """Return two of these stacks with different values in an entry.

    Prefers two frameworks.

    Stacks that the entry names come first. Each is named by its framework if the other
    has another framework.
    """
    sides = [Side(stack, *stack.split("+")) for stack in stacks]
    pairs = [p for p in permutations(sides, 2) if known.distinguishes(entry, p)]
    if not pairs:
        return None
    keys = list(_keys(entry))

    def rank(pair: tuple[Side, Side]) -> tuple[bool, int]:
        named = sum("+" in (side.key(keys) or "") for side in pair)
        return pair[0].framework == pair[1].framework, -named

    one, other = min(pairs, key=rank)
    if one.framework == other.framework:
        return one, other
    return one._replace(name=str(one.framework)), other._replace(
        name=str(other.framework)
    )


def _keys(entry: KnownDifference) -> Iterator[str]:
    for values in entry.fields.values():
        yield from values
