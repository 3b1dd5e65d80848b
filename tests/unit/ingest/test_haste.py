"""Deadlines of a camera that just worked."""

from fakes import FakeClock

from embereye.ingest.haste import Haste
from embereye.ingest.picture import Deadlines

_USUAL = Deadlines(5.0, 4.0)
_HASTY = Deadlines(1.5, 2.0)


def _worked(clock: FakeClock, haste: Haste, gap: float = 0.05, packets: int = 40) -> None:
    """A connection that is made in 0.2 s and sends steadily."""
    haste.opened(0.2)
    for _ in range(packets):
        clock.advance(gap)
        haste.packet()


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


def test_a_camera_that_opens_slowly_gets_four_times_as_long(clock: FakeClock) -> None:
    haste = Haste(_USUAL, clock)
    haste.begin()
    _worked(clock, haste)
    haste.opened(0.8)
    assert haste.begin().open == 3.2
    haste.opened(3.0)
    assert haste.begin().open == _USUAL.open


def test_a_camera_that_sends_now_and_then_is_given_its_time_to_read(clock: FakeClock) -> None:
    haste = Haste(_USUAL, clock)
    haste.begin()
    _worked(clock, haste, gap=0.6)
    assert haste.begin() == Deadlines(1.5, 4.0)


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
