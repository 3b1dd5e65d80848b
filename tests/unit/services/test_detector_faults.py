"""Detectors that lost their model, and cameras that nobody looks at, are faults."""

from dataclasses import replace

import pytest

from embereye.model.camera import CameraState, CameraStatus, CaptureCounters
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine
from embereye.services.detection import CameraDetection, DetectionState
from embereye.services.detector_faults import DetectorFaults
from embereye.vision.pool import PoolLatency, PoolState

POOL = PoolState(("heuristic",), "", 0, 0, 0, PoolLatency(*[None] * 6))


def camera(name, interval=0.04):
    counters = CaptureCounters(interval=interval)
    state, at = CameraState.LIVE, Stamp(0.0, 0.0)
    return CameraStatus(name, name.upper(), name, "", "", state, "", at, counters)


class Watched:
    """The supervision, looking each second at a feeder that the test writes."""

    def __init__(self, clock):
        self.clock, self.told, self.live = clock, [], [camera("a"), camera("b")]
        self.current = DetectionState(pool=POOL)
        self._engine = Engine(clock)
        DetectorFaults(self._engine, self, lambda: self.live, self.told.append)

    def wait(self, seconds, seen=()):
        """So many seconds in which these cameras get verdicts."""
        found = {one.camera: one for one in self.current.cameras}
        for _ in range(seconds):
            self.clock.advance(1.0)
            for name in seen:
                at = self.clock.mono()
                found[name] = CameraDetection(name, 1.0, at, 0.1, False, 0.0, 0.0)
            self.current = replace(self.current, cameras=tuple(found.values()))
            self._engine.step()

    @property
    def recovered(self):
        return [message.recovered for message in self.told]


@pytest.fixture
def watched(clock):
    return Watched(clock)


def test_detectors_that_say_nothing_for_twenty_seconds_are_a_fault_until_they_speak(watched):
    watched.wait(60, seen="ab")
    assert watched.told == []
    watched.wait(22)
    assert watched.recovered == [False]
    assert "A, B" in watched.told[0].text
    watched.wait(2, seen="ab")
    assert watched.recovered == [False, True]


def test_one_camera_that_nobody_looks_at_is_a_fault_though_others_are_seen(watched):
    watched.wait(19, seen="a")
    assert watched.told == []
    watched.wait(5, seen="a")
    assert watched.recovered == [False]
    assert "about B:" in watched.told[0].text


def test_for_a_camera_that_is_not_live_silence_is_right(watched):
    watched.live = [camera("a")]
    watched.wait(60, seen="a")
    watched.live = [camera("a"), camera("b")]
    watched.wait(19, seen="a")
    assert watched.told == []


def test_a_camera_that_sends_a_picture_a_minute_has_time(watched):
    watched.live = [camera("a", interval=60.0)]
    watched.wait(100)
    assert watched.told == []
    watched.wait(100)
    assert watched.recovered == [False]


def test_trouble_of_the_pool_is_told_in_its_words(watched):
    watched.current = replace(
        watched.current, pool=replace(POOL, troubles=(("built-in", "The model is gone."),))
    )
    watched.wait(3, seen="ab")
    assert [message.text for message in watched.told] == ["The model is gone."]


def test_the_end_of_this_fault_is_not_that_of_a_crashing_feeder(watched):
    watched.wait(22)
    assert watched.told[0].name != "detection"  # the supervisor's name of the feeder's thread


def test_a_child_that_is_replaced_again_and_again_is_a_fault_until_it_works(watched):
    wearing = replace(POOL, remarks=(("detector 1", "Replaced again and again."),))
    watched.current = replace(watched.current, pool=wearing)
    watched.wait(3, seen="ab")
    watched.current = replace(watched.current, pool=POOL)
    watched.wait(2, seen="ab")
    assert [(one.name, one.text) for one in watched.told] == [
        ("detector 1", "Replaced again and again."),
        ("detector 1", ""),
    ]
    assert watched.recovered == [False, True]
