"""Heat maps: hot cells become boxes, smoke a contour, and the picture has a score of its own."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from onnx_parts import constant_model, described

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.boxes import Reading
from embereye.vision.decoders import decoded
from embereye.vision.families import Family
from embereye.vision.manifest import Manifest
from embereye.vision.onnx import OnnxDetector

SIZE = (320, 256)
FIRE, SMOKE = 0, 1
CONFIDENT = "confidence = 0.5\nedge = 0.5\n"


def _cold() -> np.ndarray:
    return np.zeros((1, 2, 32, 40), np.float32)


def _read(heat: np.ndarray, score: tuple[float, ...] | None = (0.9, 0.1), **more: float) -> Reading:
    manifest = Manifest("m", labels=("fire", "smoke"), **{"confidence": 0.5, "edge": 0.5, **more})
    outputs = {"heat": heat}
    if score is not None:
        outputs["score"] = np.array([score], np.float32)
    return decoded(Family.HEAT_MAP, outputs, SIZE, manifest)


def _covered(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """The share of each cell of 8×8 pixels that a box covers."""
    fine = np.zeros((256 * 8, 320 * 8), np.float32)
    fine[round(top * 8) : round(bottom * 8), round(left * 8) : round(right * 8)] = 1
    return cv2.resize(fine, (40, 32), interpolation=cv2.INTER_AREA)


def test_a_block_of_hot_cells_is_one_box_with_its_hottest_cell_as_score():
    heat = _cold()
    heat[0, FIRE, 4:8, 10:16] = 0.7
    heat[0, FIRE, 5, 12] = 0.95

    boxes = _read(heat).boxes

    assert boxes.corners[0] == pytest.approx([80, 32, 128, 64], abs=2.5)
    assert boxes.scores == pytest.approx([0.95])
    assert boxes.classes.tolist() == [FIRE]


@pytest.mark.parametrize(
    "box", [(40, 40, 120, 100), (43.5, 41, 122.25, 98.5), (101, 60, 131, 91), (0, 0, 60, 50)]
)
def test_edges_lie_between_cells_where_the_heat_says_so(box: tuple[float, float, float, float]):
    """A cell of 8 pixels knows its share; the edge follows within a fraction of the cell."""
    heat = _cold()
    heat[0, FIRE] = _covered(*box)

    boxes = _read(heat).boxes

    assert boxes.corners[0] == pytest.approx(box, abs=2.5)


def test_a_single_hot_cell_is_a_box_of_about_its_size():
    heat = _cold()
    heat[0, FIRE, 10, 20] = 1.0

    boxes = _read(heat).boxes

    assert boxes.corners[0] == pytest.approx([160, 80, 168, 88], abs=1.0)
    assert boxes.scores == pytest.approx([1.0])


def test_two_places_are_two_boxes_and_classes_stay_apart():
    heat = _cold()
    heat[0, FIRE, 2:5, 2:5] = 0.9
    heat[0, FIRE, 20:25, 30:36] = 0.8
    heat[0, SMOKE, 2:9, 2:12] = 0.7

    boxes = _read(heat).boxes

    assert sorted(zip(boxes.classes.tolist(), boxes.scores.round(2).tolist(), strict=True)) == [
        (FIRE, pytest.approx(0.8)),
        (FIRE, pytest.approx(0.9)),
        (SMOKE, pytest.approx(0.7)),
    ]


def test_a_spark_in_the_bend_of_a_fire_is_no_box_of_its_own():
    heat = _cold()
    heat[0, FIRE, 4:20, 4:8] = 0.9  # an L
    heat[0, FIRE, 16:20, 8:20] = 0.9
    heat[0, FIRE, 6:8, 14:16] = 0.95  # in the box of the L, away from the L

    boxes = _read(heat).boxes

    assert len(boxes.scores) == 1
    assert boxes.corners[0] == pytest.approx([32, 32, 160, 160], abs=2.5)


def test_a_region_that_nowhere_reaches_the_confidence_is_no_box():
    heat = _cold()
    heat[0, FIRE, 4:8, 4:8] = 0.45

    assert _read(heat, edge=0.2).boxes.scores.size == 0


def test_the_box_reaches_as_far_as_the_heat_of_its_edge():
    heat = _cold()
    heat[0, FIRE, 10:14, 10:14] = 0.9
    heat[0, FIRE, 10:14, 14:20] = 0.3

    narrow, wide = (_read(heat, edge=edge).boxes.corners[0] for edge in (0.5, 0.2))

    assert narrow[2] == pytest.approx(14 * 8, abs=5)
    assert wide[2] == pytest.approx(20 * 8, abs=5)


def test_the_score_of_the_picture_is_the_models_own():
    heat = _cold()
    heat[0, FIRE, 4, 4] = 0.6

    assert _read(heat, (0.97, 0.2)).whole == pytest.approx([0.97, 0.2])


def test_without_a_score_the_hottest_cell_speaks_for_the_picture():
    heat = _cold()
    heat[0, SMOKE, 4, 4] = 0.6

    assert _read(heat, None).whole == pytest.approx([0.0, 0.6])


def test_smoke_has_a_contour_and_fire_has_none():
    heat = _cold()
    heat[0, FIRE, 2:5, 2:5] = 0.9
    heat[0, SMOKE, 10:16, 10:26] = 0.9  # an L
    heat[0, SMOKE, 16:28, 10:16] = 0.9

    boxes = _read(heat).boxes
    fire, smoke = (boxes.outlines[boxes.classes.tolist().index(kind)] for kind in (FIRE, SMOKE))

    assert len(fire) == 0
    area = cv2.contourArea(smoke.astype(np.float32))
    assert area == pytest.approx((96 + 72) * 64, rel=0.1)  # not that of its box, 288 cells


def test_cells_that_are_no_numbers_are_cold():
    heat = _cold()
    heat[0, FIRE, 4:8, 4:8] = 0.9
    heat[0, FIRE, 20:22] = np.nan

    assert _read(heat).boxes.scores == pytest.approx([0.9])


@pytest.mark.parametrize("output", ["heat", "score"])
def test_a_model_that_answers_with_no_numbers_at_all_says_so(output: str):
    outputs = {"heat": _cold(), "score": np.zeros((1, 2), np.float32)}
    outputs[output] = np.full_like(outputs[output], np.nan)

    with pytest.raises(DetectorError, match=f"{output} holds no numbers"):
        decoded(Family.HEAT_MAP, outputs, SIZE, Manifest("m"))


@pytest.mark.parametrize(
    ("heat", "score"),
    [
        (np.full((1, 2, 32, 40), 7.0), (0.5, 0.5)),
        (np.full((1, 2, 32, 40), -3.0), (0.5, 0.5)),
        (np.zeros((1, 2, 32, 40)), (0.5, 0.5, 0.5)),
        (np.zeros((1, 2, 32, 40)), (0.5, 40.0)),
        (np.zeros((2, 2, 32, 40)), (0.5, 0.5)),
        (np.zeros((1, 2, 0, 40)), (0.5, 0.5)),
    ],
)
def test_outputs_that_break_the_contract_are_refused(heat: np.ndarray, score: tuple[float, ...]):
    with pytest.raises(DetectorError, match="heat_map"):
        _read(heat.astype(np.float32), score)


def test_a_noisy_map_gives_a_bounded_number_of_boxes():
    rng = np.random.default_rng(2)

    boxes = _read((rng.random((1, 2, 32, 40)) > 0.8).astype(np.float32)).boxes

    assert 0 < len(boxes.scores) <= 100


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=3, max_dims=3, max_side=9).map(lambda s: (1, *s)),
        elements=st.floats(0, 1, width=32) | st.just(np.nan),
    )
)
def test_any_map_gives_boxes_inside_the_input_or_a_clear_error(heat: np.ndarray):
    try:
        boxes = _read(heat, None).boxes
    except DetectorError:
        return
    assert (boxes.corners >= 0).all()
    assert (boxes.corners <= np.array(SIZE * 2)).all()
    assert (boxes.corners[:, 2:] > boxes.corners[:, :2]).all()
    assert len(boxes.outlines) == len(boxes.scores)


def _detector(folder: Path, heat: np.ndarray, manifest: str = "") -> OnnxDetector:
    outputs = {"heat": heat, "score": np.array([[0.95, 0.8]], np.float32)}
    path = constant_model(folder / "ember.onnx", outputs, SIZE)
    return OnnxDetector(described(path, 'labels = ["fire", "smoke"]\n' + CONFIDENT + manifest))


@pytest.mark.parametrize("source", [(640, 480), (1920, 1080), (720, 1280), (641, 479)])
@pytest.mark.parametrize("layout", ["centred = true", "centred = false", "stretched = true"])
def test_boxes_and_contours_arrive_in_source_pixels(
    tmp_path: Path, source: tuple[int, int], layout: str
):
    """Cells 12–17 across and 12–18 down of the input, taken back by hand."""
    heat = _cold()
    heat[0, SMOKE, 12:18, 12:17] = 1.0
    detector = _detector(tmp_path, heat, layout)
    width, height = source
    pixels = np.zeros((round(640 * height / width), 640, 3), np.uint8)

    verdict = detector.detect(Frame(CameraId("yard"), pixels, 0, Stamp(0, 0), 0.0, *source))

    if layout == "stretched = true":
        across, down, left, top = 320 / width, 256 / height, 0.0, 0.0
    else:
        across = down = min(320 / width, 256 / height)
        centred = layout == "centred = true"
        left = (320 - width * across) / 2 * centred
        top = (256 - height * down) / 2 * centred
    expected = [(96 - left) / across, (96 - top) / down, 40 / across, 48 / down]
    seen = verdict.detections[0]
    slack = 1 + 0.5 / min(across, down)  # edges are told to a pixel of the input
    assert [seen.x, seen.y, seen.width, seen.height] == pytest.approx(expected, abs=slack)
    xs, ys = zip(*seen.outline, strict=True)
    assert (min(xs), min(ys)) == pytest.approx((seen.x, seen.y), abs=slack)
    assert (seen.label, verdict.smoke, verdict.fire) == (
        "smoke",
        pytest.approx(0.8),
        pytest.approx(0.95),
    )


def test_heat_in_the_padding_alone_is_no_box(tmp_path: Path):
    heat = _cold()
    heat[0, FIRE, 0:2, 5:9] = 1.0  # a wide picture leaves 38 px above free
    pixels = np.zeros((360, 640, 3), np.uint8)

    verdict = _detector(tmp_path, heat).detect(
        Frame(CameraId("yard"), pixels, 0, Stamp(0, 0), 0.0, 640, 360)
    )

    assert verdict.detections == ()
