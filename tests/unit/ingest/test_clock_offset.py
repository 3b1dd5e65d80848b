"""How far a device's clock is from ours: right in spite of queues, drift and jumps."""

import random

import numpy as np
import pytest
from fakes import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.ingest.clock_offset import ClockOffset, told_apart
from embereye.model.stamp import Stamp
from embereye.storage.readings import decode, encode
from embereye.storage.stored_times import absent

WINDOW = 10.0


class Link:
    """A device whose clock is `ahead` s, behind a network that delays."""

    def __init__(self, ahead=0.0, drift=0.0):
        self.clock = FakeClock()
        self.offset = ClockOffset("boiler")
        self.ahead, self.drift = ahead, drift
        self.told = []
        self.newest = 0.0

    def packet(self, after=1.0, delay=0.0, *, in_order=True, fifo=False):
        """A packet made now arrives `delay` s later."""
        at = self.clock.advance(after)
        self.ahead += self.drift * after
        made = at.utc - delay
        if fifo:  # numbered in the order of their making
            made = self.newest = max(made, self.newest)
        ms = round((made + self.ahead) * 1000)
        self.offset.note(ms, at, in_order=in_order)
        news = self.offset.news(at, WINDOW)
        if news is not None:
            self.told.append(news)
        return made, self.offset.stamp(ms, at, WINDOW)

    def error(self):
        return abs(self.offset.offset(self.clock.now()) - self.ahead)


@pytest.mark.parametrize("ahead", [0.0, 3.0, -3.0, 86_400.0, -86_400.0])
def test_the_offset_is_right_to_50_ms_however_packets_queue(ahead):
    link = Link(ahead)
    rng = random.Random(15)
    for number in range(200):
        link.packet(delay=rng.choice([0.004, 0.02, 0.3, 2.0]), fifo=True)
        if number > 20:
            assert link.error() <= 0.05


def test_it_follows_a_drifting_clock():
    link = Link(drift=-100e-6)
    for _ in range(3600):
        link.packet(delay=0.01)
        assert link.error() <= 0.05


@pytest.mark.parametrize("jump", [86_400.0, -86_400.0])
def test_a_jump_of_our_wall_clock_changes_no_order(jump):
    link = Link()
    for _ in range(5):
        link.packet()
    link.clock.jump_wall(jump)
    link.ahead -= jump
    _, stamp = link.packet()
    assert link.error() <= 0.05
    assert stamp == link.clock.now()  # not believed any more: its arrival


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_a_device_clock_that_is_set_is_followed_at_once(step):
    link = Link()
    for _ in range(5):
        link.packet()
    link.ahead += step
    link.packet()
    assert link.error() <= 0.05


def test_packets_that_waited_for_an_hour_are_dated_right():
    link = Link(ahead=0.4)
    for _ in range(10):
        link.packet(delay=0.01)
    link.clock.advance(3600.0)
    for seconds in range(3600, 0, -60):
        made, stamp = link.packet(after=0.005, delay=seconds)
        assert stamp.utc == pytest.approx(made, abs=0.05)
        assert stamp.mono == link.clock.mono()


def test_a_backlog_does_not_make_a_right_clock_look_wrong():
    link = Link()
    for seconds in range(3600, 0, -10):
        link.packet(after=0.005, delay=seconds)
    for _ in range(10):
        link.packet()
    assert [clock.believed for clock in link.told] == [True]


def test_a_stamp_never_lies_in_the_future():
    link = Link(ahead=9.0)
    rng = random.Random(7)
    for _ in range(300):
        link.ahead += rng.uniform(-0.3, 0.3)
        _, stamp = link.packet(delay=rng.random(), in_order=rng.random() < 0.9)
        assert stamp.utc <= link.clock.now().utc


def test_the_offset_is_told_seldom():
    link = Link(ahead=0.2)
    for _ in range(600):
        link.packet(delay=0.01)
    assert len(link.told) == 1
    link.drift = -0.01
    for _ in range(90):
        link.packet(delay=0.01)
    assert 2 <= len(link.told) <= 5


@given(
    first=st.integers(0, 2**40),
    gaps=st.lists(st.sampled_from([0.0, 1e-7, 1e-6, 3e-6, 0.001, 0.0011, 0.5]), max_size=300),
    kept=st.integers(0, 2**300 - 1),
)
@settings(deadline=None, max_examples=50)
def test_the_history_knows_packets_of_one_moment_apart(first, gaps, kept):
    """Whichever of them were stored, exactly the others are found missing."""
    times = 1_763_629_000.123 + np.cumsum([0.0, *gaps])
    made = np.array(
        [told_apart(Stamp(0.0, utc), first + n).utc for n, utc in enumerate(times.tolist())]
    )
    assert np.all((made <= times) & (made > times - 0.0021))
    stored = np.array([kept >> n & 1 for n in range(len(made))], np.bool_)
    found = np.empty(0)
    if stored.any():
        some = made[stored]
        found, _ = decode("smoke", some[0], encode("smoke", some, np.zeros(len(some), np.float32)))
    assert absent(made, np.sort(found)).tolist() == (~stored).tolist()
