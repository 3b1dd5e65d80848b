"""Wrong time stamps and lateness are told; jitter, outages and single leaps are not."""

import pytest

from embereye.rules.picture_times import Lateness, StampWatch


def _judged(rate: float, seconds: float = 65.0, jitter: float = 0.0) -> bool | None:
    watch = StampWatch()
    for index in range(round(seconds * 25)):
        now = index / 25
        watch.seen(now * rate, now + (jitter if index % 3 else 0.0), 0)
    return watch.wrong


@pytest.mark.parametrize(
    ("rate", "wrong"), [(1.0, False), (1.0002, False), (1.1, False), (0.5, True), (2.0, True)]
)
def test_a_clock_that_runs_at_another_rate_is_wrong(rate: float, wrong: bool) -> None:
    assert _judged(rate) is wrong


def test_jitter_of_the_network_is_not_wrong() -> None:
    assert _judged(1.0, jitter=0.3) is False


def test_nothing_is_said_before_half_a_minute() -> None:
    assert _judged(2.0, seconds=25.0) is None


@pytest.mark.parametrize(("repairs", "wrong"), [(1, False), (2, False), (3, True)])
def test_stamps_that_leap_again_and_again_are_wrong(repairs: int, wrong: bool) -> None:
    watch = StampWatch()
    for index in range(31 * 25):
        watch.seen(index / 25, index / 25, min(repairs, index // 100))
    assert watch.wrong is wrong


def test_stamps_that_leap_ahead_are_wrong() -> None:
    watch = StampWatch()
    for index in range(31 * 25):
        watch.seen(index / 25 + 1.2 * (index // 200), index / 25, 0)
    assert watch.wrong is True


def test_an_outage_is_no_leap() -> None:
    watch = StampWatch()
    for index in range(40 * 25):
        now = index / 25 + 5.0 * (index // 200)
        watch.seen(now, now, 0)
    assert watch.wrong is False


def _late_after(lateness: Lateness, seconds: float, behind: bool, begin: float = 0.0) -> bool:
    for index in range(round(seconds * 25)):
        lateness.seen(begin + index / 25, behind)
    return lateness.late


def test_a_stream_that_stays_behind_is_late_after_half_a_minute() -> None:
    assert _late_after(Lateness(), 30.0, behind=True)


def test_a_short_backlog_is_not_told() -> None:
    assert not _late_after(Lateness(), 10.0, behind=True)


def test_a_stream_that_is_punctual_again_is_not_late() -> None:
    lateness = Lateness()
    _late_after(lateness, 40.0, behind=True)
    assert not _late_after(lateness, 60.0, behind=False, begin=40.0)
