"""RT-DETR in its three exports, through models made here."""

from pathlib import Path

import numpy as np
import pytest
from onnx_parts import FLOAT, constant_model, described, onnx, saved

from embereye.model.detection import Detection
from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.boxes import Boxes
from embereye.vision.decoders import decoded
from embereye.vision.families import Family
from embereye.vision.manifest import Manifest
from embereye.vision.onnx import OnnxDetector

SIZE = (640, 480)
LABELS = 'labels = ["person", "car", "fire"]\nstretched = true\n'


def _read(outputs: dict[str, np.ndarray], **more: object) -> Boxes:
    values = {name: value.astype(np.float32) for name, value in outputs.items()}
    return decoded(Family.RT_DETR, values, SIZE, Manifest("m", confidence=0.5, **more)).boxes


def _queries() -> dict[str, np.ndarray]:
    logits = np.full((1, 300, 3), -9.0)
    boxes = np.full((1, 300, 4), 0.5)
    logits[0, 7] = (-9, 2.0, -9)
    boxes[0, 7] = (0.5, 0.25, 0.2, 0.1)
    logits[0, 200] = (-9, -9, 4.0)
    boxes[0, 200] = (0.9, 0.9, 0.1, 0.1)
    return {"logits": logits, "pred_boxes": boxes}


def test_logits_and_centres_become_scores_and_corners():
    boxes = _read(_queries())

    assert boxes.classes.tolist() == [1, 2]
    assert boxes.scores == pytest.approx([1 / (1 + np.exp(-2)), 1 / (1 + np.exp(-4))])
    assert boxes.corners[0] == pytest.approx([256, 96, 384, 144], abs=0.01)
    assert boxes.corners[1] == pytest.approx([544, 408, 608, 456], abs=0.01)


def test_the_first_detr_has_a_class_for_nothing():
    logits = np.zeros((1, 4, 4))
    logits[0, :, 3] = 9.0  # nothing
    logits[0, 2] = (0, 6.0, 0, 0)
    outputs = {"logits": logits, "pred_boxes": np.full((1, 4, 4), 0.5)}

    boxes = _read(outputs, activation="softmax")

    assert boxes.classes.tolist() == [1]
    assert boxes.scores == pytest.approx([np.exp(6) / (np.exp(6) + 3)])


def test_one_table_of_fractions_and_probabilities_needs_no_activation():
    table = np.zeros((1, 300, 7))
    table[0, 5] = (0.5, 0.5, 0.5, 0.5, 0.1, 0.2, 0.9)

    boxes = _read({"output0": table})

    assert boxes.corners.tolist() == [[160, 120, 480, 360]]
    assert (boxes.classes.tolist(), boxes.scores) == ([2], pytest.approx([0.9]))


@pytest.mark.parametrize(
    "outputs",
    [
        {"logits": np.zeros((1, 9, 3)), "pred_boxes": np.zeros((1, 8, 4))},
        {"logits": np.zeros((1, 9, 0)), "pred_boxes": np.zeros((1, 9, 4))},
        {"logits": np.zeros((2, 9, 3)), "pred_boxes": np.zeros((2, 9, 4))},
        {"labels": np.zeros((1, 3)), "boxes": np.zeros((1, 2, 4)), "scores": np.zeros((1, 3))},
        {"o": np.zeros((1, 9, 4))},
        {"o": np.zeros((9, 4))},
    ],
)
def test_outputs_of_other_shapes_are_refused(outputs):
    with pytest.raises(DetectorError, match="rt_detr"):
        _read(outputs)


def _seen(path: Path, source: tuple[int, int] = (1280, 720)) -> list[Detection]:
    pixels = np.zeros((360, 640, 3), np.uint8)
    frame = Frame(CameraId("yard"), pixels, 0, Stamp(0, 0), 0.0, *source)
    return list(OnnxDetector(path).detect(frame).detections)


def test_a_model_with_named_outputs_needs_no_family_in_its_manifest(tmp_path: Path):
    outputs = {name: value.astype(np.float32) for name, value in _queries().items()}
    path = described(constant_model(tmp_path / "m.onnx", outputs, SIZE), LABELS)

    found = _seen(path)

    assert [seen.label for seen in found] == ["fire", "vehicle"]
    assert (found[1].x, found[1].width) == pytest.approx((512, 256), abs=1)
    assert (found[1].y, found[1].height) == pytest.approx((144, 72), abs=1)


def _finished_model(path: Path, kind: int) -> Path:
    """The deployed form: one box in fractions, scaled to the sizes that it is told."""
    helper = onnx.helper
    weights = [
        onnx.numpy_helper.from_array(np.array([[[0.25, 0.5, 0.75, 1.0]]], np.float32), "fractions"),
        onnx.numpy_helper.from_array(np.array([[2]], np.int64), "labels value"),
        onnx.numpy_helper.from_array(np.array([[0.8]], np.float32), "scores value"),
        onnx.numpy_helper.from_array(np.zeros((), np.float32), "zero"),
    ]
    nodes = [
        helper.make_node("ReduceMax", ["images"], ["top"], keepdims=0),
        helper.make_node("Mul", ["top", "zero"], ["nothing"]),
        helper.make_node("Cast", ["orig_target_sizes"], ["sizes"], to=FLOAT),
        helper.make_node("Concat", ["sizes", "sizes"], ["twice"], axis=1),
        helper.make_node("Mul", ["fractions", "twice"], ["boxes"]),
        helper.make_node("Add", ["scores value", "nothing"], ["scores"]),
        helper.make_node("Identity", ["labels value"], ["labels"]),
    ]
    results = [
        helper.make_tensor_value_info("labels", onnx.TensorProto.INT64, [1, 1]),
        helper.make_tensor_value_info("boxes", FLOAT, [1, 1, 4]),
        helper.make_tensor_value_info("scores", FLOAT, [1, 1]),
    ]
    inputs = {
        "images": (FLOAT, ["N", 3, SIZE[1], SIZE[0]]),
        "orig_target_sizes": (kind, ["N", 2]),
    }
    return saved(path, nodes, results, weights, inputs)


@pytest.mark.parametrize("kind", ["INT64", "INT32", "FLOAT"])
@pytest.mark.parametrize("stretched", [True, False])
def test_the_deployed_form_is_told_sizes_and_its_boxes_fit_the_source(
    tmp_path: Path, kind: str, stretched: bool
):
    path = _finished_model(tmp_path / "m.onnx", getattr(onnx.TensorProto, kind))
    described(path, LABELS.replace("true", str(stretched).lower()))

    seen = _seen(path)[0]

    # 16:9 in 640×480 leaves 60 px above and below; the box ends at the end of the input.
    expected = (320, 360, 640, 360) if stretched else (320, (240 - 60) * 2, 640, 360)
    assert (seen.x, seen.y, seen.width, seen.height) == pytest.approx(expected, abs=1)
    assert (seen.label, seen.confidence) == ("fire", pytest.approx(0.8))
