"""Compare times in headers."""

import re
from collections.abc import Mapping

from comparison.core.http_date import moment

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(\d+)", re.IGNORECASE)


def near(one: float | None, other: float | None, tolerance: float) -> bool:
    """Return whether two times are less than `tolerance` seconds apart."""
    return one is not None and other is not None and abs(one - other) < tolerance


def as_fresh(
    reference: Mapping[str, tuple[str, ...]],
    candidate: Mapping[str, tuple[str, ...]],
    tolerance: float,
) -> bool:
    """Return whether Expires differs only in the time the responses were made.

    The times are near each other, and both responses have the same max-age in
    Cache-Control, which overrides Expires (RFC 9111 section 5.3). `reference` and `candidate`
    are fields by lower-case name.

    >>> one, other = (
    ...     {"expires": (f"Thu, 26 Nov 2026 08:29:{n} GMT",), "cache-control": (age,)}
    ...     for n, age in (("53", "public, max-age=60"), ("54", "max-age=60"))
    ... )
    >>> as_fresh(one, other, 60.0), as_fresh(one, other, 1.0)
    (True, False)
    """
    ages = [
        _MAX_AGE.findall(", ".join(f.get("cache-control", ())))
        for f in (reference, candidate)
    ]
    (one, *more), (other, *others) = reference["expires"], candidate["expires"]
    if more or others or not ages[0] or ages[0] != ages[1]:
        return False
    return near(moment(one), moment(other), tolerance)
