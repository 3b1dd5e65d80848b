"""A changed scene pauses detection of its camera, and never hides a fire for long."""

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
import pytest
from fakes import FakeClock
from feeder_parts import Bench, Pool
from scenes import RATE, flame, played

from embereye.model.detection import DetectionResult
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.vision.heuristic import HeuristicDetector

_YARD, _HALL = CameraId("yard"), CameraId("hall")


@pytest.fixture
def moving(clock: FakeClock) -> Bench:
    bench = Bench(clock, {_YARD, _HALL})
    bench.feeder.watch((_YARD, _HALL))
    bench.run(3)
    return bench


def test_a_paused_camera_is_left_alone_and_its_neighbour_is_not(moving: Bench) -> None:
    moving.feeder.pause(_YARD, moving.clock.mono() + 3.0)
    looked = moving.run(2.9)
    assert _YARD not in looked
    assert looked.count(_HALL) >= 20
    assert moving.feeder.current.cameras[0].paused


def test_after_a_pause_it_is_looked_at_with_the_full_rate_and_nothing_remembered(
    moving: Bench,
) -> None:
    moving.source.moving.clear()
    moving.run(8)
    moving.feeder.pause(_YARD, moving.clock.mono() + 3.0)
    moving.run(3.1)
    assert moving.pool.begun_anew == [_YARD]
    assert moving.run(3).count(_YARD) >= 20


def test_what_is_asked_for_again_and_again_pauses_half_of_the_time_at_most(moving: Bench) -> None:
    for _ in range(100):
        moving.feeder.pause(_YARD, moving.clock.mono() + 3.0)
        moving.run(0.5)
    gaps = [later - earlier for earlier, later in pairwise(moving.looks(_YARD))]
    assert max(gaps) <= 10.5
    assert sum(gap for gap in gaps if gap > 1.0) <= 30.0


def test_a_suspicious_camera_is_never_paused_nor_made_to_forget(moving: Bench) -> None:
    moving.pool.fires[_YARD] = 0.3
    moving.run(1)
    moving.feeder.pause(_YARD, moving.clock.mono() + 3.0)
    assert moving.run(3).count(_YARD) >= 20
    assert moving.pool.begun_anew == []


def test_a_hurried_camera_is_never_paused(moving: Bench) -> None:
    moving.feeder.hurry(_YARD, 5.0)
    moving.feeder.pause(_YARD, moving.clock.mono() + 3.0)
    assert moving.run(3).count(_YARD) >= 20


def test_a_hot_spot_ends_a_pause(moving: Bench) -> None:
    moving.feeder.pause(_YARD, moving.clock.mono() + 3.0)
    moving.run(0.5)
    moving.feeder.hurry(_YARD, 10.0)
    assert moving.run(2).count(_YARD) >= 14


def test_a_verdict_from_before_does_not_stand_after_a_changed_scene(clock: FakeClock) -> None:
    bench = Bench(clock, cache_age=60.0)
    bench.feeder.watch((_YARD,))
    bench.run(5)
    bench.feeder.pause(_YARD, clock.mono() + 1.0)
    assert len(bench.run(3)) >= 8


class _Judging(Pool):
    """A pool whose verdicts are those of the heuristic."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self._detector = HeuristicDetector()

    def renew(self, camera: CameraId) -> None:
        super().renew(camera)
        self._detector.forget(camera)

    def _verdict(self, f: Frame) -> DetectionResult:
        verdict = self._detector.detect(f)
        self.fires[f.camera] = verdict.fire
        return super()._verdict(f)


def _burning(clock: FakeClock, change: Callable[[float, Pixels], Pixels]) -> Bench:
    """A camera that looks at a flame through `change` (s since it began, picture)."""
    bench = Bench(clock)
    bench.pool = _Judging(clock)
    pictures = [pixels for _, pixels in played(flame, 6.0, RATE)]
    began = clock.mono()

    def paint(_: CameraId) -> Pixels:
        passed = clock.mono() - began
        return change(passed, pictures[round(passed * RATE) % len(pictures)])

    bench.source.paint = paint
    bench.feeder.watch((_YARD,))
    return bench


def _brighter(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.convertScaleAbs(pixels, alpha=1.0, beta=40.0), dtype=np.uint8)


def test_a_fire_that_is_seen_already_counts_on_when_the_lights_go_on(clock: FakeClock) -> None:
    bench = _burning(clock, lambda passed, seen: seen if passed < 5 else _brighter(seen))
    bench.run(5)
    assert bench.results[-1].fire >= 0.7
    bench.feeder.pause(_YARD, clock.mono() + 3.0)
    bench.run(5)
    gaps = [b.at.mono - a.at.mono for a, b in pairwise(bench.results)]
    assert max(gaps) <= 0.5
    assert max(result.fire for result in bench.results[-24:]) >= 0.7


def test_a_fire_that_begins_with_a_flash_is_seen_soon_after(clock: FakeClock) -> None:
    """The flash is a changed scene like any other; what burns afterwards is not hidden by it."""
    dark = np.full((480, 640, 3), 20, np.uint8)
    white = np.full((480, 640, 3), 250, np.uint8)

    def flashed(passed: float, seen: Pixels) -> Pixels:
        return dark if passed < 5 else white if passed < 5.3 else seen

    bench = _burning(clock, flashed)
    bench.run(5.25)
    bench.feeder.pause(_YARD, clock.mono() + 3.0)
    bench.run(3.0 + 3.0)
    assert max(result.fire for result in bench.results) >= 0.7
