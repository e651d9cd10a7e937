"""Compare the fields of two exchanges."""

from msgspec import UNSET

from comparison.models import Exchange, FieldValue, NormalisationRules
from comparison.models.connection import CLOSED, KEPT, WHOLE

from .bodies import body_value, compare_bodies, differing_bodies
from .captured import CapturedValues
from .cookies import TOLERANCE
from .headers import differing_headers, field_value
from .normalise import UNTIL_THE_END
from .pair import NO_RULES, Differing, ResponsePair
from .streams import differing_messages, differing_timing, stream_value


def differing(
    reference: Exchange,
    candidate: Exchange,
    rules: set[str],
    normalisations: NormalisationRules | None = None,
    tolerance: float = TOLERANCE,
    captured: CapturedValues | None = None,
) -> Differing:
    """Yield each field in which two exchanges differ, with the value on each side.

    The exchanges were made within `tolerance` seconds. If one side failed, we compare the
    failures and nothing else. `captured` are values that count as equal. The names of the
    rules that were needed are added to `rules`.
    """
    if reference.failure is not None or candidate.failure is not None:
        yield from _failures(reference, candidate, rules)
        return
    one, other = reference.response, candidate.response
    assert one is not None and other is not None
    pair = ResponsePair(
        one, other, rules, normalisations or NO_RULES, captured, tolerance
    )
    yield from _status(pair)
    bodies = compare_bodies(pair)
    yield from differing_headers(pair, equal_by_rule=bodies.by_rule)
    yield from differing_bodies(pair, bodies)
    if pair.rules.timing is not None:
        yield from differing_timing(one, other, pair.rules.timing, rules)
    yield from differing_messages(one, other)
    yield from _framing(pair)
    yield from _connection(pair)


def _failures(reference: Exchange, candidate: Exchange, rules: set[str]) -> Differing:
    one, other = value_of(reference, "failure"), value_of(candidate, "failure")
    if _broke_off(reference) and _broke_off(candidate):
        rules.add("broken-off")
    elif one != other:
        yield "failure", one, other


def _broke_off(exchange: Exchange) -> bool:
    failure = exchange.failure
    return failure is not None and failure.kind in ("closed", "incomplete")


def _status(pair: ResponsePair) -> Differing:
    """Compare the status code, and its reason phrase if the codes are equal."""
    one, other = pair.reference, pair.candidate
    if one.status != other.status:
        yield "status", one.status, other.status
    if one.reason is None or other.reason is None:
        pair.applied.add("reason-in-process")
    elif one.status == other.status and one.reason != other.reason:
        yield "reason", one.reason, other.reason


def _framing(pair: ResponsePair) -> Differing:
    framings = pair.reference.framing, pair.candidate.framing
    if framings[0] == framings[1]:
        return
    lengthless = "no length" in framings and not set(framings).isdisjoint(UNTIL_THE_END)
    if pair.half_in_process and lengthless:
        pair.applied.add("framing-in-process")
    else:
        yield "framing", *framings


def _connection(pair: ResponsePair) -> Differing:
    one, other = pair.reference.connection, pair.candidate.connection
    if one is UNSET or other is UNSET or one == other:
        return
    if WHOLE in (one, other) and {one, other} <= {KEPT, CLOSED, WHOLE}:
        return
    yield "connection", one, other


def value_of(exchange: Exchange, field: str) -> FieldValue:
    """Return the value of one field of an exchange; None if it is missing."""
    failure = exchange.failure
    if field == "failure":
        return None if failure is None else str(failure)
    response = exchange.response
    if response is None:
        return None
    if field.startswith("header:"):
        return field_value(response.header(field.removeprefix("header:")))
    match field:
        case "status":
            return response.status
        case "reason":
            return response.reason
        case "body":
            return body_value(response)
        case "framing":
            return response.framing
        case "connection":
            return response.connection if response.connection is not UNSET else None
    return stream_value(exchange, field)
