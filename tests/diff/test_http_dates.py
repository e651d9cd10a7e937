"""Expiry dates may differ only in the time of the response, or in more."""

import pytest

from comparison.models import Response
from tests.diff.making import judged, response

EARLY = "Wed, 25 Nov 2026 23:00:59 GMT"
LATE = "Wed, 25 Nov 2026 23:01:00 GMT"
LATER = "Wed, 25 Nov 2026 23:02:00 GMT"


def fresh(until: str, control: str | None) -> Response:
    fields = [("Expires", until)] + ([("Cache-Control", control)] if control else [])
    return response(headers=tuple(fields))


@pytest.mark.parametrize("control", ["max-age=60", "public, Max-Age=60", 'max-age="0"'])
def test_expires_a_moment_later_is_equal_if_max_age_applies(control: str) -> None:
    found = judged(fresh(EARLY, control), fresh(LATE, control))
    assert (found.verdict, found.differences) == ("identical", ())


@pytest.mark.parametrize(
    ("until", "reference", "candidate"),
    [
        (LATE, None, None),
        (LATE, "no-cache", "no-cache"),
        (LATE, "max-age=60", "max-age=61"),
        (LATE, "max-age=60", "s-maxage=60"),
        (LATER, "max-age=60", "max-age=60"),
        ("0", "max-age=60", "max-age=60"),
    ],
)
def test_another_expires_time_is_a_difference_if_it_may_apply(
    until: str, reference: str | None, candidate: str | None
) -> None:
    found = judged(fresh(EARLY, reference), fresh(until, candidate))
    assert "header:expires" in [d.field for d in found.differences]
