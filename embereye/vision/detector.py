"""The port that every detector fits: rules of thumb, trained models, other machines."""

from dataclasses import dataclass
from typing import Protocol

from embereye.model.detection import Detection
from embereye.model.frame import Frame
from embereye.model.ids import CameraId


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one detector says about one frame.

    Attributes:
        detections: Boxes in source pixels, most confident first.
        fire, smoke: Score of the whole picture, 0–1, time evidence included where the detector
            has any.
        moving: Whether the evidence spans several frames; a still picture alone never alarms.
        history: Seconds of pictures behind this verdict, 0 for a still picture.
        judges: Which of fire and smoke it can see. A score of 0 denies only these; a detector of
            persons, or one that has not answered yet, denies nothing.
        suspicion: Highest score of fire or smoke for this look alone, 0–1, where `fire` and `smoke`
            are weighed over time: decides how soon it is looked again.
    """

    detections: tuple[Detection, ...] = ()
    fire: float = 0.0
    smoke: float = 0.0
    moving: bool = False
    history: float = 0.0
    judges: frozenset[str] = frozenset()
    suspicion: float = 0.0


class Detector(Protocol):
    """Looks at frames of any number of cameras. Lives in one thread of one process.

    Attributes:
        name: Name and version, as stored with each result.
    """

    name: str

    def detect(self, frame: Frame) -> Verdict:
        """Judge the next frame of its camera; frames of one camera come in the order of time.

        Raises:
            DetectorError: the detector cannot work any more; others go on.
        """

    def forget(self, camera: CameraId) -> None:
        """Drop what is remembered of a camera (removed, or another source)."""


def merged(first: Verdict, second: Verdict) -> Verdict:
    """The verdict of two detectors on the same frame: the higher score of each kind counts."""
    boxes = sorted(first.detections + second.detections, key=lambda d: d.confidence, reverse=True)
    return Verdict(
        detections=tuple(boxes),
        fire=max(first.fire, second.fire),
        smoke=max(first.smoke, second.smoke),
        moving=first.moving or second.moving,
        history=max(first.history, second.history),
        judges=first.judges | second.judges,
        suspicion=max(first.suspicion, second.suspicion),
    )
