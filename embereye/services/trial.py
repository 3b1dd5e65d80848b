"""Clips through the whole chain of detection as the console runs it, faster than real time."""

from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from embereye.model.detection import FIRE, SMOKE, DetectionResult
from embereye.model.frame import Frame, Pixels
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp
from embereye.rules.camera_inputs import CameraInputs
from embereye.rules.clip_accuracy import Found, Quiet
from embereye.rules.risk_limits import RiskLimits
from embereye.rules.watch import Grade
from embereye.services.footage import RATE, Footage, any_view, endless, once
from embereye.vision.detector import Detector

PATIENCE = 60.0  # s after the event's start at which a trial is given up
_CAMERA = CameraId("trial")
_LABELS = {Grade.FIRE: FIRE, Grade.HIGH: SMOKE}  # of the limits that alarm on their own

Alarms = frozenset[str]  # labels whose limit is tripped


@dataclass(frozen=True, slots=True)
class Step:
    """The chain after one picture: its time in s, both scores, which alarms stand."""

    time: float
    fire: float
    smoke: float
    alarms: Alarms


class Chain:
    """Detectors, evidence over time and the alarm limits of one camera. Lives in one thread.

    Every picture is looked at, as while something moves. It differs from a live camera in that
    only: a quiet scene is looked at less often there.
    """

    def __init__(self, detector: Detector, limits: RiskLimits) -> None:
        self._detector, self._limits = detector, limits
        self._inputs = CameraInputs(limits)
        self._number = 0

    def begin(self) -> None:
        """Start as after the program's start, with an empty memory."""
        self._detector.forget(_CAMERA)
        self._inputs = CameraInputs(self._limits)

    def look(self, time: float, pixels: Pixels) -> Step:
        """Judge the next picture; `time` in s grows.

        Raises:
            DetectorError: the detector failed.
        """
        height, width = pixels.shape[:2]
        stamp = Stamp(time, time)
        frame = Frame(_CAMERA, pixels, self._number, stamp, time, width, height)
        self._number += 1
        verdict = self._detector.detect(frame)
        result = DetectionResult(
            camera=_CAMERA,
            frame_seq=frame.seq,
            frame_at=stamp,
            at=stamp,
            detections=verdict.detections,
            fire=verdict.fire,
            smoke=verdict.smoke,
            moving=verdict.moving,
            detector=self._detector.name,
            seconds=0.0,
            source=(width, height),
        )
        self._inputs.take(result)
        standing = (_LABELS.get(watch.grade) for watch in self._inputs.watches if watch.tripped)
        return Step(time, verdict.fire, verdict.smoke, frozenset(filter(None, standing)))


def find(chain: Chain, footage: Footage, trials: int, seed: int = 1) -> Found:
    """How long the chain takes to find what a clip shows, over `trials` views of it."""
    label = FIRE if footage.fire else SMOKE
    start = footage.span(label).start
    own: list[float | None] = []
    any_alarm: list[float | None] = []
    for trial in range(trials):
        random = np.random.default_rng((seed, trial))
        chain.begin()
        shown = once(footage, any_view(random, gentle=True), seed * 1000 + trial)
        first: dict[str, float] = {}
        for time, pixels in takewhile(lambda shot: shot[0] <= start + PATIENCE, shown):
            for alarm in chain.look(time, pixels).alarms:
                first.setdefault(alarm, time - start)
            if label in first:
                break
        own.append(first.get(label))
        any_alarm.append(min(first.values(), default=None))
    return Found(footage.name, label, tuple(own), tuple(any_alarm))


def watch_quiet(chain: Chain, footage: Footage, minutes: float, seed: int = 1) -> Quiet:
    """How often the chain raises an alarm in `minutes` of a clip that shows nothing."""
    chain.begin()
    before: Alarms = frozenset()
    counts = {FIRE: 0, SMOKE: 0}
    standing = looks = 0
    highest = {FIRE: 0.0, SMOKE: 0.0}
    shown = endless(footage, seed)
    for time, pixels in takewhile(lambda shot: shot[0] < 60 * minutes, shown):
        step = chain.look(time, pixels)
        for label in step.alarms - before:
            counts[label] += 1
        before = step.alarms
        standing += bool(before)
        looks += 1
        highest = {
            FIRE: max(highest[FIRE], step.fire),
            SMOKE: max(highest[SMOKE], step.smoke),
        }
    return Quiet(
        footage.name,
        looks / RATE / 3600,
        counts[FIRE],
        counts[SMOKE],
        standing / RATE / 3600,
        highest[FIRE],
        highest[SMOKE],
    )
