"""A window that no longer answers is a fault, one that was closed is none."""

import pytest
from fakes import FakeClock

from embereye.model.messages import WorkerFailed
from embereye.model.window import WindowAlive, WindowClosed
from embereye.runtime.engine import Engine
from embereye.services.window_watch import STALL, WindowWatch


class Watched:
    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.engine = clock, Engine(clock)
        self.told: list[WorkerFailed] = []
        self.watch = WindowWatch(self.engine, self.told.append)

    def alive(self) -> None:
        self.engine.post(WindowAlive(self.clock.now()))
        self.engine.step()

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.engine.step()


@pytest.fixture
def watched(clock: FakeClock) -> Watched:
    return Watched(clock)


def test_a_window_that_hangs_is_a_fault_until_it_answers(watched):
    watched.alive()
    watched.wait(STALL)
    assert watched.told == []
    watched.wait(1.5)
    watched.wait(5.0)
    assert [(t.name, t.recovered) for t in watched.told] == [("window", False)]
    assert "has not answered" in watched.told[0].text
    assert watched.watch.open, "it hangs, but it is there"
    watched.alive()
    assert [t.recovered for t in watched.told] == [False, True]


def test_signs_of_life_keep_it_well(watched):
    for _ in range(60):
        watched.alive()
        watched.wait(1.0)
    assert watched.told == []


def test_without_a_window_silence_means_nothing(watched):
    watched.wait(100.0)
    assert watched.told == []
    assert not watched.watch.open


def test_a_closed_window_is_no_fault(watched):
    watched.alive()
    watched.engine.post(WindowClosed())
    watched.wait(100.0)
    assert watched.told == []
    assert not watched.watch.open


def test_closing_one_that_hangs_ends_the_fault(watched):
    watched.alive()
    watched.wait(STALL + 1.5)
    watched.engine.post(WindowClosed())
    watched.wait(1.0)
    assert [t.recovered for t in watched.told] == [False, True]
