"""The counts of the closed loop on servers of known behaviour, in virtual time."""

import statistics

import pytest

from comparison.studies.load.client import PAUSE, Window

from .virtual import SECONDS, event_loop, failing, loaded, threads

WAIT = 0.05  # seconds


@pytest.mark.parametrize("workers", [1, 2, 5, 10, 25, 50, 100])
def test_event_loop_throughput_is_proportional_to_concurrency(workers: int) -> None:
    tally = loaded(event_loop(WAIT), workers)
    assert tally.answered == pytest.approx(workers * SECONDS / WAIT, abs=workers)
    assert tally.latencies == pytest.approx([WAIT] * len(tally.latencies))


@pytest.mark.parametrize("workers", [1, 2, 5, 8, 10, 25, 50, 100])
def test_thread_throughput_is_limited_by_the_pool_size(workers: int) -> None:
    tally = loaded(threads(8, WAIT), workers)
    busy = min(workers, 8)
    assert tally.answered == pytest.approx(busy * SECONDS / WAIT, abs=busy)
    # Little's law: who is in flight is the rate times the time in flight.
    waited = statistics.fmean(tally.latencies)
    assert waited == pytest.approx(workers / busy * WAIT, rel=0.02)


def test_errors_are_counted_and_excluded_from_latencies() -> None:
    tally = loaded(failing(10, "status 500", WAIT), 10)
    # Of the warm-up too, which is half as long as the window.
    assert tally.errors == {"status 500": pytest.approx(10 * 3.01 / WAIT / 10, abs=1)}
    assert tally.answered == pytest.approx(0.9 * 10 * SECONDS / WAIT, abs=10)
    assert len(tally.latencies) == pytest.approx(tally.answered, abs=10)


def test_errors_of_the_warm_up_are_not_dropped() -> None:
    tally = loaded(failing(1, "timeout", 2.0), 3, Window(5.0, 5.5, 1000))
    assert (tally.answered, tally.latencies) == (0, [])
    assert tally.errors == {"timeout": 3 * 3}


def test_a_response_slower_than_the_window_is_not_dropped() -> None:
    tally = loaded(event_loop(30.0), 4)
    assert tally.answered == 0
    assert tally.latencies == [30.0] * 4


def test_requests_in_flight_at_the_end_are_awaited() -> None:
    tally = loaded(event_loop(0.75), 1, Window(0.0, 1.0, 1000))
    assert tally.answered == 1
    assert tally.latencies == [0.75, 0.75]


def test_a_failed_connection_is_not_retried_immediately() -> None:
    tally = loaded(failing(1, "refused", 0.0), 1, Window(0.0, 1.0, 1_000_000))
    assert tally.errors["refused"] == pytest.approx(1.0 / PAUSE, abs=1)


def test_the_rate_is_right_if_the_request_limit_is_reached() -> None:
    tally = loaded(event_loop(WAIT), 10, Window(1.0, 61.0, 500))
    assert tally.sent == 500
    assert tally.answered / (tally.ended - 1.0) == pytest.approx(200, rel=0.05)


@pytest.mark.parametrize("limit", [10, 20, 500])
def test_the_rate_is_right_without_a_warm_up_and_within_a_small_limit(
    limit: int,
) -> None:
    tally = loaded(event_loop(WAIT), 10, Window(0.0, 60.0, limit))
    assert (tally.sent, tally.answered) == (limit, limit)
    assert tally.answered / tally.ended == pytest.approx(200)
