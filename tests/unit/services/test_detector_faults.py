"""Detectors that say nothing, or lost their model, are faults."""

from dataclasses import replace

import pytest

from embereye.runtime.engine import Engine
from embereye.services.detection import DetectionState
from embereye.services.detector_faults import DetectorFaults
from embereye.vision.pool import PoolLatency, PoolState

POOL = PoolState(("heuristic",), "", 0, 0, 0, PoolLatency(*[None] * 6))


class Watched:
    """The supervision, looking each second at a feeder that the test writes."""

    def __init__(self, clock):
        self.clock, self.told, self.live = clock, [], True
        self.current = DetectionState(pool=POOL)
        self._engine = Engine(clock)
        DetectorFaults(self._engine, self, lambda: self.live, self.told.append)

    def wait(self, seconds, verdicts=0):
        for _ in range(seconds):
            pool = self.current.pool
            self.current = replace(
                self.current, pool=replace(pool, verdicts=pool.verdicts + verdicts)
            )
            self.clock.advance(1.0)
            self._engine.step()

    @property
    def recovered(self):
        return [message.recovered for message in self.told]


@pytest.fixture
def watched(clock):
    return Watched(clock)


def test_detectors_that_say_nothing_for_twenty_seconds_are_a_fault_until_they_speak(watched):
    watched.wait(60, verdicts=1)
    assert watched.told == []
    watched.wait(22)
    assert watched.recovered == [False]
    assert "pictures are not looked at" in watched.told[0].text
    watched.wait(2, verdicts=1)
    assert watched.recovered == [False, True]


def test_without_a_live_camera_silence_is_right(watched):
    watched.live = False
    watched.wait(60)
    watched.live = True
    watched.wait(10)
    assert watched.told == []


def test_trouble_of_the_pool_is_told_in_its_words(watched):
    pool = replace(watched.current.pool, trouble="The model is gone.")
    watched.current = replace(watched.current, pool=pool)
    watched.wait(3, verdicts=1)
    assert [message.text for message in watched.told] == ["The model is gone."]


def test_the_end_of_this_fault_is_not_that_of_a_crashing_feeder(watched):
    watched.wait(22)
    assert watched.told[0].name != "detection"  # the supervisor's name of the feeder's thread
