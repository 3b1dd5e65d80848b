"""A queue that stays long is a fault; a burst is none."""

import pytest
from fakes import FakeClock

from embereye.runtime.engine import Engine
from embereye.services.queue_watch import PATIENCE, Queue, QueueWatch


class Watched:
    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.engine, self.length, self.told = clock, Engine(clock), 0, []
        queue = Queue(lambda: self.length, 100, "Look at the disk.")
        self.watch = QueueWatch(self.engine, {"disk": queue}, self.told.append)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.clock.advance(1.0)
            self.engine.step()


@pytest.fixture
def watched(clock: FakeClock) -> Watched:
    return Watched(clock)


def test_a_queue_that_stays_long_is_a_fault_until_it_is_half_empty(watched):
    watched.length = 101
    watched.wait(PATIENCE)
    assert watched.told == []
    watched.wait(30)
    assert [(t.name, t.recovered) for t in watched.told] == [("queue of disk", False)]
    assert "101 wait for the disk" in watched.told[0].text
    watched.length = 90
    watched.wait(5)
    assert len(watched.told) == 1, "it would come and go"
    watched.length = 50
    watched.wait(1)
    assert [t.recovered for t in watched.told] == [False, True]


def test_a_burst_is_no_fault(watched):
    for _ in range(5):
        watched.length = 5000
        watched.wait(PATIENCE - 1)
        watched.length = 0
        watched.wait(1)
    assert watched.told == []


def test_lengths_are_shown(watched):
    watched.length = 7
    watched.wait(1)
    assert watched.watch.waiting == {"disk": 7}
