"""Which pictures are due, and how late a stream runs."""

import pytest

from embereye.ingest.pace import Lag, RateLimit, SourceRate


@pytest.mark.parametrize(
    ("source", "wanted", "expected"), [(15, 15, 150), (25, 15, 150), (30, 8, 80), (5, 15, 50)]
)
def test_a_rate_limit_delivers_the_smaller_of_both_rates(
    source: int, wanted: float, expected: int
) -> None:
    limit = RateLimit()
    passed = sum(limit.allows(i / source, wanted, 1 / source) for i in range(10 * source))
    assert abs(passed - expected) <= 1


def test_jitter_at_exactly_the_wanted_rate_costs_no_picture() -> None:
    limit = RateLimit()
    times = [i / 15 + (0.02 if i % 2 else -0.02) for i in range(150)]
    assert sum(limit.allows(time, 15, 1 / 15) for time in times) == 150


def test_nothing_passes_while_nobody_looks() -> None:
    assert not RateLimit().allows(1.0, 0.0, 0.04)


def test_after_a_gap_the_limit_does_not_let_a_burst_through() -> None:
    limit = RateLimit()
    limit.allows(0.0, 10, 0.01)
    assert sum(limit.allows(20 + i / 100, 10, 0.01) for i in range(100)) <= 11


def test_lag_is_measured_against_the_quickest_picture() -> None:
    lag = Lag()
    assert lag.measure(0.0, 100.5) == 0
    assert lag.measure(1.0, 101.2) == 0  # quicker than the first
    assert lag.measure(2.0, 103.2) == pytest.approx(1.0, abs=0.01)


def test_a_camera_clock_that_drifts_is_not_called_late() -> None:
    lag = Lag()
    late = max(lag.measure(t * 0.9998, t) for t in range(10_000))  # 200 ppm slow
    assert late < 0.05


def test_lost_pictures_do_not_count_as_a_slower_source() -> None:
    rate = SourceRate(0.04)
    for i in range(100):
        if i % 20 != 7:
            rate.seen(i * 0.04)
    assert rate.interval == pytest.approx(0.04, rel=0.15)


def test_the_delivered_rate_is_that_of_the_last_two_seconds() -> None:
    rate = SourceRate(0.04)
    shown = [rate.delivered(i / 12) for i in range(60)]
    assert shown[-1] == pytest.approx(12, rel=0.01)
