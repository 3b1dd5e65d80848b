"""Classifiers judge the picture as a whole."""

from pathlib import Path

import numpy as np
import pytest
from onnx_parts import constant_model, described

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.decoders import decoded
from embereye.vision.families import Family
from embereye.vision.manifest import Manifest
from embereye.vision.onnx import OnnxDetector


def _whole(values: list[float], activation: str = "") -> list[float]:
    outputs = {"o": np.array([values], np.float32)}
    reading = decoded(Family.CLASSIFIER, outputs, (224, 224), Manifest("m", activation=activation))
    assert reading.boxes.scores.size == 0
    assert reading.whole is not None
    return reading.whole.tolist()


@pytest.mark.parametrize(
    ("values", "activation", "scores"),
    [
        ([0.2, 0.8], "", [0.2, 0.8]),
        ([0.9, 0.8], "", [0.9, 0.8]),
        ([0.0, 2.0], "", [1 / (1 + np.exp(2)), 1 / (1 + np.exp(-2))]),
        ([3.0], "", [1 / (1 + np.exp(-3))]),
        ([0.25], "", [0.25]),
        ([0.0, 1.0], "softmax", [1 / (1 + np.e), np.e / (1 + np.e)]),
        ([0.0, 1.0], "sigmoid", [0.5, 1 / (1 + np.exp(-1))]),
        ([0.1, 0.7], "none", [0.1, 0.7]),
        ([900.0, -900.0], "", [1.0, 0.0]),
        ([np.inf, 0.0], "", [1.0, 0.0]),
    ],
)
def test_scores_follow_from_the_values_or_from_the_manifest(values, activation, scores):
    assert _whole(values, activation) == pytest.approx(scores)


def test_a_manifest_that_calls_logits_probabilities_is_refused():
    with pytest.raises(DetectorError, match="0 and 1"):
        _whole([3.0, -2.0], "none")


def test_no_numbers_at_all_are_refused():
    with pytest.raises(DetectorError, match="no numbers"):
        _whole([np.nan, np.nan])


def test_the_score_of_a_term_is_that_of_its_best_class(tmp_path: Path):
    path = constant_model(tmp_path / "c.onnx", np.array([[0.1, 0.7, 0.9, 0.3]]))
    described(path, 'labels = ["clear", "flame", "wildfire", "smog"]')
    frame = Frame(CameraId("yard"), np.zeros((64, 64, 3), np.uint8), 0, Stamp(0, 0), 0.0, 64, 64)

    verdict = OnnxDetector(path).detect(frame)

    assert verdict.detections == ()
    assert (verdict.fire, verdict.smoke) == (pytest.approx(0.9), pytest.approx(0.3))
