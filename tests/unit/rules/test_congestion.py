"""The rate follows what the machine can do, with hysteresis."""

from hypothesis import given
from hypothesis import strategies as st

from embereye.rules.congestion import CongestionLadder


def _feed(ladder: CongestionLadder, lag: float, begin: float, seconds: float) -> float:
    for tenth in range(round(seconds * 10) + 1):
        ladder.feed(lag, begin + tenth / 10)
    return begin + seconds


def test_a_punctual_stream_has_no_limit() -> None:
    ladder = CongestionLadder()
    _feed(ladder, 0.02, 0.0, 60.0)
    assert ladder.most is None


def test_a_short_delay_changes_nothing() -> None:
    ladder = CongestionLadder()
    now = _feed(ladder, 0.5, 0.0, 1.5)
    _feed(ladder, 0.05, now + 0.1, 1.0)
    assert ladder.most is None


def test_it_goes_down_step_by_step_and_never_below_five() -> None:
    ladder = CongestionLadder()
    rates = []
    now = 0.0
    for _ in range(5):
        now = _feed(ladder, 0.5, now, 2.1)
        rates.append(ladder.most)
    assert rates == [15.0, 10.0, 5.0, 5.0, 5.0]


def test_it_comes_back_slower_than_it_went() -> None:
    ladder = CongestionLadder()
    now = _feed(ladder, 0.5, 0.0, 4.2)
    assert ladder.most == 10.0
    now = _feed(ladder, 0.02, now, 9.5)
    assert ladder.most == 10.0
    now = _feed(ladder, 0.02, now, 1.0)
    assert ladder.most == 15.0
    _feed(ladder, 0.02, now, 10.5)
    assert ladder.most is None


def test_a_delay_between_the_limits_holds_the_rate() -> None:
    ladder = CongestionLadder()
    now = _feed(ladder, 0.5, 0.0, 2.1)
    _feed(ladder, 0.2, now, 120.0)
    assert ladder.most == 15.0


@given(st.lists(st.floats(0, 20), max_size=300))
def test_whatever_comes_the_limit_is_one_of_four(lags: list[float]) -> None:
    ladder = CongestionLadder()
    for second, lag in enumerate(lags):
        ladder.feed(lag, float(second))
        assert ladder.most in (None, 15.0, 10.0, 5.0)
