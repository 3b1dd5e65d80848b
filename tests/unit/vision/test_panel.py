"""All detectors of one process: who looks at which camera, and what happens when one fails."""

from dataclasses import dataclass

import numpy as np
import pytest

from embereye.model.errors import DetectorError
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.vision.detector import Verdict
from embereye.vision.looks import CameraLooks, Looks, ModelChoice
from embereye.vision.panel import Panel

YARD, HALL = CameraId("yard"), CameraId("hall")
A, B = ModelChoice("a", "/models/a.onnx"), ModelChoice("b", "/models/b.onnx")


class Model:
    """Counts its looks; fails when it is told to."""

    def __init__(self, name: str) -> None:
        self.name, self.looks, self.forgotten = name, [], []
        self.broken = ""

    def detect(self, frame: Frame) -> Verdict:
        if self.broken:
            raise DetectorError(self.broken)
        self.looks.append(frame.camera)
        return Verdict()

    def forget(self, camera: CameraId) -> None:
        self.forgotten.append(camera)


class Bench:
    """A panel whose models are at hand."""

    def __init__(self, period: float = 0.0, votes: int = 1) -> None:
        self.made: dict[str, Model] = {}
        self.refused: set[str] = set()
        self.hazards_only: set[str] = set()
        self.loads: list[str] = []
        self.begun: list[tuple[str, bool]] = []
        self.panel = Panel(
            self.load, period, votes, lambda m, loading: self.begun.append((m.name, loading))
        )
        self._seq = 0

    def load(self, model: ModelChoice) -> Model:
        self.loads.append(model.name)
        if model.name in self.refused:
            raise DetectorError(f"{model.name} is no model.")
        self.made[model.name] = Model(model.name)
        self.made[model.name].objects = model.name not in self.hazards_only
        return self.made[model.name]

    def assign(self, **cameras: tuple[ModelChoice, ...]) -> None:
        self.panel.assign(Looks({CameraId(c): CameraLooks(m) for c, m in cameras.items()}))

    def look(self, camera: CameraId) -> Verdict:
        self._seq += 1
        at = Stamp(self._seq / 8, self._seq / 8)
        pixels = np.zeros((48, 64, 3), np.uint8)
        return self.panel.detect(Frame(camera, pixels, self._seq, at, at.mono, 64, 48))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_each_camera_is_looked_at_by_its_own_models(bench: Bench):
    bench.assign(yard=(A,), hall=(A, B))
    bench.look(YARD)
    bench.look(HALL)

    assert bench.made["a"].looks == [YARD, HALL]
    assert bench.made["b"].looks == [HALL]
    assert bench.panel.name_of(YARD).endswith("+ a")
    assert bench.panel.name_of(HALL).endswith("+ a + b")


def test_a_model_of_many_cameras_is_loaded_once(bench: Bench):
    bench.assign(yard=(A,), hall=(A,))

    assert bench.loads == ["a"]


def test_a_closeup_is_looked_at_by_the_models_of_its_camera(bench: Bench):
    bench.assign(yard=(A,))
    bench.look(CameraId("yard closeup"))

    assert bench.made["a"].looks == [CameraId("yard closeup")]


def test_another_choice_holds_from_the_next_picture_on(bench: Bench):
    bench.assign(yard=(A,), hall=(A,))
    bench.look(YARD)
    bench.assign(yard=(B,), hall=(A,))
    bench.look(YARD)

    assert bench.made["a"].looks == [YARD]
    assert bench.made["b"].looks == [YARD]
    assert bench.made["a"].forgotten == [YARD]
    assert bench.loads == ["a", "b"]


def test_the_detectors_of_an_unchanged_camera_stay_the_same_objects(bench: Bench):
    bench.assign(yard=(A,), hall=(A,))
    bench.look(YARD)
    bench.look(HALL)
    before = bench.panel._of(HALL)
    bench.assign(yard=(), hall=(A,))

    assert bench.panel._of(HALL) is before
    assert HALL not in bench.made["a"].forgotten


