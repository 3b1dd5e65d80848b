"""A model beside the rules of thumb."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from scenes import wall
from scenes_fire import with_fire

from embereye.model.detection import FIRE, SMOKE, Detection, Verification
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.combined import CombinedDetector
from embereye.vision.detector import Verdict
from embereye.vision.heuristic import HeuristicDetector

Play = Callable[..., Iterator[tuple[float, np.ndarray]]]
BOTH = frozenset((FIRE, SMOKE))
ALARM = 0.70


@dataclass
class Model:
    """A trained model whose score and box are told; `judges` as a verdict's."""

    fire: float = 0.0
    smoke: float = 0.0
    box: tuple[float, float, float, float] = (0.0, 0.0, 320.0, 240.0)
    judges: frozenset[str] = BOTH
    name: str = "model"
    looks: list[Frame] = field(default_factory=list)
    forgotten: list[CameraId] = field(default_factory=list)

    def detect(self, frame: Frame) -> Verdict:
        self.looks.append(frame)
        boxes = [
            Detection(label, score, *self.box)
            for label, score in ((FIRE, self.fire), (SMOKE, self.smoke))
            if score >= 0.3
        ]
        return Verdict(tuple(boxes), self.fire, self.smoke, judges=self.judges)

    def forget(self, camera: CameraId) -> None:
        self.forgotten.append(camera)


def _frame(time: float, pixels: np.ndarray, camera: str = "yard", flame: float = 4.0) -> Frame:
    height, width = pixels.shape[:2]
    at = Stamp(time, time)
    times = Verification(flame, 8.0)
    return Frame(CameraId(camera), pixels, 0, at, time, width, height, verification=times)


def _grey(time: float, camera: str = "yard") -> Frame:
    return _frame(time, np.full((48, 64, 3), 90, np.uint8), camera)


def _watch(
    detector: CombinedDetector, frames: Iterator[tuple[float, np.ndarray]], flame: float = 4.0
) -> list[Verdict]:
    return [detector.detect(_frame(time, pixels, flame=flame)) for time, pixels in frames]


def _alarm_at(verdicts: list[Verdict], rate: float = 10.0) -> float | None:
    """Seconds until 3 of the last 5 count, as the default rule."""
    hits = [verdict.moving and verdict.fire >= ALARM for verdict in verdicts]
    last = (index for index in range(len(hits)) if sum(hits[max(0, index - 4) : index + 1]) >= 3)
    return next((index / rate for index in last), None)


@pytest.mark.parametrize("judges", [BOTH, frozenset[str]()])
def test_of_one_picture_colours_count_only_where_no_model_knows_fire(
    play: Play, judges: frozenset[str]
):
    _, pixels = next(play("flame", 0.1))
    alone = HeuristicDetector().detect(_frame(0.0, pixels)).fire
    detector = CombinedDetector(HeuristicDetector(), Model(0.02, judges=judges), 0.0, votes=1)

    verdict = detector.detect(_frame(0.0, pixels))

    assert alone > 0.1
    assert verdict.fire == (0.02 if judges else alone)


def test_the_model_looks_once_a_period_and_camera():
    model = Model()
    detector = CombinedDetector(HeuristicDetector(), model, period=1.0, votes=3)
    for tenth in range(30):
        detector.detect(_grey(tenth / 10))
        detector.detect(_grey(tenth / 10, "hall"))

    assert len(model.looks) == 6


def test_the_model_looks_twice_as_often_where_it_suspects_something():
    model = Model(fire=0.4)
    detector = CombinedDetector(HeuristicDetector(), model, period=1.0, votes=3)
    for tenth in range(30):
        detector.detect(_grey(tenth / 10))

    assert len(model.looks) == 6


def test_without_a_model_a_flame_alarms(play: Play):
    detector = CombinedDetector(HeuristicDetector(), None, 1.0, 3)

    assert _alarm_at(_watch(detector, play("flame", 4.0))) is not None


def test_without_a_model_a_longer_verification_time_alarms_later(play: Play):
    frames = list(play("flame", 10.0))
    soon, late = (
        _alarm_at(_watch(CombinedDetector(HeuristicDetector(), None, 1.0, 3), iter(frames), time))
        for time in (2.0, 16.0)
    )

    assert soon is not None
    assert late is not None
    assert late > soon + 2


def test_a_flame_that_both_see_alarms(play: Play):
    detector = CombinedDetector(HeuristicDetector(), Model(0.9), 1.0, 3)

    assert _alarm_at(_watch(detector, play("flame", 4.0))) is not None


def test_a_frozen_picture_never_alarms_however_sure_the_model(play: Play):
    _, pixels = next(play("flame", 0.1))
    detector = CombinedDetector(HeuristicDetector(), Model(0.99), 1.0, 3)
    verdicts = _watch(detector, ((0.1 * index, pixels) for index in range(300)))

    assert _alarm_at(verdicts) is None
    assert verdicts[-1].fire >= 0.5  # a hint beside other evidence
    assert not any(verdict.moving for verdict in verdicts)


