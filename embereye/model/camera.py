"""Cameras as the engine and the operator see them."""

from dataclasses import dataclass, replace
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


class Doubt(StrEnum):
    """What may be wrong with the picture of a camera that sends one; the gravest first."""

    FROZEN = "frozen"
    BLACK = "black"
    COVERED = "covered"
    MOVED = "moved"
    BLURRED = "blurred"
    RESTLESS = "keeps changing"
    TIMES = "wrong times"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class PictureSigns:
    """What looking at a camera's pictures found; replaced as a whole.

    Attributes:
        at: When it was looked last, monotonic seconds; None: not yet, or nothing is looked at.
        doubts: Confirmed and not yet over.
        known: Whether its view is learned, so that a moved camera would be noticed.
        changed: When the whole picture was last found changed for good: lights, day and night,
            another scene.
        settling: Until when, monotonic seconds, what moves in the picture means little since all
            of it has just changed. Never after a change towards red: fire does that.
        resized: When the source changed its size in mid-stream last.
        lag: Seconds that pictures come later than the quickest one so far.
    """

    at: float | None = None
    doubts: tuple[Doubt, ...] = ()
    known: bool = False
    changed: Stamp | None = None
    settling: float = 0.0
    resized: Stamp | None = None
    lag: float = 0.0


@dataclass(frozen=True, slots=True)
class CaptureCounters:
    """What one capture worker did so far; replaced as a whole, readable from any thread.

    Attributes:
        due: Frames that viewers and detection should have got (min(source rate, wanted rate)).
        delivered: Frames that reached a slot.
        decoded: Frames decoded.
        skipped: Left out on purpose, by rate.
        undecoded: Packets read but not decoded, since nobody needed their pictures.
        congested: Due, but left out because the machine could not keep up.
        received: Bytes of video received.
        cpu: Processor seconds of the thread that reads, decodes and scales.
        decoder: Codec and what decodes it, such as "h264" or "h264 (vaapi)".
        reconnects: Times the source was opened again.
        fps: Frames a second delivered, over the last two seconds.
        width, height: Pixels of the source picture, 0 before the first.
        last_frame: When the newest frame was decoded.
        interval: Seconds between frames of the source (smoothed), 0 when unknown.
        picture: What its pictures look like.
    """

    due: int = 0
    delivered: int = 0
    decoded: int = 0
    skipped: int = 0
    undecoded: int = 0
    congested: int = 0
    received: int = 0
    cpu: float = 0.0
    decoder: str = ""
    reconnects: int = 0
    fps: float = 0.0
    width: int = 0
    height: int = 0
    last_frame: Stamp | None = None
    interval: float = 0.0
    picture: PictureSigns = PictureSigns()

    def counting(self, more: "CaptureCounters", sign: int = 1) -> "CaptureCounters":
        """These with what `more` counted on top, or (`sign` −1) without it."""
        return replace(
            self,
            due=self.due + sign * more.due,
            delivered=self.delivered + sign * more.delivered,
            decoded=self.decoded + sign * more.decoded,
            skipped=self.skipped + sign * more.skipped,
            undecoded=self.undecoded + sign * more.undecoded,
            congested=self.congested + sign * more.congested,
            received=self.received + sign * more.received,
            cpu=self.cpu + sign * more.cpu,
            reconnects=self.reconnects + sign * more.reconnects,
        )


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """One camera in the engine's register.

    Attributes:
        source: The source with credentials removed, fit for a screen.
        detail: What is wrong and what to do, in words; empty while live.
        since: When `state` began.
        doubts: What is wrong with the picture of a camera that is LIVE.
        remark: The doubts, or a recent event, in words that say what to do; empty while normal.
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
    doubts: tuple[Doubt, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class CameraTable:
    """Every camera, in the order of the settings; a frozen snapshot.

    Attributes:
        revision: Grows with each change.
    """

    revision: int = 0
    cameras: tuple[CameraStatus, ...] = ()
