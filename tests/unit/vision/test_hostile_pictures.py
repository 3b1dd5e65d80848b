"""Whatever comes as a picture is converted, or refused in words; a detector never crashes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from onnx_parts import bright_model, constant_model, described

from embereye.model.errors import PictureUnusable
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.imaging import as_bgr
from embereye.vision.onnx import OnnxDetector
from embereye.vision.tiles import TiledDetector

BGR = np.random.default_rng(4).integers(0, 256, (6, 8, 3), dtype=np.uint8)


def test_a_picture_as_cameras_give_it_is_not_copied():
    assert as_bgr(BGR) is BGR


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (BGR[..., 0], np.repeat(BGR[..., :1], 3, axis=2)),
        (BGR[..., :1], np.repeat(BGR[..., :1], 3, axis=2)),
        (np.dstack([BGR, BGR[..., :1]]), BGR),
        (BGR.astype(np.uint16) * 257, BGR),
        (BGR.astype(np.float64), BGR),
        (BGR.astype(np.float32) / 255, BGR),
        (BGR[::-1, ::-1][::-1, ::-1], BGR),
        (np.asfortranarray(BGR), BGR),
        (BGR > 99, np.where(BGR > 99, 255, 0)),
        (np.full((2, 2), np.nan), np.zeros((2, 2, 3))),
        (np.full((2, 2, 3), 1e30, np.float32), np.full((2, 2, 3), 255)),
    ],
)
def test_other_kinds_of_pictures_are_converted(picture: np.ndarray, expected: np.ndarray):
    pixels = as_bgr(picture)

    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert pixels.tolist() == np.asarray(expected).tolist()


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (np.zeros((0, 8, 3), np.uint8), "empty"),
        (np.zeros((8, 0), np.uint8), "empty"),
        (np.zeros(8, np.uint8), "no picture"),
        (np.zeros((), np.uint8), "no picture"),
        (np.zeros((4, 4, 2), np.uint8), "no picture"),
        (np.zeros((4, 4, 4, 3), np.uint8), "no picture"),
        (np.zeros((4, 4, 3), np.int64), "int64"),
        (np.zeros((4, 4, 3), np.complex64), "complex64"),
        (np.array([["fire"]]), "not known"),
        (np.broadcast_to(np.uint8(0), (16_385, 1)), "too large"),
        (np.broadcast_to(np.uint8(0), (9000, 9000, 3)), "64 megapixels"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(picture: np.ndarray, words: str):
    with pytest.raises(PictureUnusable, match=words):
        as_bgr(picture)


@settings(deadline=None, max_examples=100)
@given(
    hnp.arrays(
        st.sampled_from([np.uint8, np.uint16, np.int16, np.float16, np.float32, np.bool_]),
        hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5),
    )
)
def test_any_array_is_converted_or_refused(picture: np.ndarray):
    try:
        pixels = as_bgr(picture)
    except PictureUnusable:
        return
    assert pixels.shape == (*picture.shape[:2], 3)


def _frame(pixels: np.ndarray) -> Frame:
    rows, columns = (*pixels.shape, 1, 1)[:2]
    return Frame(CameraId("yard"), pixels, 0, Stamp(0, 0), 0.0, max(columns, 1), max(rows, 1))


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 900, 3), (900, 1, 3), (2, 3), (5, 5, 4)])
def test_tiny_thin_and_grey_pictures_are_judged(tmp_path: Path, shape):
    path = bright_model(tmp_path / "bright.onnx", (64, 64))
    detector = OnnxDetector(described(path, 'family = "end_to_end"\n'))
    pixels = np.full(shape, 255, np.uint8)

    judge = TiledDetector(detector, detector.size) if shape[2:] == (3,) else detector
    verdict = judge.detect(_frame(pixels))

    box = verdict.detections[0]
    assert (box.width, box.height) == pytest.approx((shape[1], shape[0]), abs=1)


def test_an_unusable_picture_does_not_cost_the_model(tmp_path: Path):
    path = constant_model(tmp_path / "m.onnx", np.array([[[16, 16, 48, 48, 0.9, 0]]]))
    detector = OnnxDetector(path)

    with pytest.raises(PictureUnusable):
        detector.detect(_frame(np.zeros((0, 8, 3), np.uint8)))

    assert len(detector.detect(_frame(np.zeros((64, 64, 3), np.uint8))).detections) == 1
