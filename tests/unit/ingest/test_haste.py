"""Deadlines of a camera that just worked."""

import pytest
from fakes import FakeClock

from embereye.ingest.haste import Haste
from embereye.ingest.picture import Deadlines

_USUAL = Deadlines(5.0, 4.0)
_HASTY = Deadlines(1.5, 2.0)


def _worked(clock: FakeClock, haste: Haste, gap: float = 0.05, keys: int = 8) -> None:
    """A connection that is made in 0.2 s and sends steadily."""
    haste.opened(0.2)
    for number in range(40):
        clock.advance(gap)
        haste.packet(key=number % keys == 0)


def test_the_first_attempt_has_its_full_time(clock: FakeClock) -> None:
    assert Haste(_USUAL, clock).begin() == _USUAL


def test_a_camera_that_just_worked_is_not_waited_for_long(clock: FakeClock) -> None:
    haste = Haste(_USUAL, clock)
    haste.begin()
    _worked(clock, haste)
    for _ in range(4):  # also after attempts that brought nothing
        clock.advance(2.0)
        assert haste.begin() == _HASTY


def test_an_outage_that_is_no_short_one_has_its_full_time(clock: FakeClock) -> None:
    haste = Haste(_USUAL, clock)
    haste.begin()
    _worked(clock, haste)
    clock.advance(10.1)
    assert haste.begin() == _USUAL
    clock.advance(1.0)
    assert haste.begin() == _USUAL


def test_a_camera_that_opens_slowly_gets_a_second_more_than_it_ever_took(
    clock: FakeClock,
) -> None:
    haste = Haste(_USUAL, clock)
    haste.begin()
    haste.opened(2.0)
    _worked(clock, haste)
    assert haste.begin().open == 3.0
    haste.opened(4.5)
    assert haste.begin().open == _USUAL.open


@pytest.mark.parametrize(("keys", "seconds"), [(8, 1.5), (20, 2.0), (1000, 2.95)])
def test_a_server_may_wait_for_its_next_key_frame(
    clock: FakeClock, keys: int, seconds: float
) -> None:
    """1000: only one was seen, so it is at least as far to the next one."""
    haste = Haste(_USUAL, clock)
    haste.begin()
    _worked(clock, haste, keys=keys)
    assert haste.begin().open == pytest.approx(seconds)


def test_a_camera_that_sends_now_and_then_is_given_its_time_to_read(clock: FakeClock) -> None:
    haste = Haste(_USUAL, clock)
    haste.begin()
    _worked(clock, haste, gap=0.6, keys=1)
    assert haste.begin().read == 4.0


def test_one_that_was_cut_for_a_pause_is_given_its_time_the_next_time(clock: FakeClock) -> None:
    haste = Haste(_USUAL, clock)
    haste.begin()
    _worked(clock, haste)
    clock.advance(1.0)
    assert haste.begin() == _HASTY
    _worked(clock, haste)
    clock.advance(2.5)
    assert haste.begin() == Deadlines(1.5, 4.0)


def test_short_deadlines_of_the_settings_stay_short(clock: FakeClock) -> None:
    haste = Haste(Deadlines(1.0, 1.0), clock)
    haste.begin()
    _worked(clock, haste)
    assert haste.begin() == Deadlines(1.0, 1.0)
