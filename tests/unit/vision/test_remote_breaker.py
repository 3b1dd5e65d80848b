"""When a detector on another machine is asked again, and when it is left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.vision.remote_breaker import Breaker, Phase
from embereye.vision.remote_retry import Failure, concerns_detector, pause_before

AGAIN = (
    Failure.UNREACHABLE,
    Failure.TIMED_OUT,
    Failure.SERVER,
    Failure.NOT_LOADED,
    Failure.BAD_ANSWER,
)
NEVER = (Failure.BAD_PICTURE, Failure.TOO_LARGE, Failure.REFUSED)


def _opened(at: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(5):
        assert breaker.admit(at)
        breaker.failed(at)
    return breaker


def test_four_failures_leave_it_closed():
    breaker = Breaker()
    for _ in range(4):
        breaker.failed(0.0)
    assert breaker.phase(0.0) is Phase.CLOSED


def test_the_fifth_failure_opens_it_for_a_minute():
    breaker = _opened()
    assert not breaker.admit(59.9)
    assert breaker.admit(60.0)


def test_a_success_between_failures_starts_the_count_anew():
    breaker = Breaker()
    for _ in range(4):
        breaker.failed(0.0)
    breaker.succeeded()
    for _ in range(4):
        breaker.failed(0.0)
    assert breaker.phase(0.0) is Phase.CLOSED


def test_half_open_lets_one_question_through():
    breaker = _opened()
    assert [breaker.admit(61.0) for _ in range(3)] == [True, False, False]


def test_a_failed_trial_opens_it_for_another_minute():
    breaker = _opened()
    breaker.admit(61.0)
    breaker.failed(62.0)
    assert not breaker.admit(121.9)
    assert breaker.admit(122.0)


def test_a_good_trial_closes_it():
    breaker = _opened()
    breaker.admit(61.0)
    breaker.succeeded()
    assert breaker.phase(61.0) is Phase.CLOSED


def test_a_trial_that_says_nothing_makes_room_for_another():
    breaker = _opened()
    breaker.admit(61.0)
    breaker.forgotten()
    assert breaker.admit(61.0)


def test_late_failures_of_earlier_questions_do_not_prolong_the_pause():
    breaker = _opened()
    breaker.failed(30.0)
    assert breaker.admit(60.0)


@given(st.lists(st.tuples(st.floats(0.0, 40.0), st.booleans()), max_size=60))
@settings(deadline=None)
def test_it_never_stays_open_longer_than_a_minute_after_the_last_question(steps):
    breaker, now = Breaker(), 0.0
    for passed, good in steps:
        now += passed
        if breaker.admit(now):
            if good:
                breaker.succeeded()
            else:
                breaker.failed(now)
    assert breaker.admit(now + 60.0)


@given(st.integers(5, 50), st.lists(st.floats(0.0, 59.0), max_size=20))
@settings(deadline=None)
def test_an_open_one_admits_nothing(failures, moments):
    breaker = Breaker()
    for _ in range(failures):
        breaker.failed(0.0)
    assert not any(breaker.admit(moment) for moment in moments)


@pytest.mark.parametrize("failure", AGAIN)
def test_what_may_pass_is_tried_three_times_with_growing_pauses(failure):
    assert [pause_before(n, failure, 100.0) for n in (1, 2, 3)] == [2.0, 4.0, None]


@pytest.mark.parametrize("failure", NEVER)
def test_what_was_refused_is_never_tried_again(failure):
    assert pause_before(1, failure, 100.0) is None


def test_every_failure_is_either_repeated_or_not():
    assert {*AGAIN, *NEVER} == set(Failure)


@given(st.integers(1, 10_000), st.sampled_from(Failure), st.floats(0.0, 1e6))
@settings(deadline=None)
def test_no_pause_is_longer_than_half_a_minute_or_than_what_is_left(attempt, failure, left):
    pause = pause_before(attempt, failure, left)
    assert pause is None or (0 < pause <= 30.0 and pause < left)


def test_a_live_picture_is_not_tried_twice_within_a_second():
    assert pause_before(1, Failure.TIMED_OUT, 1.0) is None


@pytest.mark.parametrize(
    ("failure", "counts"),
    [(Failure.BAD_PICTURE, False), (Failure.TOO_LARGE, False), (Failure.REFUSED, True)],
)
def test_one_bad_picture_says_nothing_against_the_detector(failure, counts):
    assert concerns_detector(failure) is counts
