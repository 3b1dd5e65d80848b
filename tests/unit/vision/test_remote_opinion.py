"""Opinions of a detector on another machine travel with frames and count as a model's."""

import time
from dataclasses import replace

import numpy as np
from remote_children import opinionated
from scenes import Scene, played, wall

from embereye.model.detection import Detection
from embereye.model.frame import Closeup, Frame
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.runtime.clock import SystemClock
from embereye.vision.closeup import CloseupDetector
from embereye.vision.detector import Detector, Verdict
from embereye.vision.looks import CameraLooks, Looks, ModelChoice
from embereye.vision.panel import Panel
from embereye.vision.pool import DetectorPool
from embereye.vision.pool_child import PoolOptions
from embereye.vision.remote_opinion import FrameOpinions
from embereye.vision.second_look import SecondLook

CLOCK = SystemClock()
YARD = CameraId("yard")
FLAME = Detection("fire", 0.9, 10, 20, 30, 40)
PERSON = Detection("person", 0.8, 1, 2, 3, 4)


def _frame(opinion: tuple[Detection, ...] | None) -> Frame:
    pixels = np.full((64, 64, 3), 80, np.uint8)
    return Frame(YARD, pixels, 1, CLOCK.now(), 0.0, 64, 64, opinion=opinion)


def test_an_opinion_reaches_the_child_process_with_its_frame():
    pool = DetectorPool(PoolOptions(processes=1), CLOCK, opinionated)
    pool.start()
    try:
        end = time.monotonic() + 30
        results = []
        while not results and time.monotonic() < end:
            pool.submit(_frame((FLAME,)))
            results = pool.collect(0.05)
    finally:
        pool.close()
    assert results[0].detections == (FLAME,)


def test_the_score_of_an_opinion_is_that_of_its_surest_box():
    verdict = FrameOpinions().make().detect(_frame((FLAME, replace(FLAME, confidence=0.4))))
    assert (verdict.fire, verdict.smoke, verdict.moving) == (0.9, 0.0, False)


def test_without_an_opinion_nothing_is_denied():
    detector = FrameOpinions().make()
    detector.detect(_frame((FLAME,)))
    assert detector.detect(_frame(None)) == Verdict()


def test_a_detector_that_never_saw_fire_denies_none():
    verdict = FrameOpinions().make().detect(_frame((PERSON,)))
    assert verdict.detections == (PERSON,)
    assert verdict.judges == frozenset()


def test_a_detector_that_saw_fire_once_denies_it_later():
    detector = FrameOpinions().make()
    detector.detect(_frame((FLAME,)))
    assert detector.detect(_frame(())).judges == {"fire"}


def test_an_opinion_on_the_whole_picture_is_none_on_its_closeup():
    seen: list[Frame] = []

    class Noting:
        name = "noting"

        def detect(self, frame: Frame) -> Verdict:
            seen.append(frame)
            return Verdict()

        def forget(self, camera: CameraId) -> None:
            return

    near = Closeup(np.zeros((32, 32, 3), np.uint8), 0, 0, 32, 32)
    CloseupDetector(Noting()).detect(replace(_frame((FLAME,)), closeup=near))
    assert [frame.opinion for frame in seen] == [(FLAME,), None]


def test_an_opinion_on_the_whole_picture_is_none_on_a_part_that_is_looked_at_again():
    suspect = Detection("fire", 0.8, 5, 5, 4, 4)
    found = SecondLook(FrameOpinions().make()).detect(_frame((FLAME,)), Verdict((suspect,)))
    assert found.detections == (FLAME,)


def _watched(scene: Scene, seconds: float, opinion: tuple[Detection, ...]) -> list[Verdict]:
    """What a camera that names it makes of a scene with the same opinion all the time."""
    panel = Panel(_no_models, 1.0, 3)
    panel.assign(Looks(others=CameraLooks(remote=True), remote=FrameOpinions()))
    found = []
    for number, (at, pixels) in enumerate(played(scene, seconds, 8.0)):
        height, width = pixels.shape[:2]
        frame = Frame(YARD, pixels, number, Stamp(at, at), at, width, height, opinion=opinion)
        found.append(panel.detect(frame))
    return found


def _no_models(model: ModelChoice) -> Detector:
    raise AssertionError(f"{model.name} is asked for")


def _alarms(verdicts: list[Verdict]) -> int:
    return sum(verdict.moving and verdict.fire >= 0.7 for verdict in verdicts)


def test_a_poster_of_a_fire_never_alarms_however_sure_the_other_machine_is():
    poster = Detection("fire", 0.98, 100, 60, 80, 100)
    still = wall()
    noise = np.random.default_rng(1)

    def scene(_time: float) -> np.ndarray:
        noisy = still + noise.normal(0.0, 2.0, still.shape)
        return np.clip(noisy, 0, 255).astype(np.uint8)

    assert _alarms(_watched(scene, 10.0, (poster,))) == 0
