"""Reading the outputs of object detection networks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from embereye.model.errors import DetectorError
from embereye.vision.boxes import Boxes, suppressed
from embereye.vision.decoders import decoded
from embereye.vision.families import Family
from embereye.vision.manifest import Manifest


def _read(family: Family, output: np.ndarray, side: int, least: float, **more: object) -> Boxes:
    manifest = Manifest("m", confidence=least, **more)
    return decoded(family, {"output": output}, (side, side), manifest).boxes


def test_yolov5_multiplies_objectness_and_class():
    rows = np.array([[[100, 80, 40, 20, 0.9, 0.1, 0.8], [10, 10, 4, 4, 0.2, 0.9, 0.1]]], np.float32)

    boxes = _read(Family.YOLOV5, rows, 640, 0.5)

    assert boxes.corners.tolist() == [[80, 70, 120, 90]]
    assert boxes.scores == pytest.approx([0.72])
    assert boxes.classes.tolist() == [1]


def test_yolov8_is_transposed_and_has_no_objectness():
    table = np.array([[[100], [80], [40], [20], [0.1], [0.8]]], np.float32)

    boxes = _read(Family.YOLOV8, table, 640, 0.5)

    assert boxes.corners.tolist() == [[80, 70, 120, 90]]
    assert (boxes.scores.tolist(), boxes.classes.tolist()) == ([pytest.approx(0.8)], [1])


def test_yolox_is_relative_to_its_grid():
    cells = 16 + 4 + 1  # 32×32 input
    table = np.zeros((1, cells, 6), np.float32)
    table[0, 6] = (0.5, 0.25, np.log(2), np.log(3), 1.0, 0.9)  # cell (2, 1) of stride 8

    boxes = _read(Family.YOLOX, table, 32, 0.5)

    assert boxes.corners == pytest.approx(np.array([[12, -2, 28, 22]]), abs=1e-4)


def test_yolox_for_another_input_size_is_refused():
    with pytest.raises(DetectorError, match="yolox"):
        _read(Family.YOLOX, np.zeros((1, 20, 6), np.float32), 32, 0.5)


def test_end_to_end_boxes_come_as_corners():
    rows = np.array([[[1, 2, 30, 40, 0.9, 3], [5, 5, 6, 6, 0.1, 0]]], np.float32)

    boxes = _read(Family.END_TO_END, rows, 640, 0.5)

    assert boxes.corners.tolist() == [[1, 2, 30, 40]]
    assert boxes.classes.tolist() == [3]


def test_values_that_are_no_numbers_are_left_out():
    rows = np.array([[[np.nan, 2, 30, 40, 0.9, 3], [1, 2, 3, 4, np.inf, 0]]], np.float32)

    assert _read(Family.END_TO_END, rows, 640, 0.5).scores.size == 0


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(list(Family)),
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=3, max_dims=3, max_side=24).map(lambda s: (1, *s[1:])),
        elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
    ),
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_any_output_gives_boxes_or_a_clear_error(family: Family, output: np.ndarray):
    try:
        boxes = _read(family, output, 32, 0.3)
    except DetectorError:
        return
    assert boxes.corners.shape == (len(boxes.scores), 4)
    assert ((boxes.scores >= 0) & (boxes.scores <= 1)).all()


def _boxes(*rows: tuple[float, float, float, float, float, int]) -> Boxes:
    table = np.array(rows, np.float32)
    return Boxes(table[:, :4], table[:, 4], table[:, 5].astype(np.int64))


def test_the_weaker_of_two_boxes_on_one_thing_is_dropped():
    boxes = suppressed(_boxes((0, 0, 10, 10, 0.6, 0), (1, 0, 11, 10, 0.9, 0)), 0.5, 100)

    assert boxes.scores.tolist() == [pytest.approx(0.9)]


def test_boxes_of_different_classes_do_not_suppress_each_other():
    boxes = suppressed(_boxes((0, 0, 10, 10, 0.6, 0), (0, 0, 10, 10, 0.9, 1)), 0.5, 100)

    assert boxes.classes.tolist() == [1, 0]


def test_only_the_best_boxes_remain():
    rows = [(20.0 * i, 0.0, 20.0 * i + 10, 10.0, 0.3 + 0.01 * i, 0) for i in range(20)]

    boxes = suppressed(_boxes(*rows), 0.5, 3)

    assert boxes.scores == pytest.approx([0.49, 0.48, 0.47])


def test_nothing_is_suppressed_to_nothing():
    empty = Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))

    assert suppressed(empty, 0.5, 10).scores.size == 0
