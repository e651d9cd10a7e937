"""Compare cookies that differ only in the time they were made.

Expires comes from RFC 6265, signed sessions from itsdangerous.
"""

import base64
import json
import re
import zlib
from collections.abc import Sequence
from typing import Any

from .http_dates import moment, near

TOLERANCE = 60.0  # the most seconds between two responses to the same request

# Flask and Quart sign a session with itsdangerous: payload, time, signature.
_SIGNED = re.compile(r"([^=]+=\.?[\w-]+)\.([\w-]{6})\.([\w-]{27})")


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


def _reordered(one: str, other: str) -> bool:
    pairs = []
    payloads = set()
    for cookie in (one, other):
        signed, _, attributes = cookie.partition(";")
        found = _SIGNED.fullmatch(signed)
        if found is None:
            return False
        name, _, payload = found[1].partition("=")
        pairs.append((name, _content(payload), attributes))
        payloads.add(payload)
    # With equal payloads only the signature differs: another key, not another order.
    return len(payloads) == 2 and pairs[0] == pairs[1] and pairs[0][1] is not None


def _content(payload: str) -> Any:
    """Decode the content of a session; None if it cannot be read."""
    try:
        data = base64.urlsafe_b64decode(f"{payload.lstrip('.')}==")
        return json.loads(zlib.decompress(data) if payload[:1] == "." else data)
    except (ValueError, zlib.error):
        return None


def _same(one: list[str], other: list[str], tolerance: float) -> bool:
    if len(one) != len(other):
        return False
    return (one[0] == other[0] or _same_session(one[0], other[0], tolerance)) and all(
        left == right or near(_expires(left), _expires(right), tolerance)
        for left, right in zip(one[1:], other[1:], strict=True)
    )


def _same_session(one: str, other: str, tolerance: float) -> bool:
    reference, candidate = _SIGNED.fullmatch(one), _SIGNED.fullmatch(other)
    if reference is None or candidate is None or reference[1] != candidate[1]:
        return False
    times = (_signed_at(reference[2]), _signed_at(candidate[2]))
    return reference[2] != candidate[2] and near(*times, tolerance)


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
