"""Compare two bodies, by octets or by the rules of the case."""

from typing import NamedTuple

from msgspec import UNSET

from comparison.models import IN_BASE64, Response

from .functions import differing_by
from .json_rules import alike
from .pair import NO_RULES, Differing, ResponsePair
from .streams import are_events, differing_events, left_by_time, starts_alike


class Bodies(NamedTuple):
    """Whether two bodies are equal, and if so, whether a rule made them equal.

    `returned` is what the case's own function returned for two bodies that differ.
    """

    equal: bool
    by_rule: bool = False
    returned: tuple[str, str] | None = None


def compare_bodies(pair: ResponsePair) -> Bodies:
    """Compare two bodies."""
    one, other = pair.reference, pair.candidate
    same = one.body == other.body and one.body_base64 == other.body_base64
    if pair.rules.compare:
        returned = differing_by(pair.rules.compare, one, other)
        if returned is not None:
            return Bodies(equal=False, returned=returned)
        if not same:
            pair.applied.add(f"compare:{pair.rules.compare}")
        return Bodies(equal=True, by_rule=not same)
    if same:
        return Bodies(equal=True)
    text = one.body_base64 is UNSET and other.body_base64 is UNSET
    equal = text and _equal_by_rules(pair)
    return Bodies(equal, by_rule=equal)


def differing_bodies(pair: ResponsePair, bodies: Bodies) -> Differing:
    """Yield the fields in which two compared bodies differ."""
    one, other = pair.reference, pair.candidate
    if bodies.equal:
        return
    if bodies.returned is not None:
        yield "body", *bodies.returned
    elif are_events(one, other):
        yield from differing_events(one, other, pair.applied, pair.rules)
    elif left_by_time(one, other) and starts_alike(one, other):
        pair.applied.add("left-by-time")
    else:
        yield "body", body_value(one), body_value(other)


def _equal_by_rules(pair: ResponsePair) -> bool:
    """Whether two unequal texts are equal by captured values, by rules, or by both."""
    one, other = pair.reference.body, pair.candidate.body
    captured = pair.captured
    if captured is not None and captured.equal(one, other, pair.applied):
        return True
    if pair.rules is NO_RULES:
        return False
    if alike(one, other, pair.rules, pair.applied):
        return True
    if captured is None:
        return False
    needed: set[str] = set()
    replaced = captured.as_reference(other, needed)
    if not needed or not alike(one, replaced, pair.rules, needed):
        return False
    pair.applied |= needed
    return True


def body_value(response: Response) -> str:
    """Return a body as a difference shows it: its text, or base64 with a mark."""
    if response.body_base64:
        return f"{IN_BASE64}{response.body_base64}"
    return response.body
