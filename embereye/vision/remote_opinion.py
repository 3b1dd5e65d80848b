"""What a detector on another machine said, as one more detector of a camera.

It is asked elsewhere, by one worker for all cameras (`services.remote_detection`); its opinion
comes with the frames. So its key, its breaker and its limits exist once, and its evidence is
weighed over time as that of any model.
"""

from dataclasses import dataclass

from embereye.model.detection import FIRE, SMOKE, Detection
from embereye.model.frame import Frame
from embereye.model.ids import CameraId
from embereye.vision.detector import Detector, Verdict

_NAME = "remote"


@dataclass(frozen=True, slots=True)
class FrameOpinions:
    """Makes the detector that reads opinions from frames; goes by pipe (`looks.RemoteMaker`)."""

    def make(self) -> Detector:
        """The detector; cannot fail."""
        return _OpinionDetector()


class _OpinionDetector:
    def __init__(self) -> None:
        self.name = _NAME
        self._judges: frozenset[str] = frozenset()

    def detect(self, frame: Frame) -> Verdict:
        """The opinion that came with the frame; without one it denies nothing."""
        if frame.opinion is None:
            return Verdict()
        # What it can see is known only from what it has seen: one of persons denies no fire.
        self._judges |= {box.label for box in frame.opinion} & {FIRE, SMOKE}
        return Verdict(
            detections=frame.opinion,
            fire=_highest(frame.opinion, FIRE),
            smoke=_highest(frame.opinion, SMOKE),
            judges=self._judges,
        )

    def forget(self, camera: CameraId) -> None:
        """Nothing is remembered of single cameras."""


def _highest(boxes: tuple[Detection, ...], label: str) -> float:
    return max((box.confidence for box in boxes if box.label == label), default=0.0)
