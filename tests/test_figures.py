"""The arithmetic of measuring: the figures of rounds, and their limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.studies.models import LoadPoint, LoadRound
from comparison.studies.statistics import (
    CEILING,
    INDISTINGUISHABLE,
    LIMITED,
    Figures,
    against,
    distinguishable,
    figures_of,
    percentile,
    spread,
)

RATES = st.lists(st.floats(1, 1e6), min_size=1, max_size=9)


def point(*rates: int, p50: float = 10.0, **fields: object) -> LoadPoint:
    rounds = tuple(LoadRound(rate, 1.0, p50, p50, p50, p50, **fields) for rate in rates)  # type: ignore[arg-type]
    return LoadPoint("json", "flask+waitress", 10, rounds)


def figures(*rates: int, ceiling: int = 1_000_000) -> Figures:
    found = figures_of(point(*rates), point(ceiling))
    assert found is not None
    return found


@given(RATES, st.floats(1, 100))
def test_a_percentile_is_a_value_that_its_share_does_not_exceed(
    values: list[float], percent: float
) -> None:
    ordered = sorted(values)
    found = percentile(ordered, percent)
    assert found in ordered
    assert sum(v <= found for v in ordered) >= len(ordered) * percent / 100 - 1e-9
    assert sum(v < found for v in ordered) < len(ordered) * percent / 100 + 1e-9


@given(RATES, RATES)
def test_overlapping_spreads_are_never_distinguishable(
    one: list[float], other: list[float]
) -> None:
    mine, theirs = spread(one), spread(other)
    assert mine is not None and theirs is not None
    overlaps = min(one) <= max(other) and min(other) <= max(one)
    assert distinguishable(mine, theirs) == distinguishable(theirs, mine)
    assert not (distinguishable(mine, theirs) and overlaps)


def test_a_single_round_is_never_distinguishable() -> None:
    assert against(figures(100), figures(900, 910)).text == INDISTINGUISHABLE
    assert against(figures(100, 101), figures(900, 910)).ratio == pytest.approx(
        1 / 9, rel=0.01
    )


def test_rounds_that_touch_are_not_distinguishable() -> None:
    verdict = against(figures(100, 200, 300), figures(300, 400, 500))
    assert verdict == (None, INDISTINGUISHABLE)


def test_the_ratio_is_that_of_the_medians() -> None:
    verdict = against(figures(300, 320, 390), figures(100, 160, 170))
    assert verdict == (2.0, "2×")


@pytest.mark.parametrize("share", [CEILING, 0.99, 1.2])
def test_a_point_at_the_ceiling_is_not_compared(share: float) -> None:
    limited = figures(*(int(1000 * share),) * 3, ceiling=1000)
    free = figures(100, 110, 120, ceiling=1000)
    assert limited.limited and not free.limited
    assert against(limited, free) == against(free, limited) == (None, LIMITED)


def test_a_point_without_a_ceiling_is_not_marked_as_limited() -> None:
    found = figures_of(point(100, 100), None)
    assert found is not None and not found.limited


def test_errors_of_all_rounds_are_added_up_by_kind() -> None:
    mixed = point(100, 100, errors={"timeout": 2, "status 500": 1})
    found = figures_of(mixed, None)
    assert found is not None
    assert (found.errors, found.failed) == ({"status 500": 2, "timeout": 4}, 6)


def test_processor_time_per_response_is_averaged_over_all_rounds() -> None:
    rounds = (
        LoadRound(1, 1.0, server_ms=10.0),  # a tick of the clock, and one answer
        LoadRound(99, 1.0, server_ms=1.0),
        LoadRound(0, 1.0),
    )
    found = figures_of(LoadPoint("json", "a", 1, rounds), None)
    assert found is not None
    assert found.server_ms == pytest.approx((10 + 99) / 100)


def test_a_point_without_rounds_has_no_figures() -> None:
    assert figures_of(LoadPoint("json", "a", 1, ()), None) is None
    assert spread([]) is None
