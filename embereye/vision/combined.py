"""A trained model beside the heuristic: each camera gets both opinions."""

from collections import deque
from dataclasses import replace
from statistics import median

from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.vision.detector import Detector, Verdict, merged


class CombinedDetector:
    """Runs the cheap detector on each frame and the model at most every `period` s a camera.

    Between two inferences the model's boxes and the median score of its last `votes` stand, so
    that one odd inference does not count for ten frames. Lives in one thread.
    """

    def __init__(self, cheap: Detector, model: Detector, period: float, votes: int) -> None:
        self.name = f"{cheap.name} + {model.name}"
        self._cheap, self._model, self._period, self._votes = cheap, model, period, votes
        self._opinions: dict[CameraId, _Opinion] = {}

    def detect(self, frame: Frame) -> Verdict:
        """Judge the next frame of its camera; raises what the model raises."""
        first = self._cheap.detect(frame)
        opinion = self._opinions.setdefault(frame.camera, _Opinion(self._votes))
        if opinion.at is None or frame.at.mono - opinion.at >= self._period:
            opinion.take(frame.at.mono, self._model.detect(frame))
        return merged(first, opinion.verdict)

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        self._opinions.pop(camera, None)
        self._cheap.forget(camera)
        self._model.forget(camera)


class _Opinion:
    def __init__(self, votes: int) -> None:
        self.at: float | None = None
        self.verdict = Verdict()
        self._fires = deque([0.0] * votes, maxlen=votes)
        self._smokes = deque([0.0] * votes, maxlen=votes)

    def take(self, at: float, verdict: Verdict) -> None:
        self.at = at
        self._fires.append(verdict.fire)
        self._smokes.append(verdict.smoke)
        self.verdict = replace(verdict, fire=median(self._fires), smoke=median(self._smokes))
