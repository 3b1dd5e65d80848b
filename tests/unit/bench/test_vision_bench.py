"""The vision bench: its cameras turn evenly, and its figures are what was spent."""

import functools
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeClock
from onnx_parts import constant_model

from embereye.bench.detection_load import CAMERAS, RATE, Wheel, sustained
from embereye.bench.model_time import model_times
from embereye.bench.spent import Spent, timed
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import SystemClock


def _clip(length: int = 3) -> list[Frame]:
    pixels = np.full((48, 64, 3), 90, np.uint8)
    at = Stamp(0.0, 0.0)
    return [Frame(CameraId("clip"), pixels, n, at, float(n), 64, 48) for n in range(length)]


def test_each_camera_of_the_load_shows_each_picture_once_and_on_time(clock: FakeClock) -> None:
    wheel = Wheel([_clip()], clock)
    counts = dict.fromkeys(wheel.cameras, 0)
    for _ in range(1000):
        clock.advance(0.01)
        for camera in wheel.cameras:
            frame = wheel.take(camera)
            if frame is not None:
                counts[camera] += 1
                assert frame.camera == camera
                assert 0 <= clock.mono() - frame.at.mono <= 0.011
    assert set(counts.values()) <= {49, 50, 51}
    assert len(counts) == CAMERAS


def test_cameras_of_the_load_do_not_all_come_at_once(clock: FakeClock) -> None:
    wheel = Wheel([_clip()], clock)
    clock.advance(1.0)
    for camera in wheel.cameras:
        wheel.take(camera)
    for _ in range(round(100 / RATE)):
        clock.advance(0.01)
        assert sum(wheel.take(camera) is not None for camera in wheel.cameras) <= 1


def test_time_spent_is_told_by_the_wall_and_by_the_processor() -> None:
    spent, clock = Spent(), FakeClock()
    for seconds in (0.010, 0.020, 0.030):
        spent.add(timed(clock, functools.partial(clock.advance, seconds)))
    assert spent.wall_ms(50) == pytest.approx(20.0)
    assert spent.cpu_ms(95) < 5.0  # nothing was computed


def test_a_model_is_measured_beside_its_bare_network(tmp_path: Path) -> None:
    model = constant_model(tmp_path / "m.onnx", np.zeros((1, 6, 10), np.float32))
    times = model_times(model, _clip(), 0.05, SystemClock())
    assert times.size == (64, 64)
    assert len(times.whole.wall) == len(times.bare.wall) > 0
    assert min(times.bare.cpu) > 0


@pytest.mark.slow
def test_the_load_goes_through_the_real_feeder_and_pool() -> None:
    load = sustained([_clip()], "", 1.0, 3.0, SystemClock())
    assert load.detector.startswith("heuristic")
    assert load.worst_share > 0.8
    assert load.memory > 10
    assert load.latency_ms(95) > 0
