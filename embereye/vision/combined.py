"""A trained model beside the heuristic: each camera gets both opinions."""

from collections import deque
from dataclasses import dataclass, field, replace
from statistics import median

from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.vision.detector import Detector, Verdict, merged

_VOTES = 3  # inferences; one odd one must not raise the score of ten frames


class CombinedDetector:
    """Runs the cheap detector on each frame and the model at most every `period` s a camera.

    Between two inferences the model's boxes and the median score of its last three stand. Lives
    in one thread.
    """

    def __init__(self, cheap: Detector, model: Detector, period: float) -> None:
        self.name = f"{cheap.name} + {model.name}"
        self._cheap, self._model, self._period = cheap, model, period
        self._opinions: dict[CameraId, _Opinion] = {}

    def detect(self, frame: Frame) -> Verdict:
        """Judge the next frame of its camera; raises what the model raises."""
        first = self._cheap.detect(frame)
        opinion = self._opinions.setdefault(frame.camera, _Opinion())
        if opinion.at is None or frame.at.mono - opinion.at >= self._period:
            opinion.take(frame.at.mono, self._model.detect(frame))
        return merged(first, opinion.verdict)

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera."""
        self._opinions.pop(camera, None)
        self._cheap.forget(camera)
        self._model.forget(camera)


@dataclass(slots=True)
class _Opinion:
    at: float | None = None
    verdict: Verdict = field(default_factory=Verdict)
    fires: deque[float] = field(default_factory=lambda: deque([0.0] * _VOTES, maxlen=_VOTES))
    smokes: deque[float] = field(default_factory=lambda: deque([0.0] * _VOTES, maxlen=_VOTES))

    def take(self, at: float, verdict: Verdict) -> None:
        self.at = at
        self.fires.append(verdict.fire)
        self.smokes.append(verdict.smoke)
        self.verdict = replace(verdict, fire=median(self.fires), smoke=median(self.smokes))
