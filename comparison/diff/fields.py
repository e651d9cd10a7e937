"""Compare the fields of two exchanges."""

from collections.abc import Iterator

from msgspec import UNSET

from comparison.models import (
    IN_BASE64,
    Exchange,
    FieldValue,
    NormalisationRules,
    Pairs,
    Response,
)

from .captured import CapturedValues
from .cookies import TOLERANCE, same_but_captured, same_but_when
from .functions import differing_by
from .http_dates import as_fresh
from .json_rules import alike
from .normalise import BY_PRESENCE, HOP_BY_HOP, UNTIL_THE_END, as_method_set
from .streams import (
    are_events,
    differing_events,
    differing_messages,
    differing_timing,
    left_by_time,
    starts_alike,
    stream_value,
)


def by_name(headers: Pairs) -> dict[str, tuple[str, ...]]:
    """Return the values of each header field, in order, by lower-case name."""
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in headers:
        key = name.lower()
        fields[key] = (*fields[key], value) if key in fields else (value,)
    return fields


def field_value(values: tuple[str, ...] | None) -> FieldValue:
    """Return a header's values as a difference shows them: one, several, or None."""
    if values is None:
        return None
    return values[0] if len(values) == 1 else values


def differing(
    reference: Exchange,
    candidate: Exchange,
    rules: set[str],
    normalisations: NormalisationRules | None = None,
    tolerance: float = TOLERANCE,
    captured: CapturedValues | None = None,
) -> Iterator[tuple[str, FieldValue, FieldValue]]:
    """Yield each field in which two exchanges differ, with the value on each side.

    The exchanges were made within `tolerance` seconds. If one side failed, we compare the
    failures and nothing else. `captured` are values that count as equal. The names of the
    rules that were needed are added to `rules`.
    """
    if reference.failure is not None or candidate.failure is not None:
        ours = None if reference.failure is None else str(reference.failure)
        theirs = None if candidate.failure is None else str(candidate.failure)
        if _broke_off(reference) and _broke_off(candidate):
            rules.add("broken-off")
        elif ours != theirs:
            yield "failure", ours, theirs
        return
    one, other = reference.response, candidate.response
    assert one is not None and other is not None
    if one.status != other.status:
        yield "status", one.status, other.status
    if one.reason is None or other.reason is None:
        rules.add("reason-in-process")
    elif one.status == other.status and one.reason != other.reason:
        # The phrase follows from the status. We report one difference, not two.
        yield "reason", one.reason, other.reason
    equal = one.body == other.body and one.body_base64 == other.body_base64
    equal_by_rules = False
    by_function: tuple[str, str] | None = None
    text = one.body_base64 is UNSET and other.body_base64 is UNSET
    ruled = normalisations is not None or captured is not None
    if normalisations is not None and normalisations.compare:
        by_function = differing_by(normalisations.compare, one, other)
        equal_by_rules = not equal and by_function is None
        equal = by_function is None
        if equal_by_rules:
            rules.add(f"compare:{normalisations.compare}")
    elif text and not equal and ruled:
        equal = equal_by_rules = _alike(
            one.body, other.body, rules, normalisations, captured
        )
    yield from _headers(
        one, other, rules, normalisations, captured, equal_by_rules, tolerance
    )
    if by_function is not None:
        yield "body", *by_function
    elif not equal and are_events(one, other):
        yield from differing_events(one, other, rules, normalisations)
    elif not equal and left_by_time(one, other) and starts_alike(one, other):
        rules.add("left-by-time")
    elif not equal:
        yield "body", body_value(one), body_value(other)
    if normalisations is not None and normalisations.timing is not None:
        yield from differing_timing(one, other, normalisations.timing, rules)
    yield from differing_messages(one, other)
    if one.framing != other.framing:
        if _one_in_process(one, other) and _without_length(one, other):
            rules.add("framing-in-process")
        else:
            yield "framing", one.framing, other.framing
    if one.connection != other.connection and UNSET not in (
        one.connection, other.connection
    ):  # fmt: skip
        yield (
            "connection",
            value_of(reference, "connection"),
            value_of(candidate, "connection"),
        )


def _alike(
    one: str,
    other: str,
    rules: set[str],
    normalisations: NormalisationRules | None,
    captured: CapturedValues | None,
) -> bool:
    """Return whether two unequal bodies are equal by captured values and by rules."""
    if captured is not None and captured.equal(one, other, rules):
        return True
    if normalisations is None:
        return False
    if alike(one, other, normalisations, rules):
        return True
    if captured is None:
        return False
    needed: set[str] = set()
    inserted = captured.as_reference(other, needed)
    if not needed or not alike(one, inserted, normalisations, needed):
        return False
    rules |= needed
    return True


