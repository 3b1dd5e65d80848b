"""Cameras as the engine and the operator see them."""

from dataclasses import dataclass
from enum import StrEnum

from embereye.model.ids import CameraId, PlaceId
from embereye.model.stamp import Stamp


class CameraState(StrEnum):
    """What the tile says. Only LIVE pictures may look live."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    NO_SIGNAL = "no signal"
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - a state, not a secret
    UNSUPPORTED = "unsupported"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class CaptureCounters:
    """What one capture worker did so far; replaced as a whole, readable from any thread.

    Attributes:
        due: Frames that viewers and detection should have got (min(source rate, wanted rate)).
        delivered: Frames that reached a slot.
        decoded: Frames decoded.
        skipped: Left out on purpose, by rate.
        reconnects: Times the source was opened again.
        fps: Frames a second delivered, over the last two seconds.
        width, height: Pixels of the source picture, 0 before the first.
        last_frame: When the newest frame was decoded.
        interval: Seconds between frames of the source (smoothed), 0 when unknown.
    """

    due: int = 0
    delivered: int = 0
    decoded: int = 0
    skipped: int = 0
    reconnects: int = 0
    fps: float = 0.0
    width: int = 0
    height: int = 0
    last_frame: Stamp | None = None
    interval: float = 0.0


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """One camera in the engine's register.

    Attributes:
        source: The source with credentials removed, fit for a screen.
        detail: What is wrong and what to do, in words; empty while live.
        since: When `state` began.
    """

    id: CameraId
    name: str
    place: PlaceId
    group: str
    source: str
    state: CameraState
    detail: str
    since: Stamp
    counters: CaptureCounters


@dataclass(frozen=True, slots=True)
class CameraTable:
    """Every camera, in the order of the settings; a frozen snapshot.

    Attributes:
        revision: Grows with each change.
    """

    revision: int = 0
    cameras: tuple[CameraStatus, ...] = ()
