import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.rules.limits import Limit, LimitRule, Outcome

RULE = LimitRule(level=80.0, dead_band=5.0, on_delay=2.0, off_delay=3.0)


def fed(rule, samples):
    limit = Limit(rule)
    for now, value in samples:
        limit.feed(now, value)
    return limit


@pytest.mark.parametrize(
    ("samples", "tripped"),
    [
        ([(0.0, 81.0)], False),  # too short
        ([(0.0, 81.0), (1.9, 81.0)], False),
        ([(0.0, 80.0), (2.0, 80.0)], True),  # the level itself counts, on-delay over
        ([(0.0, 81.0), (1.0, 79.9), (2.0, 81.0)], False),  # a dip starts the delay again
        ([(0.0, 81.0), (2.0, 81.0), (9.0, 76.0)], True),  # inside the dead band
        ([(0.0, 81.0), (2.0, 81.0), (3.0, 74.0), (5.9, 74.0)], True),  # off-delay not over
        ([(0.0, 81.0), (2.0, 81.0), (3.0, 74.0), (6.0, 74.0)], False),
        ([(0.0, 81.0), (2.0, 81.0), (3.0, 74.0), (5.0, 78.0), (7.0, 74.0)], True),  # came back
    ],
)
def test_dead_band_and_delays(samples, tripped):
    assert (fed(RULE, samples).outcome is Outcome.TRIPPED) is tripped


def test_without_a_value_the_outcome_is_unknown():
    assert Limit(RULE).outcome is Outcome.UNKNOWN


def test_a_sure_value_waives_the_on_delay():
    assert Limit(RULE).feed(0.0, 80.0, sure=True) is Outcome.TRIPPED


@pytest.mark.parametrize(
    ("values", "tripped"),
    [
        ([0.8, 0.8], False),
        ([0.8, 0.8, 0.8], True),
        ([0.8, 0.1, 0.8, 0.1, 0.8], True),
        ([0.8, 0.1, 0.8, 0.1, 0.1, 0.8], False),  # the first one has left the window
    ],
)
def test_three_of_the_last_five(values, tripped):
    limit = fed(LimitRule(0.7, hits=3, of=5), enumerate(values))
    assert (limit.outcome is Outcome.TRIPPED) is tripped


def test_a_tripped_limit_whose_input_ages_is_unknown_and_still_held():
    limit = fed(RULE, [(0.0, 81.0), (2.0, 81.0)])
    assert limit.age() is Outcome.UNKNOWN
    assert limit.held


def test_what_was_pending_when_the_input_aged_starts_again():
    limit = fed(RULE, [(0.0, 81.0)])
    limit.age()
    assert limit.feed(20.0, 81.0) is Outcome.CLEAR


def test_after_a_silence_low_values_leave_it_unknown_until_the_off_delay_is_over():
    limit = fed(RULE, [(0.0, 81.0), (2.0, 81.0)])
    limit.age()
    assert limit.feed(100.0, 20.0) is Outcome.UNKNOWN
    assert limit.feed(103.0, 20.0) is Outcome.CLEAR


def test_after_a_silence_a_value_that_counts_trips_it_again_at_once():
    limit = fed(RULE, [(0.0, 81.0), (2.0, 81.0)])
    limit.age()
    assert limit.feed(100.0, 81.0) is Outcome.TRIPPED


def test_not_a_number_never_clears():
    limit = fed(RULE, [(0.0, 81.0), (2.0, 81.0), (10.0, math.nan), (20.0, math.nan)])
    assert limit.outcome is Outcome.TRIPPED


def test_only_a_whole_window_confirms_clear():
    limit = fed(LimitRule(0.7, hits=3, of=5), [(n, 0.0) for n in range(4)])
    assert not limit.confirmed_clear
    limit.feed(4.0, 0.0)
    assert limit.confirmed_clear


@settings(deadline=None)
@given(st.lists(st.floats(0, 79.999)))
def test_values_below_the_level_never_trip(values):
    assert not fed(RULE, enumerate(values)).held


@settings(deadline=None)
@given(st.lists(st.floats(75, 200), max_size=50))
def test_values_above_the_dead_band_never_clear(values):
    limit = fed(RULE, [(0.0, 81.0), (2.0, 81.0)])
    for now, value in enumerate(values, start=10):
        limit.feed(float(now), value)
    assert limit.held