def _broke_off(exchange: Exchange) -> bool:
    failure = exchange.failure
    return failure is not None and failure.kind in ("closed", "incomplete")


def _one_in_process(one: Response, other: Response) -> bool:
    """Return whether one response was made in process and the other came from a server."""
    return (one.status_line is UNSET) != (other.status_line is UNSET)


def _without_length(one: Response, other: Response) -> bool:
    framings = {one.framing, other.framing}
    return "no length" in framings and not framings.isdisjoint(UNTIL_THE_END)


def _headers(
    one: Response,
    other: Response,
    rules: set[str],
    normalisations: NormalisationRules | None,
    captured: CapturedValues | None,
    equal_bodies: bool,
    tolerance: float,
) -> Iterator[tuple[str, FieldValue, FieldValue]]:
    if one.headers == other.headers:
        return
    if _equal_but_for_case(one.headers, other.headers):
        rules.add("header-name-case")
        return
    ours, theirs = by_name(one.headers), by_name(other.headers)
    half_inside = _one_in_process(one, other)
    on_socket = one.status_line is not UNSET or other.status_line is not UNSET
    for name in {**ours, **theirs}:
        left, right = ours.get(name), theirs.get(name)
        if left == right:
            continue
        if on_socket and name in HOP_BY_HOP:
            rules.add("hop-by-hop")
            continue
        if half_inside and name in BY_PRESENCE:
            here = left if one.status_line is UNSET else right
            if here is None:
                rules.add("fields-in-process")
                continue
        one_sided = () if normalisations is None else normalisations.one_sided
        if None in (left, right) and name in map(str.lower, one_sided):
            rules.add(f"one-sided:{name}")
            continue
        if left is not None and right is not None:
            if name in BY_PRESENCE and len(left) == len(right):
                rules.add(BY_PRESENCE[name])
                continue
            if name == "set-cookie" and same_but_when(left, right, tolerance):
                rules.add("cookie-time")
                continue
            if captured is not None and _same_captured(
                name, left, right, captured, rules, tolerance
            ):
                continue
            if name == "expires" and as_fresh(ours, theirs, tolerance):
                rules.add("expires-time")
                continue
            if name == "allow" and as_method_set(left) == as_method_set(right):
                rules.add("allow-as-set")
                continue
            if equal_bodies and name == "content-length":
                rules.add("length-of-equal-bodies")
                continue
            if normalisations is not None and name in map(
                str.lower, normalisations.presence
            ):
                rules.add(f"presence:{name}")
                continue
        yield f"header:{name}", field_value(left), field_value(right)
    if {name for name, _ in one.headers} != {name for name, _ in other.headers}:
        rules.add("header-name-case")
    if list(ours) != [name for name in theirs if name in ours]:
        rules.add("header-order")


def _same_captured(
    name: str,
    left: tuple[str, ...],
    right: tuple[str, ...],
    captured: CapturedValues,
    rules: set[str],
    tolerance: float,
) -> bool:
    """Return whether the values of a header differ only in captured values."""
    if name == "set-cookie":
        return same_but_captured(left, right, captured, rules, tolerance)
    return len(left) == len(right) and all(
        captured.equal(one, other, rules)
        for one, other in zip(left, right, strict=True)
    )


def _equal_but_for_case(one: Pairs, other: Pairs) -> bool:
    """Return whether fields differ only in the case of their names."""
    return len(one) == len(other) and all(
        ours[1] == theirs[1] and ours[0].lower() == theirs[0].lower()
        for ours, theirs in zip(one, other, strict=True)
    )


def body_value(response: Response) -> str:
    """Return a body as a difference shows it: its text, or base64 with a mark."""
    if response.body_base64:
        return f"{IN_BASE64}{response.body_base64}"
    return response.body


def value_of(exchange: Exchange, field: str) -> FieldValue:
    """Return the value of one field of an exchange; None if it is missing."""
    failure = exchange.failure
    if field == "failure":
        return None if failure is None else str(failure)
    response = exchange.response
    if response is None:
        return None
    if field.startswith("header:"):
        return field_value(response.header(field.removeprefix("header:")) or None)
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
