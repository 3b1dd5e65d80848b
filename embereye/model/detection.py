"""What the detectors saw."""

from dataclasses import dataclass

from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp

FIRE = "fire"
SMOKE = "smoke"


@dataclass(frozen=True, slots=True)
class Detection:
    """One object in one picture.

    Attributes:
        label: The product's term: "fire", "smoke", "person", "vehicle" …
        confidence: 0–1.
        x, y, width, height: Box in pixels of the source, top-left plus size.
        outline: Corners (x, y) of the contour in pixels of the source, for what has no firm edge
            (smoke); empty: the box says all.
        track: Number of the object that is followed from picture to picture; 0: not followed.
    """

    label: str
    confidence: float
    x: float
    y: float
    width: float
    height: float
    outline: tuple[tuple[float, float], ...] = ()
    track: int = 0


@dataclass(frozen=True, slots=True)
class Verification:
    """How long something must be seen at one camera before it counts in full, s.

    Attributes:
        flame: 2–16.
        smoke: 5–30.
    """

    flame: float = 4.0
    smoke: float = 8.0


USUAL = Verification()  # of cameras without settings of their own


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """The verdict on one frame.

    Attributes:
        frame_at: When the frame was decoded; latencies count from here.
        at: When the verdict arrived.
        fire, smoke: Score of the whole picture, 0–1, time evidence included.
        moving: Whether the evidence spans several frames. A still picture alone never alarms.
        detector: Name and version of what decided.
        seconds: Time the detector itself needed.
        source: Width and height in pixels of the picture whose pixels boxes are given in; another
            stream of the same camera may have other ones. Zeros: not told.
        cached: The picture is the one that this verdict was given on before; no detector looked
            at it again.
        suspicion: Highest score of fire or smoke for this picture alone, 0–1; never alarms.
    """

    camera: CameraId
    frame_seq: int
    frame_at: Stamp
    at: Stamp
    detections: tuple[Detection, ...]
    fire: float
    smoke: float
    moving: bool
    detector: str
    seconds: float
    source: tuple[int, int] = (0, 0)
    cached: bool = False
    suspicion: float = 0.0
