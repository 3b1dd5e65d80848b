"""No camera is lost when a detector process is killed, hangs or grows too large."""

import os
import signal
import time
from collections.abc import Callable, Iterator

import numpy as np
import psutil
import pytest
from fakes import FakeClock
from feeder_parts import Pictures
from pool_children import leaking, moody

from embereye.model.detection import DetectionResult
from embereye.model.frame import Pixels
from embereye.model.ids import CameraId
from embereye.services.detection import DetectionFeeder, FeederOptions
from embereye.vision.pool import DetectorPool
from embereye.vision.pool_child import PoolOptions

_CAMERAS = tuple(CameraId(name) for name in ("yard", "hall", "roof", "gate"))
_LONG = 30.0  # s a busy machine may need


class _Site:
    """Four hurried cameras on two real children, on a clock that runs with the rounds.

    Two pictures a second and camera: no leak becomes twice the limit between two looks at it.
    """

    def __init__(self, clock: FakeClock, body: Callable[..., None], memory: int = 4096) -> None:
        self.clock, self.source = clock, Pictures(clock)
        self.results: list[DetectionResult] = []
        self.pool = DetectorPool(PoolOptions(processes=2, memory=memory), clock, body)
        options = FeederOptions(2.0, 2.0, 0.0)
        self.feeder = DetectionFeeder(
            self.source, self.results.append, clock, options, lambda: self.pool
        )
        self.feeder.watch(_CAMERAS)
        for camera in _CAMERAS:
            self.feeder.hurry(camera, 1e6)
        self.pool.start()

    def until(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + _LONG
        while not done():
            self.clock.advance(0.05)
            self.feeder.turn(self.pool, 0.01)
            assert time.monotonic() < end, "it did not get there"

    def until_all_seen(self) -> dict[CameraId, str]:
        """Who looks at each camera, once each was looked at."""
        self.results.clear()
        self.until(lambda: {result.camera for result in self.results} == set(_CAMERAS))
        return {result.camera: result.detector for result in self.results}

    def until_replaced(self) -> None:
        self.until(lambda: self.pool.state.restarts == 1)


@pytest.fixture
def site(clock: FakeClock) -> Iterator[_Site]:
    site = _Site(clock, moody)
    yield site
    site.pool.close(0.1)


def test_all_cameras_of_a_killed_child_go_on_with_the_next_one(site: _Site) -> None:
    before = site.until_all_seen()
    os.kill(int(before[_CAMERAS[0]].split()[1]), signal.SIGKILL)
    site.until_replaced()
    after = site.until_all_seen()
    changed = {camera for camera in _CAMERAS if after[camera] != before[camera]}
    assert changed == {camera for camera in _CAMERAS if before[camera] == before[_CAMERAS[0]]}


def test_all_cameras_of_a_hanging_child_go_on_with_the_next_one(site: _Site) -> None:
    site.until_all_seen()

    def black(camera: CameraId) -> Pixels:
        return np.full((60, 80, 3), 0 if camera == _CAMERAS[0] else 100, np.uint8)

    usual, site.source.paint = site.source.paint, black
    site.until_replaced()
    site.source.paint = usual
    site.until_all_seen()
    assert (site.pool.state.restarts, site.pool.state.lost) == (1, 1)


def test_all_cameras_of_a_leaking_child_go_on_with_the_next_one(clock: FakeClock) -> None:
    site = _Site(clock, leaking, psutil.Process().memory_info().rss // 2**20 + 100)
    site.until(lambda: site.pool.state.restarts >= 2)  # both leak
    site.until_all_seen()
    lost = site.pool.state.lost
    site.pool.close(0.1)
    assert lost == 0
