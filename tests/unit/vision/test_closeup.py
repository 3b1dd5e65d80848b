"""A closeup finds what is too small in the whole picture, and nothing else."""

import cv2
import numpy as np
import pytest
from scenes import flame
from scenes_fire import _DARK

from embereye.ingest.delivery import closeup
from embereye.ingest.usb import BgrPicture
from embereye.model.detection import FIRE, Detection
from embereye.model.frame import Frame, Part
from embereye.model.stamp import Stamp
from embereye.vision.closeup import CloseupDetector
from embereye.vision.combined import CombinedDetector
from embereye.vision.detector import Verdict
from embereye.vision.heuristic import HeuristicDetector

WIDTH, HEIGHT = 1920, 1080
PART = Part(15 / 32, 13 / 32, 5 / 32, 6 / 32)
ELSEWHERE = Part(1 / 32, 1 / 32, 5 / 32, 6 / 32)
FOOT = (960, 540)  # of the flame, pixels


def room():
    noise = np.random.default_rng(3).normal(0, 6, (HEIGHT, WIDTH, 3))
    return np.clip(noise + np.array((60, 64, 66)), 0, 255).astype(np.float32)


ROOM = cv2.GaussianBlur(room(), (0, 0), 1.0)


def large(t):
    """A room with a flame of some 10 × 24 pixels."""
    glow = np.clip(flame(t) - _DARK, 0, 400).astype(np.float32)
    glow[glow.max(axis=2) < 12] = 0
    matrix = np.array([[0.2, 0, FOOT[0] - 32], [0, 0.2, FOOT[1] - 40]], np.float32)
    moved = cv2.warpAffine(glow, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    mixed = ROOM * (1 - np.clip(moved[..., 2:] / 255, 0, 1)) + moved
    return BgrPicture(np.clip(mixed, 0, 255).astype(np.uint8), t)


def frame(picture, part, camera="yard"):
    near = None if part is None else closeup(picture, part)
    at = Stamp(100 + picture.media, 1.7e9)
    return Frame(camera, picture.bgr(640, 360), 0, at, picture.media, WIDTH, HEIGHT, near)


def watched(part, seconds=3.0, detector=None):
    detector = detector or CloseupDetector(HeuristicDetector())
    times = np.arange(0.0, seconds, 0.1)
    return [detector.detect(frame(large(float(t)), part)) for t in times]


def alarms(verdicts):
    """3 of the last 5, as the default rule."""
    hits = [verdict.fire >= 0.7 for verdict in verdicts]
    return any(sum(hits[max(0, i - 4) : i + 1]) >= 3 for i in range(len(hits)))


def test_a_small_flame_in_a_hot_part_of_a_large_picture_is_found():
    verdicts = watched(PART)
    assert alarms(verdicts)
    assert verdicts[-1].moving
    box = verdicts[-1].detections[0]
    assert box.x < FOOT[0] < box.x + box.width
    assert box.y < FOOT[1] - 10 < box.y + box.height
    assert box.width < 60


@pytest.mark.parametrize("part", [None, ELSEWHERE])
def test_it_is_not_found_without_a_closeup_of_its_place(part):
    assert max(verdict.fire for verdict in watched(part)) < 0.5


def test_a_closeup_that_moves_begins_anew_and_is_no_hint():
    detector = CloseupDetector(HeuristicDetector())
    watched(PART, 1.5, detector)
    moved = Part(PART.x - 1 / 32, PART.y, PART.width, PART.height)
    assert detector.detect(frame(large(1.6), moved)).fire < 0.5


def test_without_a_closeup_the_verdict_is_that_of_the_detector():
    plain, wrapped = HeuristicDetector(), CloseupDetector(HeuristicDetector())
    for t in np.arange(0.0, 1.5, 0.1):
        shown = frame(large(float(t)), None)
        assert wrapped.detect(shown) == plain.detect(shown)


class Remembering:
    name = "remembering"

    def __init__(self):
        self.known = set()

    def detect(self, frame):
        self.known.add(frame.camera)
        return HeuristicDetector().detect(frame)

    def forget(self, camera):
        self.known.discard(camera)


def test_a_camera_that_is_gone_is_forgotten_with_its_closeup():
    inner = Remembering()
    detector = CloseupDetector(inner)
    detector.detect(frame(large(0.0), PART))
    assert len(inner.known) == 2
    detector.detect(frame(large(0.1), None))
    assert inner.known == {"yard"}
    detector.detect(frame(large(0.2), PART))
    detector.forget("yard")
    assert inner.known == set()


class Model(Remembering):
    """Sees a fire in every picture finer than the whole one."""

    def detect(self, frame):
        self.known.add(frame.camera)
        fire = 0.9 if frame.pixels.shape[0] != 360 else 0.0
        boxes = (Detection(FIRE, fire, 5, 6, 7, 8),) if fire else ()
        return Verdict(boxes, fire=fire)


def test_a_model_sees_the_closeup_too():
    both = CombinedDetector(HeuristicDetector(), Model(), period=0.1, votes=1)
    verdicts = watched(PART, 1.5, CloseupDetector(both))
    assert verdicts[-1].fire == 0.9
    near = closeup(large(0.0), PART)
    box = verdicts[-1].detections[0]
    assert (box.x, box.y, box.width, box.height) == (near.x + 5, near.y + 6, 7, 8)