def test_a_lamp_in_running_water_that_the_model_denies_does_not_alarm(play: Play):
    detector = CombinedDetector(HeuristicDetector(), Model(0.02), 1.0, 3)

    assert _alarm_at(_watch(detector, play("lamp_on_wet_floor", 8.0))) is None


def test_a_model_that_knows_no_fire_denies_none(play: Play):
    detector = CombinedDetector(HeuristicDetector(), Model(judges=frozenset()), 1.0, 3)

    assert _alarm_at(_watch(detector, play("flame", 5.0))) is not None


def test_a_steady_lamp_that_the_model_takes_for_fire_does_not_alarm(play: Play):
    detector = CombinedDetector(HeuristicDetector(), Model(0.9, box=(130, 90, 60, 60)), 1.0, 3)

    assert _alarm_at(_watch(detector, play("wood_panels", 12.0))) is None


def test_the_model_looks_closer_at_a_small_flicker(play: Play):
    model = Model()
    detector = CombinedDetector(HeuristicDetector(), model, 0.5, 3)

    def far(time: float) -> np.ndarray:
        return with_fire(wall(21, (45, 48, 50)), time, 100, 150, 0.4)

    _watch(detector, play(far, 5.0))

    closer = [look for look in model.looks if look.pixels.shape[1] < 320]
    assert closer
    assert all(look.pixels.shape[0] * 4 == look.pixels.shape[1] * 3 for look in closer)


def test_boxes_of_a_closer_look_lie_in_the_whole_picture(play: Play):
    class Finder(Model):
        def detect(self, frame: Frame) -> Verdict:
            height, width = frame.pixels.shape[:2]
            if width == 320:
                return Verdict(judges=BOTH)
            middle = Detection(FIRE, 0.9, width / 2 - 4, height / 2 - 8, 8, 16)
            return Verdict((middle,), 0.9, judges=BOTH)

    def far(time: float) -> np.ndarray:
        return with_fire(wall(21, (45, 48, 50)), time, 100, 150, 0.4)

    verdicts = _watch(CombinedDetector(HeuristicDetector(), Finder(), 0.5, 3), play(far, 6.0))

    box = verdicts[-1].detections[0]
    assert abs(box.x + box.width / 2 - 100) <= 16  # two cells of the heuristic
    assert 105 < box.y + box.height / 2 < 150


def test_boxes_carry_the_confidence_of_the_evidence(play: Play):
    detector = CombinedDetector(HeuristicDetector(), Model(0.9, box=(130, 90, 60, 110)), 1.0, 3)
    verdict = _watch(detector, play("flame", 4.0))[-1]

    assert [box.label for box in verdict.detections] == [FIRE]
    assert verdict.detections[0].confidence == pytest.approx(verdict.fire)


def test_boxes_of_other_things_pass_unchanged():
    person = Detection("person", 0.8, 1, 2, 3, 4)

    class Persons(Model):
        def detect(self, frame: Frame) -> Verdict:
            return Verdict((person,))

    detector = CombinedDetector(HeuristicDetector(), Persons(), 1.0, 3)

    assert detector.detect(_grey(0.0)).detections == (person,)


def test_with_one_vote_a_single_picture_gets_the_models_score():
    detector = CombinedDetector(HeuristicDetector(), Model(0.9), 0.0, 1)

    assert detector.detect(_grey(0.0)).fire == pytest.approx(0.9)


def test_cameras_do_not_share_their_evidence(play: Play):
    detector = CombinedDetector(HeuristicDetector(), Model(0.9), 1.0, 3)
    _watch(detector, play("flame", 4.0))

    assert detector.detect(_grey(4.0, "hall")).fire < ALARM


def test_forgetting_reaches_the_model_and_its_closer_looks(play: Play):
    model = Model()
    detector = CombinedDetector(HeuristicDetector(), model, 1.0, 3)
    _watch(detector, play("flame", 4.0))
    detector.forget(CameraId("yard"))

    assert model.forgotten == ["yard", "yard nearer"]
    assert detector.detect(_grey(4.1)).fire < 0.5


def test_the_first_look_at_smoke_is_suspicious_though_it_proves_nothing_yet() -> None:
    model = Model(smoke=0.9)
    detector = CombinedDetector(HeuristicDetector(), model, 1.0, 3)
    detector.detect(_grey(0.0))
    verdict = detector.detect(_grey(1.0))
    assert verdict.smoke < 0.3 < verdict.suspicion
    model.smoke = 0.0
    assert detector.detect(_grey(2.5)).suspicion < 0.3