def test_a_model_that_nobody_wants_any_more_is_dropped_and_loaded_again_when_wanted(bench: Bench):
    bench.assign(yard=(A,))
    bench.assign(yard=())
    bench.assign(yard=(A,))

    assert bench.loads == ["a", "a"]


def test_a_model_that_cannot_be_loaded_is_told_and_the_others_go_on(bench: Bench):
    bench.refused = {"a"}
    bench.assign(yard=(A, B))
    bench.look(YARD)

    assert bench.panel.troubles == (("a", "a is no model."),)
    assert bench.made["b"].looks == [YARD]


def test_a_refused_model_is_not_loaded_again_at_every_change_of_other_cameras(bench: Bench):
    bench.refused = {"a"}
    bench.assign(yard=(A,))
    bench.assign(yard=(A,), hall=(B,))

    assert bench.loads == ["a", "b"]


def test_a_refused_model_is_tried_again_once_it_was_not_wanted(bench: Bench):
    bench.refused = {"a"}
    bench.assign(yard=(A,))
    bench.assign(yard=())
    bench.refused = set()
    bench.assign(yard=(A,))

    assert bench.panel.troubles == ()
    bench.look(YARD)
    assert bench.made["a"].looks == [YARD]


def test_a_model_that_fails_later_is_left_out_and_the_picture_still_judged(bench: Bench):
    bench.assign(yard=(A, B), hall=(A,))
    bench.look(YARD)
    bench.made["a"].broken = "a says nonsense."

    bench.look(YARD)
    bench.look(HALL)

    assert bench.panel.troubles == (("a", "a says nonsense."),)
    assert bench.made["b"].looks == [YARD, YARD]
    assert bench.panel.name_of(HALL) == bench.panel.name


def test_loading_and_looking_are_announced_before_they_begin(bench: Bench):
    bench.assign(yard=(A,))
    bench.look(YARD)

    assert bench.begun == [("a", True), ("a", False)]


@dataclass(frozen=True)
class Maker:
    def make(self) -> Model:
        return Model("remote 1")


def test_cameras_that_name_the_remote_detector_are_told_that_it_is_off(bench: Bench):
    bench.panel.assign(Looks({YARD: CameraLooks(remote=True)}))
    ((name, text),) = bench.panel.troubles

    assert name == "remote"
    assert "is off" in text
    bench.panel.assign(Looks({YARD: CameraLooks(remote=True)}, remote=Maker()))
    assert bench.panel.troubles == ()


def test_the_remote_detector_looks_at_the_cameras_that_name_it_only(bench: Bench):
    bench.panel.assign(Looks({YARD: CameraLooks(remote=True), HALL: CameraLooks()}))
    bench.look(YARD)
    bench.panel.assign(Looks({YARD: CameraLooks(remote=True), HALL: CameraLooks()}, remote=Maker()))

    assert "remote 1" in bench.panel.name_of(YARD)
    assert "remote 1" not in bench.panel.name_of(HALL)


def test_models_look_four_times_as_often_where_objects_are_followed():
    bench = Bench(period=1.0, votes=3)
    looks = {YARD: CameraLooks((A,), follow=True), HALL: CameraLooks((A,))}
    bench.panel.assign(Looks(looks))
    for camera in [YARD] * 17 + [HALL] * 17:  # 2 s each
        bench.look(camera)
    assert bench.made["a"].looks.count(YARD) == 9
    assert bench.made["a"].looks.count(HALL) == 3


def test_models_of_flame_and_smoke_alone_follow_nobody():
    bench = Bench(period=1.0, votes=3)
    bench.hazards_only = {"a"}
    alone, beside = CameraLooks((A,), follow=True), CameraLooks((A, B), follow=True)
    bench.panel.assign(Looks({YARD: alone, HALL: beside}))
    for camera in [YARD] * 17 + [HALL] * 17:  # 2 s each
        bench.look(camera)
    assert bench.made["a"].looks.count(YARD) == 3
    assert bench.made["b"].looks.count(HALL) == 9
