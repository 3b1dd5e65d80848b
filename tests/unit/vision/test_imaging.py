"""Reducing pictures, and the motion gate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.imaging import CELL, cell_box, exceeding, reduced, share
from embereye.vision.motion import MotionGate


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 700), st.integers(1, 700))
def test_a_reduced_picture_has_whole_cells_and_is_no_larger_than_asked(height: int, width: int):
    small = reduced(np.zeros((height, width, 3), np.uint8), 320)

    assert small.shape[0] % CELL == small.shape[1] % CELL == 0
    assert CELL <= max(small.shape[:2]) <= 320


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((480, 640), (240, 320)),
        ((720, 1280), (176, 320)),
        ((1080, 1920), (176, 320)),
        ((240, 320), (240, 320)),
    ],
)
def test_common_sizes(size: tuple[int, int], expected: tuple[int, int]):
    assert reduced(np.zeros((*size, 3), np.uint8), 320).shape[:2] == expected


def test_the_share_of_set_pixels_is_counted_per_cell():
    mask = np.zeros((16, 16), np.uint8)
    mask[0:4, 8:16] = 255

    assert share(mask) == pytest.approx(np.array([[0.0, 0.5], [0.0, 0.0]]), abs=1 / 255)


def test_only_larger_differences_exceed():
    before, now = np.array([[10, 10, 10]], np.uint8), np.array([[15, 16, 4]], np.uint8)

    assert exceeding(before, now, 5).tolist() == [[0, 255, 255]]


def test_a_box_of_cells_becomes_source_pixels():
    box = cell_box("fire", 0.9, (4, 3, 2, 1), grid=(30, 40), source=(1920, 1080))

    assert (box.x, box.y, box.width, box.height) == (192, 108, 96, 36)


def _frame(pixels: np.ndarray, camera: str = "yard") -> Frame:
    return Frame(CameraId(camera), pixels, 0, Stamp(0, 0), 0.0, 640, 480)


def _noise(rng: np.random.Generator) -> np.ndarray:
    return np.clip(rng.normal(110, 6, (480, 640, 3)), 0, 255).astype(np.uint8)


def test_the_first_frame_counts_as_motion():
    assert MotionGate().moved(_frame(np.zeros((480, 640, 3), np.uint8)))


def test_sensor_noise_is_no_motion():
    gate, rng = MotionGate(), np.random.default_rng(1)
    gate.moved(_frame(_noise(rng)))

    assert not any(gate.moved(_frame(_noise(rng))) for _ in range(50))


def test_a_small_mover_is_motion():
    gate, rng = MotionGate(), np.random.default_rng(1)
    gate.moved(_frame(_noise(rng)))
    picture = _noise(rng)
    picture[200:240, 300:330] += 60

    assert gate.moved(_frame(picture))


def test_what_stays_is_motion_no_more():
    gate = MotionGate()
    gate.moved(_frame(np.full((480, 640, 3), 100, np.uint8)))
    changed = np.full((480, 640, 3), 160, np.uint8)

    assert gate.moved(_frame(changed))
    assert not [gate.moved(_frame(changed)) for _ in range(60)][-1]


def test_slow_growth_adds_up_to_motion():
    gate = MotionGate()
    gate.moved(_frame(np.full((480, 640, 3), 60, np.uint8)))

    assert any(
        gate.moved(_frame(np.full((480, 640, 3), 60 + 2 * step, np.uint8))) for step in range(40)
    )


def test_cameras_are_apart_and_can_be_forgotten():
    gate = MotionGate()
    still = np.full((480, 640, 3), 100, np.uint8)
    gate.moved(_frame(still, "one"))

    assert gate.moved(_frame(still, "two"))
    assert not gate.moved(_frame(still, "one"))
    gate.forget(CameraId("one"))
    assert gate.moved(_frame(still, "one"))
