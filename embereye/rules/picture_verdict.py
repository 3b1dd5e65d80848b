"""Which doubts about a picture hold at the moment, and what the operator reads about them."""

from embereye.model.camera import Doubt, PictureSigns
from embereye.model.stamp import Stamp

_FRESH, _FRESH_INTERVALS = 5.0, 5  # s, pictures; looks are 0.2 s apart while anything is watched
_NEWS = 60.0  # s that an event is shown; long enough to walk to the screen

WORDS = {
    Doubt.FROZEN: "The picture stands still although pictures keep coming. Restart the camera.",
    Doubt.BLACK: "The picture is black. Check the lens, the light and the exposure.",
    Doubt.COVERED: "The picture shows nothing: the lens is covered, dirty or dazzled, or smoke "
    "fills the view. Look there at once.",
    Doubt.MOVED: "The picture shows another view than usual: the camera was moved or turned, or "
    "something stands before it. Compare the view and point the camera again.",
    Doubt.BLURRED: "The picture is not sharp: the lens is out of focus, wet or dirty, or there "
    "is smoke. Look there, then clean and focus the lens.",
    Doubt.RESTLESS: "The whole picture keeps changing, and each time fire is looked for anew. "
    "Check the lights, and whether the camera goes to and fro between day and night.",
    Doubt.TIMES: "The camera's time stamps leap or run at a wrong rate. Check its clock and "
    "frame rate, then restart it.",
    Doubt.DELAYED: "The picture comes late again and again; old pictures are left out. Check "
    "the network and lower the camera's bit rate.",
}
_CHANGED = "The whole picture changed: lights, day and night, or another scene. Check the view."
_RESIZED = "The camera changed the size of its picture."


def held_doubts(signs: PictureSigns, interval: float, now: float) -> tuple[Doubt, ...] | None:
    """What is doubted at `now` (monotonic seconds) of a camera with `interval` s between pictures.

    None while nobody looked lately (no viewer and no detection): neither raised nor ended.
    """
    if signs.at is None or now - signs.at > max(_FRESH, _FRESH_INTERVALS * interval):
        return None
    return signs.doubts


def remark(signs: PictureSigns, doubts: tuple[Doubt, ...], now: Stamp) -> str:
    """What stands beside the camera: its doubts, else what happened in the last minute."""
    if doubts:
        return " ".join(WORDS[doubt] for doubt in doubts)
    if signs.changed is not None and now.mono - signs.changed.mono < _NEWS:
        return _CHANGED
    if signs.resized is not None and now.mono - signs.resized.mono < _NEWS:
        return _RESIZED
    return ""
