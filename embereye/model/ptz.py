"""Moving a camera: what an operator asks, and how it stands."""

from dataclasses import dataclass
from enum import StrEnum

from embereye.model.ids import CameraId


@dataclass(frozen=True, slots=True)
class PtzOpenAsked:
    """Somebody is going to move this camera: find out what it can do."""

    camera: CameraId
    actor: str


@dataclass(frozen=True, slots=True)
class PtzMoveAsked:
    """Move while this is asked again and again, at least each second.

    Attributes:
        pan, tilt, zoom: Shares −1…1 of the highest speed: right, up, in.
    """

    camera: CameraId
    pan: float
    tilt: float
    zoom: float
    actor: str


@dataclass(frozen=True, slots=True)
class PtzStopAsked:
    """End every movement."""

    camera: CameraId
    actor: str


@dataclass(frozen=True, slots=True)
class PtzCentreAsked:
    """Bring a point of the picture to its centre.

    Attributes:
        x, y: 0…1 from the upper left corner.
    """

    camera: CameraId
    x: float
    y: float
    actor: str


@dataclass(frozen=True, slots=True)
class PtzHomeAsked:
    camera: CameraId
    actor: str


@dataclass(frozen=True, slots=True)
class PtzPresetAsked:
    """Go to a kept position."""

    camera: CameraId
    token: str
    actor: str


@dataclass(frozen=True, slots=True)
class PtzCloseAsked:
    """Nobody moves this camera any more; what moves is stopped."""

    camera: CameraId
    actor: str


@dataclass(frozen=True, slots=True)
class CameraTurned:
    """An operator moves a camera: until then its picture changes since somebody wants it to.

    Attributes:
        until: Monotonic seconds.
    """

    camera: CameraId
    until: float


class PtzState(StrEnum):
    """How far the talk with a camera has come."""

    ASKING = "asking"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PtzPreset:
    """A kept position."""

    token: str
    name: str


@dataclass(frozen=True, slots=True)
class PtzStatus:
    """One camera that may be moved; replaced as a whole, readable from any thread.

    Attributes:
        problem: What is wrong and what to do, in words; empty while all is well.
        turns, zooms, centres, home: What the camera offers.
        moving: Whether it was told to move and not yet to stop.
    """

    state: PtzState = PtzState.ASKING
    problem: str = ""
    turns: bool = False
    zooms: bool = False
    centres: bool = False
    home: bool = False
    presets: tuple[PtzPreset, ...] = ()
    moving: bool = False
