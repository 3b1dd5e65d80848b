"""SSD in the forms that torchvision, TensorFlow, TensorFlow Lite and PyTorch SSD export."""

from pathlib import Path

import numpy as np
import pytest
from onnx_parts import constant_model, described, onnx

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.boxes import Boxes
from embereye.vision.decoders import decoded
from embereye.vision.families import Family
from embereye.vision.manifest import Manifest
from embereye.vision.onnx import OnnxDetector

SIZE = (300, 200)
BOX = [30.0, 20.0, 150.0, 100.0]  # left, top, right, bottom
FRACTIONS = [0.1, 0.1, 0.5, 0.5]
FLIPPED = [0.2, 0.1, 0.6, 0.5]  # top, left, bottom, right


def _read(outputs: dict[str, object], **more: object) -> Boxes:
    values = {name: np.array(value, np.float32) for name, value in outputs.items()}
    return decoded(Family.SSD, values, SIZE, Manifest("m", confidence=0.5, **more)).boxes


@pytest.mark.parametrize("order", [("boxes", "scores", "labels"), ("boxes", "labels", "scores")])
def test_torchvision_gives_pixels_without_a_batch(order):
    outputs = {"boxes": [BOX, [0, 0, 9, 9]], "labels": [3, 1], "scores": [0.9, 0.2]}

    boxes = _read({name: outputs[name] for name in order})

    assert boxes.corners.tolist() == [BOX]
    assert (boxes.classes.tolist(), boxes.scores) == ([3], pytest.approx([0.9]))


def test_torchvision_finding_nothing_is_no_error():
    outputs = {"boxes": np.zeros((0, 4)), "labels": np.zeros(0), "scores": np.zeros(0)}

    assert _read(outputs).scores.size == 0


def test_a_batch_and_fractions_are_scaled_to_the_input():
    boxes = _read({"bboxes": [[FRACTIONS]], "labels": [[1]], "scores": [[0.8]]})

    assert boxes.corners[0] == pytest.approx([30, 20, 150, 100])


def test_tensorflow_has_the_top_first_and_counts_its_boxes():
    outputs = {
        "num_detections": [1.0],
        "detection_boxes": [[FLIPPED, FLIPPED, FLIPPED]],
        "detection_scores": [[0.9, 0.8, 0.8]],
        "detection_classes": [[2.0, 1.0, 1.0]],
    }

    boxes = _read(outputs)

    assert boxes.corners == pytest.approx(np.array([[30, 40, 150, 120]]))
    assert boxes.classes.tolist() == [2]


def test_four_outputs_without_telling_names_are_tensorflow_lite():
    outputs = {
        "TFLite_Detection_PostProcess": [[FLIPPED, [0, 0, 1, 1]]],
        "TFLite_Detection_PostProcess:1": [[4.0, 0.0]],
        "TFLite_Detection_PostProcess:2": [[0.75, 0.1]],
        "TFLite_Detection_PostProcess:3": [2.0],
    }

    boxes = _read(outputs)

    assert boxes.corners == pytest.approx(np.array([[30, 40, 150, 120]]))
    assert (boxes.classes.tolist(), boxes.scores) == ([4], pytest.approx([0.75]))


@pytest.mark.parametrize("order", ["abcd", "dcba", "cabd"])
def test_unnamed_labels_and_scores_are_told_by_their_values(order: str):
    outputs = {"a": [[FLIPPED, FLIPPED]], "b": [[4.0, 2.0]], "c": [[0.75, 0.5]], "d": [2.0]}

    boxes = _read({name: outputs[name] for name in order})

    assert (boxes.classes.tolist(), boxes.scores) == ([4, 2], pytest.approx([0.75, 0.5]))


def test_a_single_box_of_four_outputs_is_read():
    outputs = {"p": [[FLIPPED]], "p:1": [[0.0]], "p:2": [[0.75]], "p:3": [1.0]}

    assert _read(outputs).scores == pytest.approx([0.75])


