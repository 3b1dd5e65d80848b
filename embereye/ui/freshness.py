"""Decides what a tile may show: an old picture is never shown as live. Pure."""

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QCoreApplication

from embereye.model.camera import CameraState, CameraStatus, Doubt
from embereye.model.ids import CameraId
from embereye.ui.words import span

_STALE = 2.0  # s; alarms.md, Supervision: STALE after max(2 s, 3 frame intervals)
_INTERVALS = 3
_STALE_STATE = CameraState.STALE  # looking a member up costs more than the rest of `look`
_PICTURED = (CameraState.LIVE, CameraState.STALE)
_GONE = 60.0  # s; a picture older than this helps nobody and could mislead


class Remedy(Enum):
    """What one click on a tile without a picture does."""

    RETRY = "Retry"
    EDIT = "Edit"
    PASSWORD = "Enter password"  # noqa: S105 - a caption
    ENABLE = "Enable"


@dataclass(frozen=True, slots=True)
class RemedyAsked:
    """An operator's click on a way out."""

    camera: CameraId
    remedy: Remedy


@dataclass(frozen=True, slots=True)
class Look:
    """What the tile shows instead of, or beside, the picture.

    Attributes:
        picture: Whether the picture may be drawn at all.
        live: Whether it may look live; else it is drawn grey under a hatch.
        badge: Words for the upper right corner, empty while normal.
        title, detail: Words in the middle of a tile without picture.
        remedies: One-click ways out.
    """

    picture: bool
    live: bool
    badge: str = ""
    title: str = ""
    detail: str = ""
    remedies: tuple[Remedy, ...] = ()


def look(camera: CameraStatus, picture_age: float | None, frozen: bool = False) -> Look:
    """What to show of `camera`, whose newest picture is `picture_age` seconds old (None: none).

    The age decides even when the engine still says LIVE: the engine itself may be late.
    """
    if camera.state in _PICTURED:
        return _with_picture(camera, picture_age, frozen)
    title, remedies = _WITHOUT[camera.state]
    return Look(False, False, title=_tr(title), detail=camera.detail, remedies=remedies)


def stale_after(interval: float) -> float:
    """Seconds after which a picture of a source with this frame interval is stale."""
    return max(_STALE, _INTERVALS * interval)


def _with_picture(camera: CameraStatus, age: float | None, frozen: bool) -> Look:
    if age is None or age > _GONE:
        return Look(
            False,
            False,
            title=_tr("Waiting for the picture"),
            detail=camera.detail,
            remedies=(Remedy.RETRY, Remedy.EDIT),
        )
    if frozen:
        return Look(True, False, badge=_tr("FROZEN {0}").format(span(age)))
    if camera.state is _STALE_STATE or age > stale_after(camera.counters.interval):
        return Look(True, False, badge=_tr("STALE {0}").format(span(age)))
    if camera.doubts:
        return Look(True, Doubt.FROZEN not in camera.doubts, badge=_tr(_DOUBTED[camera.doubts[0]]))
    return Look(True, True)


def _tr(text: str) -> str:
    return QCoreApplication.translate("freshness", text)


_DOUBTED = {
    Doubt.FROZEN: "STANDS STILL",
    Doubt.BLACK: "BLACK",
    Doubt.COVERED: "COVERED",
    Doubt.MOVED: "MOVED",
    Doubt.BLURRED: "NOT SHARP",
    Doubt.RESTLESS: "KEEPS CHANGING",
    Doubt.TIMES: "WRONG TIMES",
    Doubt.DELAYED: "LATE",
}
_WITHOUT = {
    CameraState.CONNECTING: ("Connecting …", ()),
    CameraState.NO_SIGNAL: ("No signal", (Remedy.RETRY, Remedy.EDIT)),
    CameraState.WRONG_PASSWORD: ("Wrong password", (Remedy.PASSWORD,)),
    CameraState.UNSUPPORTED: ("Unsupported picture", (Remedy.EDIT, Remedy.RETRY)),
    CameraState.DISABLED: ("Disabled", (Remedy.ENABLE,)),
}
