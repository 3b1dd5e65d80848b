"""A model beside the heuristic."""

import numpy as np
import pytest

from embereye.model.detection import Detection
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.combined import CombinedDetector
from embereye.vision.detector import Verdict, merged


class Scripted:
    """A detector that gives prepared verdicts, then the last one for ever."""

    def __init__(self, name: str, *fires: float) -> None:
        self.name = name
        self._fires = list(fires)
        self.looks = 0
        self.forgotten: list[CameraId] = []

    def detect(self, frame: Frame) -> Verdict:
        fire = self._fires[min(self.looks, len(self._fires) - 1)]
        self.looks += 1
        return Verdict((Detection("fire", fire, 0, 0, 1, 1),), fire=fire, moving=fire > 0.5)

    def forget(self, camera: CameraId) -> None:
        self.forgotten.append(camera)


def _frame(time: float, camera: str = "yard") -> Frame:
    return Frame(CameraId(camera), np.zeros((8, 8, 3), np.uint8), 0, Stamp(time, time), time, 8, 8)


def test_the_higher_score_of_each_kind_counts():
    verdict = merged(Verdict(fire=0.2, smoke=0.9), Verdict(fire=0.8, smoke=0.1, moving=True))

    assert (verdict.fire, verdict.smoke, verdict.moving) == (0.8, 0.9, True)


def test_boxes_of_both_are_kept_best_first():
    one, two = Detection("fire", 0.5, 0, 0, 1, 1), Detection("smoke", 0.9, 0, 0, 1, 1)

    assert merged(Verdict((one,)), Verdict((two,))).detections == (two, one)


def test_the_model_looks_once_a_period_and_camera():
    model = Scripted("model", 0.1)
    detector = CombinedDetector(Scripted("cheap", 0.0), model, period=1.0, votes=3)
    for tenth in range(30):
        detector.detect(_frame(tenth / 10))
        detector.detect(_frame(tenth / 10, "hall"))

    assert model.looks == 6


def test_one_odd_inference_does_not_raise_the_score():
    detector = CombinedDetector(Scripted("cheap", 0.0), Scripted("model", 0.0, 0.9, 0.0), 1.0, 3)

    fires = [detector.detect(_frame(tenth / 10)).fire for tenth in range(60)]

    assert max(fires) == 0


def test_two_of_three_inferences_raise_it():
    detector = CombinedDetector(Scripted("cheap", 0.0), Scripted("model", 0.9), 1.0, 3)

    assert [detector.detect(_frame(float(t))).fire for t in range(3)] == [0.0, 0.9, 0.9]


def test_with_one_vote_a_single_picture_gets_the_models_score():
    detector = CombinedDetector(Scripted("cheap", 0.0), Scripted("model", 0.9), 0.0, 1)

    assert detector.detect(_frame(0.0)).fire == pytest.approx(0.9)


def test_forgetting_reaches_both():
    cheap, model = Scripted("cheap", 0.0), Scripted("model", 0.0)
    CombinedDetector(cheap, model, 1.0, 3).forget(CameraId("yard"))

    assert cheap.forgotten == model.forgotten == ["yard"]
