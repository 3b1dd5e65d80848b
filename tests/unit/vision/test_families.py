"""Which family a model belongs to follows from names, shapes and values, or a person is asked."""

from pathlib import Path

import numpy as np
import pytest
from onnx_parts import constant_model, described

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.families import Family, families_of
from embereye.vision.onnx import OnnxDetector
from embereye.vision.telling import told_apart

TWO_STAGES = {
    **{f"cls_pred_stride_{s}": (1, (320 // s) ** 2, 80) for s in (8, 16, 32)},
    **{f"dis_pred_stride_{s}": (1, (320 // s) ** 2, 32) for s in (8, 16, 32)},
}
TF = {
    "detection_boxes": (1, 100, 4),
    "detection_classes": (1, 100),
    "detection_scores": (1, 100),
    "num_detections": (1,),
}


@pytest.mark.parametrize(
    ("shape", "side", "families"),
    [
        ((1, 25200, 85), 640, [Family.YOLOV5]),
        ((1, 10647, 7), 416, [Family.YOLOV5]),
        ((1, 25200, 6), 640, [Family.YOLOV5, Family.END_TO_END]),
        ((1, 3549, 85), 416, [Family.YOLOX, Family.YOLOV5, Family.YOLOV8]),
        ((1, 756, 6), 192, [Family.YOLOX, Family.YOLOV5, Family.YOLOV8, Family.END_TO_END]),
        ((1, 84, 8400), 640, [Family.YOLOV8]),
        ((1, 6, 2100), 320, [Family.YOLOV8]),
        ((1, 300, 6), 640, [Family.END_TO_END]),
        ((1, 5, 6), 640, [Family.END_TO_END]),
        ((1, 300, 84), 640, [Family.RT_DETR, Family.YOLOV5]),
        ((1, 300, 5), 640, [Family.RT_DETR]),
        ((1, 2), 224, [Family.CLASSIFIER]),
        ((1, 1000), 224, [Family.CLASSIFIER]),
        ((1, 3, 1, 1), 224, [Family.CLASSIFIER]),
        ((1, 2, 32, 40), 320, [Family.HEAT_MAP]),
        ((1, 85, 22, 22), 352, [Family.FASTEST_DET, Family.HEAT_MAP]),
        ((1, 3598, 112), 416, [Family.NANODET, Family.YOLOV5]),
    ],
)
def test_one_output_is_told_from_its_shape(shape, side, families):
    assert families_of({"output": shape}, side, side) == tuple(families)


@pytest.mark.parametrize(
    ("shapes", "families"),
    [
        ({"heat": (1, 2, 32, 40), "score": (1, 2)}, [Family.HEAT_MAP]),
        ({"logits": (1, 300, 80), "pred_boxes": (1, 300, 4)}, [Family.RT_DETR]),
        ({"pred_boxes": (1, 9, 4), "pred_logits": (1, 9, 2)}, [Family.RT_DETR]),
        (
            {"labels": (1, 300), "boxes": (1, 300, 4), "scores": (1, 300)},
            [Family.RT_DETR, Family.SSD],
        ),
        ({"boxes": (7, 4), "labels": (7,), "scores": (7,)}, [Family.SSD]),
        ({"scores": (1, 3000, 21), "boxes": (1, 3000, 4)}, [Family.SSD, Family.RT_DETR]),
        (TF, [Family.SSD]),
        ({"a": (1, 10, 4), "b": (1, 10), "c": (1, 10), "d": (1,)}, [Family.SSD]),
        (TWO_STAGES, [Family.NANODET]),
    ],
)
def test_several_outputs_are_told_from_names_and_shapes(shapes, families):
    assert families_of(shapes, 320, 320) == tuple(families)


@pytest.mark.parametrize(
    "shapes",
    [
        {},
        {"o": ()},
        {"o": (2, 300, 6)},
        {"o": (1, 3, 3)},
        {"o": (1, 5, 22, 22)},
        {"o": (1, 3, 4, 5, 6)},
        {"o": (1, 0, 85)},
        {"a": (1, 7), "b": (1, 9)},
        {f"o{i}": (1, 2, 3) for i in range(40)},
    ],
)
def test_unknown_shapes_are_refused_with_advice(shapes):
    with pytest.raises(DetectorError, match="manifest") as refusal:
        families_of(shapes, 640, 640)
    assert len(str(refusal.value)) < 500


def _table(rows: int, *columns: tuple[float, float]) -> np.ndarray:
    rng = np.random.default_rng(5)
    return np.stack([rng.uniform(*span, rows) for span in columns], axis=1)[None].astype(np.float32)


PLACES, OFFSETS, SIZES, SHARES = (0, 416), (-1, 2), (4, 200), (0, 1)
TABLE = (Family.YOLOX, Family.YOLOV5, Family.YOLOV8)


def test_a_table_with_the_grid_worked_in_is_not_yolox():
    table = _table(3549, PLACES, PLACES, SIZES, SIZES, SHARES, SHARES, SHARES)

    assert told_apart(TABLE, {"o": table}, (416, 416)) == (Family.YOLOV5, Family.YOLOV8)


def test_a_table_of_offsets_is_yolox():
    table = _table(3549, OFFSETS, OFFSETS, OFFSETS, OFFSETS, SHARES, SHARES, SHARES)
    table[0, 0, 0] = 3.0

    assert told_apart(TABLE, {"o": table}, (416, 416)) == (Family.YOLOX,)


def test_class_numbers_make_it_end_to_end_and_fractions_make_it_not():
    both = (Family.YOLOV5, Family.END_TO_END)
    ended = _table(30, (0, 100), (0, 100), (100, 200), (100, 200), SHARES, (0, 0))
    ended[..., 5] = np.arange(30) % 7
    raw = _table(30, PLACES, PLACES, SIZES, SIZES, SHARES, SHARES)

    assert told_apart(both, {"o": ended}, (416, 416)) == (Family.END_TO_END,)
    assert told_apart(both, {"o": raw}, (416, 416)) == (Family.YOLOV5,)


def test_anchors_in_pixels_are_no_queries():
    both = (Family.RT_DETR, Family.YOLOV5)
    queries = _table(300, SHARES, SHARES, SHARES, SHARES, SHARES, SHARES, SHARES)
    anchors = _table(300, PLACES, PLACES, SIZES, SIZES, SHARES, SHARES, SHARES)

    assert told_apart(both, {"o": queries}, (640, 640)) == both  # YOLOv5 may give fractions too
    assert told_apart(both, {"o": anchors}, (640, 640)) == (Family.YOLOV5,)


def test_corners_are_ssd_and_centres_are_rt_detr():
    both = (Family.SSD, Family.RT_DETR)
    scores = _table(90, SHARES, SHARES, SHARES)
    corners = _table(90, (0, 0.4), (0, 0.4), (0.5, 1), (0.5, 1))
    centres = _table(90, SHARES, SHARES, (0, 0.3), (0, 0.3))

    assert told_apart(both, {"s": scores, "b": corners}, (300, 300)) == (Family.SSD,)
    assert told_apart(both, {"s": scores, "b": centres}, (300, 300)) == (Family.RT_DETR,)


def test_a_map_with_values_outside_0_to_1_is_no_heat_map():
    both = (Family.FASTEST_DET, Family.HEAT_MAP)
    planes = np.random.default_rng(1).normal(size=(1, 85, 22, 22)).astype(np.float32)

    assert told_apart(both, {"o": planes}, (352, 352)) == (Family.FASTEST_DET,)
    assert told_apart(both, {"o": np.abs(planes) % 1}, (352, 352)) == (Family.HEAT_MAP,)


def test_when_every_family_is_contradicted_a_person_has_to_look():
    both = (Family.YOLOV5, Family.END_TO_END)
    odd = _table(30, PLACES, PLACES, SIZES, SIZES, (5, 9), SHARES)

    assert told_apart(both, {"o": odd}, (416, 416)) == both


def _look(detector: OnnxDetector) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    detector.detect(Frame(CameraId("yard"), pixels, 0, Stamp(0, 0), 0.0, 64, 64))


def test_the_detector_offers_what_is_left_after_the_first_picture(tmp_path: Path):
    cells = 64 + 16 + 4
    table = _table(cells, (0, 64), (0, 64), (4, 30), (4, 30), SHARES, SHARES)
    detector = OnnxDetector(constant_model(tmp_path / "m.onnx", table))
    before = detector.families

    _look(detector)

    assert len(before) == 4
    assert detector.families == (Family.YOLOV5, Family.YOLOV8)


def test_a_family_in_the_manifest_is_not_questioned(tmp_path: Path):
    table = _table(84, (0, 64), (0, 64), (4, 30), (4, 30), SHARES, SHARES)
    path = described(constant_model(tmp_path / "m.onnx", table), 'family = "yolov8"')
    detector = OnnxDetector(path)

    _look(detector)

    assert detector.families == (Family.YOLOV8,)
