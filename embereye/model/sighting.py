"""What a camera's detections mean: which objects are followed, where they are, what counts."""

from dataclasses import dataclass
from enum import StrEnum

from embereye.model.detection import DetectionResult
from embereye.model.ids import CameraId
from embereye.model.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Followed:
    """One object that is followed from picture to picture.

    Attributes:
        number: As in `Detection.track`; never used again for another object of this camera.
        confidence: 0–1, smoothed.
        since: When it was seen first, monotonic seconds.
        confirmed: Seen often and long enough to be believed.
        trail: Where it was, oldest first, as fractions of the picture: its foot (middle of the
            bottom edge), of flame and smoke the centre.
        zones: Names of the areas in which it counts now.
    """

    number: int
    label: str
    confidence: float
    since: float
    confirmed: bool
    trail: tuple[tuple[float, float], ...]
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """One verdict of the detectors after tracking and zones; a message inside the engine.

    Attributes:
        seen: Everything that was found, with track numbers; for screens and the history. Objects
            have smoothed boxes, flame and smoke those of this picture.
        counting: The same verdict with the scores and boxes of flame and smoke that count by the
            zones of the camera; for the risk.
        followed: Every object that is followed now, also one that this picture does not show.
    """

    seen: DetectionResult
    counting: DetectionResult
    followed: tuple[Followed, ...] = ()


class ZoneEventKind(StrEnum):
    """What an object did; left and right as somebody sees it who walks along the line."""

    ENTERED = "entered"
    LEFT = "left"
    CROSSED_RIGHT = "crossed to the right"
    CROSSED_LEFT = "crossed to the left"


@dataclass(frozen=True, slots=True)
class ZoneEvent:
    """An object began or ceased to count in an area, or crossed a line; kept and searched.

    Attributes:
        zone: Id of the area or line at its camera; `name` as people knew it then.
        track: Number of the object at its camera.
        confidence: 0–1, smoothed.
        seconds: LEFT: how long it was inside; else 0.
        at: When the picture was decoded.
    """

    camera: CameraId
    kind: ZoneEventKind
    zone: str
    name: str
    label: str
    track: int
    confidence: float
    seconds: float
    at: Stamp
