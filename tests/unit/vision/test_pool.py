"""The process pool with real children."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pool_children import moody, never_ready, telling, trapped
from tiny_models import FLAME, flame_model, slow_model

from embereye.model.detection import DetectionResult, Verification
from embereye.model.frame import Closeup, Frame
from embereye.model.ids import CameraId
from embereye.runtime.clock import SystemClock
from embereye.vision.looks import CameraLooks, Looks, ModelChoice
from embereye.vision.pool import DetectorPool
from embereye.vision.pool_child import PoolOptions

CLOCK = SystemClock()
LONG = 30.0  # s a busy machine may need to start a child


def _frame(camera: str, level: int, side: int = 64, seq: int = 1) -> Frame:
    pixels = np.full((side, side, 3), level, np.uint8)
    return Frame(CameraId(camera), pixels, seq, CLOCK.now(), 0.0, side, side)


def _until(pool: DetectorPool, done: Callable[[], bool]) -> list[DetectionResult]:
    results: list[DetectionResult] = []
    end = time.monotonic() + LONG
    while not done():
        results += pool.collect(0.02)
        assert time.monotonic() < end, "the pool did not get there"
    return results


def _answer(pool: DetectorPool, frame: Frame) -> DetectionResult:
    _until(pool, lambda: pool.idle(frame.camera))
    assert pool.submit(frame)
    results: list[DetectionResult] = []
    end = time.monotonic() + LONG
    while not results:
        results += pool.collect(0.05)
        assert time.monotonic() < end, "no verdict"
    return results[0]


@pytest.fixture
def pool() -> Iterator[DetectorPool]:
    pool = DetectorPool(PoolOptions(processes=2, deadline=0.5), CLOCK, moody)
    pool.start()
    yield pool
    pool.close()


def test_a_verdict_carries_camera_and_stamps_of_its_frame(pool: DetectorPool):
    frame = _frame("yard", 51, seq=7)

    result = _answer(pool, frame)

    assert (result.camera, result.frame_seq, result.frame_at) == ("yard", 7, frame.at)
    assert result.fire == pytest.approx(0.2)
    assert result.at.mono >= frame.at.mono


def test_a_camera_stays_with_its_child(pool: DetectorPool):
    children = {
        camera: {_answer(pool, _frame(camera, 100)).detector for _ in range(3)}
        for camera in ("one", "two")
    }

    assert all(len(seen) == 1 for seen in children.values())
    assert children["one"] != children["two"]


def test_a_busy_child_takes_no_second_picture(pool: DetectorPool):
    _until(pool, lambda: pool.idle(CameraId("yard")))
    assert pool.submit(_frame("yard", 100))

    assert not pool.idle(CameraId("yard"))
    assert not pool.submit(_frame("yard", 100))


def test_pictures_of_growing_size_arrive(pool: DetectorPool):
    for side in (64, 800, 32):
        assert _answer(pool, _frame("yard", 102, side)).fire == pytest.approx(0.4)


def test_a_stuck_child_is_replaced_and_the_other_goes_on(pool: DetectorPool):
    _answer(pool, _frame("one", 100))
    other = _answer(pool, _frame("two", 100)).detector
    assert pool.submit(_frame("one", 0))

    during = _answer(pool, _frame("two", 100))
    _until(pool, lambda: pool.state.restarts == 1)

    assert during.detector == other
    assert pool.state.lost == 1
    assert _answer(pool, _frame("one", 100)).fire > 0
    assert _answer(pool, _frame("two", 100)).detector == other


def test_a_child_that_dies_on_a_picture_is_replaced(pool: DetectorPool):
    _answer(pool, _frame("one", 100))
    assert pool.submit(_frame("one", 255))

    _until(pool, lambda: pool.state.restarts == 1)

    assert _answer(pool, _frame("one", 100)).fire > 0


def test_a_child_killed_while_idle_is_replaced(pool: DetectorPool):
    first = _answer(pool, _frame("one", 100)).detector
    os.kill(int(first.split()[1]), signal.SIGKILL)

    _until(pool, lambda: pool.state.restarts == 1)

    assert _answer(pool, _frame("one", 100)).detector != first


def test_a_child_that_never_gets_ready_is_replaced():
    pool = DetectorPool(PoolOptions(processes=1, start_deadline=0.5), CLOCK, never_ready)
    pool.start()

    _until(pool, lambda: pool.state.restarts >= 2)

    assert not pool.submit(_frame("one", 100))
    pool.close(0.1)


def test_a_model_that_never_finishes_loading_costs_one_child_and_is_left_out():
    pool = DetectorPool(PoolOptions(start_deadline=1.5), CLOCK, trapped)
    pool.assign(_looks(one=Path("trap.onnx")))
    pool.start()
    try:
        assert _answer(pool, _frame("one", 102)).fire == pytest.approx(0.4)
        ((name, text),) = pool.state.troubles
    finally:
        pool.close()

    assert name == "trap"
    assert "left out" in text


def test_latency_is_measured(pool: DetectorPool):
    for _ in range(5):
        _answer(pool, _frame("one", 100))

    latency = pool.state.latency
    assert latency.run_p50 == pytest.approx(0.001)
    assert latency.total_p95 is not None
    assert latency.total_p95 >= latency.run_p95


def test_forgotten_cameras_make_room(pool: DetectorPool):
    first = _answer(pool, _frame("one", 100)).detector
    pool.forget([CameraId("one")])

    assert _answer(pool, _frame("three", 100)).detector == first


def test_the_real_child_goes_on_when_its_model_is_missing(tmp_path: Path):
    options = PoolOptions(processes=1, model=str(tmp_path / "absent.onnx"))
    pool = DetectorPool(options, CLOCK)
    pool.start()

    result = _answer(pool, _frame("yard", 100))

    assert result.detector == "heuristic 1"
    assert "absent.onnx" in pool.state.trouble
    assert [name for name, _ in pool.state.troubles] == [str(tmp_path / "absent.onnx")]
    pool.close()


def test_a_flame_is_found_through_a_real_child(play: Callable[..., Iterator]):
    pool = DetectorPool(PoolOptions(processes=1), CLOCK)
    pool.start()
    results = []
    for seq, (time_, pixels) in enumerate(play("flame", 3.0)):
        # Media time carries the history; the test need not wait for it.
        frame = Frame(CameraId("yard"), pixels, seq, CLOCK.now(), time_, 1280, 960)
        results.append(_answer(pool, frame))
    pool.close()

    assert results[-1].fire >= 0.7
    assert results[-1].moving
    assert results[-1].detections[0].label == "fire"


def test_a_closeup_reaches_the_child_beside_its_picture() -> None:
    pool = DetectorPool(PoolOptions(), CLOCK, telling)
    pool.start()
    try:
        near = np.full((200, 300, 3), 102, np.uint8)
        frame = replace(
            _frame("yard", 51),
            closeup=Closeup(near, 10, 20, 600, 400),
            verification=Verification(9.0, 20.0),
        )
        result = _answer(pool, frame)
    finally:
        pool.close()
    (box,) = result.detections
    assert (box.x, box.y, box.width, box.height) == (10, 20, 600, 400)
    assert box.confidence == pytest.approx(0.4)
    assert result.fire == pytest.approx(0.2)
    assert result.smoke == pytest.approx(0.09)
    assert result.suspicion == pytest.approx(0.2)


def _looks(**cameras: Path) -> Looks:
    chosen = {
        CameraId(name): CameraLooks((ModelChoice(path.stem, str(path)),))
        for name, path in cameras.items()
    }
    return Looks(chosen)


def _labels(pool: DetectorPool, camera: str) -> set[str]:
    return {seen.label for seen in _answer(pool, _frame(camera, 100)).detections}


def test_two_cameras_have_two_models_and_change_them_while_they_run(tmp_path: Path):
    family, second = 'family = "end_to_end"\n', FLAME + np.eye(1, 6, 5)
    persons = flame_model(tmp_path / "p.onnx", second, f'{family}labels = ["cat", "person"]')
    cars = flame_model(tmp_path / "c.onnx", FLAME, f'{family}labels = ["car"]')
    pool = DetectorPool(PoolOptions(processes=1, model_period=0.0), CLOCK)
    pool.assign(_looks(one=persons, two=cars))
    pool.start()
    try:
        assert (_labels(pool, "one"), _labels(pool, "two")) == ({"person"}, {"vehicle"})

        pool.assign(_looks(one=cars, two=cars))
        assert (_labels(pool, "one"), _labels(pool, "two")) == ({"vehicle"}, {"vehicle"})

        pool.assign(_looks(one=tmp_path / "absent.onnx", two=cars))
        assert (_labels(pool, "one"), _labels(pool, "two")) == (set(), {"vehicle"})
        assert [name for name, _ in pool.state.troubles] == ["absent"]
        assert pool.state.providers == (("c", "cpu"),)
        assert pool.state.restarts == 0
    finally:
        pool.close()


def test_a_model_that_hangs_at_pictures_is_left_out_the_second_time(tmp_path: Path):
    pool = DetectorPool(PoolOptions(deadline=1.0, model_period=0.0), CLOCK)
    pool.assign(_looks(one=slow_model(tmp_path / "slow.onnx")))
    pool.start()
    try:
        for _ in range(2):
            _until(pool, lambda: pool.idle(CameraId("one")))
            assert pool.submit(_frame("one", 100))
            _until(pool, lambda: not pool.state.detectors[0])
        assert _answer(pool, _frame("one", 100)).detector == "heuristic 1"
        ((name, text),) = pool.state.troubles
    finally:
        pool.close()

    assert name == "slow"
    assert "while it looked at pictures" in text


def test_a_change_keeps_the_memory_of_other_cameras(play: Callable[..., Iterator], tmp_path: Path):
    cars = flame_model(tmp_path / "cars.onnx", FLAME)
    pool = DetectorPool(PoolOptions(processes=1), CLOCK)
    pool.start()
    results = []
    for seq, (time_, pixels) in enumerate(play("flame", 3.0)):
        if seq == 20:
            pool.assign(_looks(other=cars))
        frame = Frame(CameraId("yard"), pixels, seq, CLOCK.now(), time_, 1280, 960)
        results.append(_answer(pool, frame))
    pool.close()

    fires = [result.fire for result in results]
    assert fires[21] >= fires[19] - 0.1
    assert fires[21] > 0.3


def test_a_pool_whose_children_are_all_gone_waits_without_work():
    pool = DetectorPool(PoolOptions(), CLOCK, moody)  # not started, as between two children
    started = time.monotonic()
    assert pool.collect(0.05) == []
    assert time.monotonic() - started >= 0.045, "the feeder would turn at full speed"
