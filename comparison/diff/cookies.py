"""Compare cookies that differ only in the time they were made.

Expires comes from RFC 6265, signed sessions from itsdangerous.
"""

import base64
import json
import re
from collections.abc import Callable, Sequence

from comparison.core.http_date import moment

from .captured import CapturedValues
from .http_dates import near
from .signed import SIGNED, content_of

TOLERANCE = 60.0  # the most seconds between two responses to the same request

# Flask and Quart sign a session with itsdangerous.
_SIGNED = re.compile(rf"([^=]+=){SIGNED.pattern}")


def same_but_when(
    reference: tuple[str, ...], candidate: tuple[str, ...], tolerance: float = TOLERANCE
) -> bool:
    """Return whether Set-Cookie fields differ only in times that are near each other.

    `tolerance` is the most seconds between two times. The times are Expires and the time a
    session was signed, which changes its signature. Sessions signed at the same time
    must have the same signature.

    >>> same_but_when(
    ...     ("a=b; Expires=Wed, 25 Nov 2026 23:00:59 GMT; Max-Age=60",),
    ...     ("a=b; Expires=Wed, 25 Nov 2026 23:01:00 GMT; Max-Age=60",),
    ... )
    True
    """
    return len(reference) == len(candidate) and all(
        one == other or _same(one.split(";"), other.split(";"), tolerance)
        for one, other in zip(reference, candidate, strict=True)
    )


def same_but_order(reference: Sequence[str], candidate: Sequence[str]) -> bool:
    """Return whether Set-Cookie fields differ only in a signed session's key order.

    The signature and the signing time then differ too.

    >>> same_but_order(
    ...     [f"session=eyJhIjoxLCJiIjoyfQ.ZVPxAA.{'x' * 27}; Path=/"],
    ...     [f"session=eyJiIjoyLCJhIjoxfQ.ZVPxAA.{'y' * 27}; Path=/"],
    ... )
    True
    """
    return (
        len(reference) == len(candidate)
        and tuple(reference) != tuple(candidate)
        and all(
            same_but_when((one,), (other,)) or _reordered(one, other)
            for one, other in zip(reference, candidate, strict=True)
        )
    )


def same_but_captured(
    reference: Sequence[str],
    candidate: Sequence[str],
    captured: CapturedValues,
    rules: set[str],
    tolerance: float = TOLERANCE,
) -> bool:
    """Return whether Set-Cookie fields differ only in captured values, and in times.

    A captured value may be in the content of a signed session. The names of the rules that
    were needed are added to `rules`.
    """
    needed: set[str] = set()

    def same_value(one: str, other: str) -> bool:
        return captured.equal(one, other, needed) or _same_content(
            one, other, captured, needed, tolerance
        )

    same = len(reference) == len(candidate) and all(
        one == other
        or _same(one.split(";"), other.split(";"), tolerance)
        or _same(one.split(";"), other.split(";"), tolerance, same_value)
        for one, other in zip(reference, candidate, strict=True)
    )
    if same:
        rules |= needed
    return same


def _same_content(
    one: str, other: str, captured: CapturedValues, rules: set[str], tolerance: float
) -> bool:
    """Return whether the contents of two sessions differ only in captured values."""
    reference, candidate = _SIGNED.fullmatch(one), _SIGNED.fullmatch(other)
    if reference is None or candidate is None or reference[1] != candidate[1]:
        return False
    contents = [content_of(found[2]) for found in (reference, candidate)]
    if None in contents or not near(
        _signed_at(reference[3]), _signed_at(candidate[3]), tolerance
    ):
        return False
    ours, theirs = (json.dumps(content, sort_keys=True) for content in contents)
    return captured.equal(ours, theirs, rules)


def _reordered(one: str, other: str) -> bool:
    pairs = []
    payloads = set()
    for cookie in (one, other):
        signed, _, attributes = cookie.partition(";")
        found = _SIGNED.fullmatch(signed)
        if found is None:
            return False
        pairs.append((found[1], content_of(found[2]), attributes))
        payloads.add(found[2])
    # With equal payloads only the signature differs: another key, not another order.
    return len(payloads) == 2 and pairs[0] == pairs[1] and pairs[0][1] is not None


def _same(
    one: list[str],
    other: list[str],
    tolerance: float,
    same_value: Callable[[str, str], bool] | None = None,
) -> bool:
    if len(one) != len(other):
        return False
    if same_value is None:
        same = one[0] == other[0] or _same_session(one[0], other[0], tolerance)
    else:
        same = same_value(one[0], other[0])
    return same and all(
        left == right or near(_expires(left), _expires(right), tolerance)
        for left, right in zip(one[1:], other[1:], strict=True)
    )


def _same_session(one: str, other: str, tolerance: float) -> bool:
    reference, candidate = _SIGNED.fullmatch(one), _SIGNED.fullmatch(other)
    if reference is None or candidate is None:
        return False
    if reference.group(1, 2) != candidate.group(1, 2):
        return False
    times = (_signed_at(reference[3]), _signed_at(candidate[3]))
    return reference[3] != candidate[3] and near(*times, tolerance)


def _signed_at(text: str) -> float | None:
    try:
        return int.from_bytes(base64.urlsafe_b64decode(f"{text}=="), "big")
    except ValueError:
        return None


def _expires(attribute: str) -> float | None:
    name, _, value = attribute.partition("=")
    if name.strip().lower() != "expires":
        return None
    return moment(value)
