"""Compare what arrives of a body: its events, its timing, and where the client left."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate, zip_longest

from msgspec import UNSET

from comparison.models import (
    Exchange,
    FieldValue,
    NormalisationRules,
    Pairs,
    Piece,
    Response,
)
from comparison.models.recording import UNFINISHED

from .json_rules import alike
from .pair import NO_RULES, Differing

EVENT = "event:"


def are_events(one: Response, other: Response) -> bool:
    """Return whether both responses are event streams."""
    return one.is_event_stream and other.is_event_stream


def differing_events(
    one: Response,
    other: Response,
    rules: set[str],
    normalisations: NormalisationRules,
) -> Differing:
    """Yield each event that differs, as `event:` and its number."""
    ours, theirs = one.parts, other.parts
    if left_by_time(one, other):
        rules.add("left-by-time")
        shorter = min(len(ours), len(theirs))
        # The last event may be cut off.
        ours, theirs = ours[: shorter - 1], theirs[: shorter - 1]
    for number, (left, right) in enumerate(zip_longest(ours, theirs), 1):
        if left == right:
            continue
        both = left is not None and right is not None
        if both and normalisations is not NO_RULES:
            datas = _data(left or ""), _data(right or "")
            if alike(*datas, normalisations, rules):
                continue
        yield f"{EVENT}{number}", left, right


def _data(event: str) -> str:
    """Return the data of an event: the values of its data fields, in lines."""
    values = [
        value.removeprefix(" ")
        for line in event.splitlines()
        for name, _, value in [line.partition(":")]
        if name == "data"
    ]
    return "\n".join(values)


def left_by_time(one: Response, other: Response) -> bool:
    """Return whether the client left both by its clock, so that timing decides the end.

    A side that has nothing at all differs from one that has something.
    """
    return all(
        response.framing.startswith(UNFINISHED) and response.framing.endswith(" s")
        for response in (one, other)
    ) and bool(one.content) == bool(other.content)


def starts_alike(one: Response, other: Response) -> bool:
    """Return whether one body is the start of the other."""
    shorter, longer = sorted((one.content, other.content), key=len)
    return longer.startswith(shorter)


def differing_timing(
    one: Response, other: Response, tolerance: float, rules: set[str]
) -> Differing:
    """Yield the field `timing` if a part of the body arrives at another time."""
    if one.pieces is UNSET or other.pieces is UNSET:
        return
    if are_events(one, other):
        pairs = zip(_times(one.pieces), _times(other.pieces), strict=False)
    elif one.content == other.content:
        ends = sorted({*_ends(one.pieces), *_ends(other.pieces)})
        pairs = zip(_at(one.pieces, ends), _at(other.pieces, ends), strict=True)
    else:
        return
    rules.add(f"timing:{tolerance:g}")
    if any(abs(left - right) > tolerance * 1000 for left, right in pairs):
        yield "timing", timing(one), timing(other)


def _times(pieces: tuple[Piece, ...]) -> list[float]:
    return [piece.ms for piece in pieces]


def _ends(pieces: tuple[Piece, ...]) -> list[int]:
    return list(accumulate(piece.size for piece in pieces))


def _at(pieces: tuple[Piece, ...], ends: list[int]) -> Iterator[float]:
    """Yield when the body had each of these sizes."""
    own = _ends(pieces)
    for end in ends:
        yield pieces[bisect_left(own, end)].ms


def timing(response: Response) -> FieldValue:
    """Return when each part of a body arrived, as a difference shows it."""
    if response.pieces is UNSET:
        return None
    events = response.is_event_stream
    return tuple(
        f"event {number} after {piece.ms / 1000:.1f} s"
        if events
        else f"{piece.size} bytes after {piece.ms / 1000:.1f} s"
        for number, piece in enumerate(response.pieces, 1)
    )


def differing_messages(one: Response, other: Response) -> Differing:
    """Yield interim responses and trailers that differ, if both crossed a socket."""
    if UNSET in (one.status_line, other.status_line):
        return
    for field, of in (("interim", interim), ("trailers", trailers)):
        left, right = of(one), of(other)
        if left != right:
            yield field, left, right


def interim(response: Response) -> FieldValue:
    """Return the interim responses before a response, as a difference shows them."""
    if response.interim is UNSET:
        return None
    return tuple(
        ", ".join([str(each.status), *_fields(each.headers)])
        for each in response.interim
    )


def trailers(response: Response) -> FieldValue:
    """Return the trailers of a response, as a difference shows them."""
    return None if response.trailers is UNSET else tuple(_fields(response.trailers))


def _fields(fields: Pairs) -> list[str]:
    # Every server may add these (RFC 9110 section 6.6.1).
    return [
        f"{name.lower()}: {value}"
        for name, value in fields
        if name.lower() not in ("date", "server")
    ]


def stream_value(exchange: Exchange, field: str) -> FieldValue:
    """Return the value of a field of a stream; None if it is missing."""
    response = exchange.response
    if response is None:
        return None
    if field.startswith(EVENT):
        number = int(field.removeprefix(EVENT))
        parts = response.parts
        return parts[number - 1] if number <= len(parts) else None
    of = {"interim": interim, "trailers": trailers, "timing": timing}.get(field)
    return None if of is None else of(response)