def test_the_background_of_softmax_scores_never_wins():
    scores = [[[0.9, 0.05, 0.05], [0.1, 0.2, 0.7]]]

    boxes = _read({"scores": scores, "boxes": [[FRACTIONS, FRACTIONS]]})

    assert boxes.corners[0] == pytest.approx([30, 20, 150, 100])
    assert (boxes.classes.tolist(), boxes.scores) == ([2], pytest.approx([0.7]))


def test_labels_may_leave_the_background_out():
    scores = [[[0.1, 0.2, 0.7]]]
    outputs = {"scores": scores, "boxes": [[FRACTIONS]]}

    assert _read(outputs, labels=("background", "person", "fire")).classes.tolist() == [2]
    assert _read(outputs, labels=("person", "fire")).classes.tolist() == [1]


def test_logits_are_put_through_softmax():
    boxes = _read({"boxes": [[FRACTIONS] * 2], "logits": [[[8.0, 0, 0], [0, 0, 5.0]]]})

    assert (boxes.classes.tolist(), boxes.scores) == (
        [2],
        pytest.approx([np.exp(5) / (np.exp(5) + 2)]),
    )


def test_scores_that_do_not_exclude_each_other_have_no_background():
    boxes = _read({"boxes": [[BOX, BOX]], "scores": [[[0.9, 0.8], [0.1, 0.2]]]})

    assert (boxes.corners.tolist(), boxes.classes.tolist()) == ([BOX], [0])


def test_the_manifest_overrules_what_values_suggest():
    outputs = {"boxes": [[[0.5, 0.5, 1.0, 1.0]]], "labels": [[0]], "scores": [[0.9]]}

    boxes = _read(outputs, units="pixels", corners="cxcywh")

    assert boxes.corners.tolist() == [[0, 0, 1, 1]]


@pytest.mark.parametrize(
    "outputs",
    [
        {"boxes": np.zeros((3, 4)), "labels": np.zeros(3), "scores": np.zeros(2)},
        {"boxes": np.zeros((3, 4)), "labels": np.zeros(2), "scores": np.zeros(3)},
        {"boxes": np.zeros((3, 5)), "labels": np.zeros(3), "scores": np.zeros(3)},
        {"a": np.zeros(3), "b": np.zeros(3), "c": np.zeros(3)},
        {"boxes": np.zeros((1, 3, 4)), "scores": np.zeros((1, 2, 4))},
        {"boxes": np.zeros((2, 3, 4)), "scores": np.zeros((2, 3, 4))},
        {"boxes": np.zeros((3, 4))},
    ],
)
def test_outputs_that_do_not_belong_together_are_refused(outputs):
    with pytest.raises(DetectorError, match="ssd"):
        _read(outputs)


@pytest.mark.parametrize("bytes_last", [True, False])
def test_a_model_that_takes_bytes_with_channels_last_is_fed_so(tmp_path: Path, bytes_last: bool):
    outputs = {
        "detection_boxes": np.array([[FLIPPED]], np.float32),
        "detection_classes": np.array([[1]], np.float32),
        "detection_scores": np.array([[0.9]], np.float32),
        "num_detections": np.array([1], np.float32),
    }
    kind = onnx.TensorProto.UINT8 if bytes_last else onnx.TensorProto.FLOAT
    shape = [1, 200, 300, 3] if bytes_last else [1, 3, 200, 300]
    path = constant_model(tmp_path / "m.onnx", outputs, SIZE, kind=kind, shape=shape)
    described(path, 'labels = ["background", "person"]\nstretched = true\n')
    frame = Frame(
        CameraId("yard"), np.zeros((360, 640, 3), np.uint8), 0, Stamp(0, 0), 0.0, 1280, 720
    )

    seen = OnnxDetector(path).detect(frame).detections[0]

    assert seen.label == "person"
    assert (seen.x, seen.y, seen.width, seen.height) == pytest.approx((128, 144, 512, 288), abs=1)
