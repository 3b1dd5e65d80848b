"""When a camera's clock is right, off, or wrong, and when to look at it."""

from enum import Enum

from embereye.model.camera_clock import ClockCheck

PERIOD = 3600.0  # s between looks; a clock that drifts by 100 ppm is 0.4 s further then

_RIGHT = 5.0  # s; NTP over a LAN holds 0.1 s, ONVIF tells whole seconds
_AFRESH = 600.0  # s; sooner a camera that comes back is not asked again: links flap


class ClockVerdict(Enum):
    """What is said of a clock."""

    UNKNOWN = "unknown"
    RIGHT = "right"
    OFF = "off"
    WRONG = "wrong"


def judged(check: ClockCheck | None, tolerance: float) -> ClockVerdict:
    """The verdict on the newest check; beyond `tolerance` s (0: never) it is WRONG."""
    if check is None or check.offset is None:
        return ClockVerdict.UNKNOWN
    off = abs(check.offset) - check.accuracy
    if tolerance and off > tolerance:
        return ClockVerdict.WRONG
    return ClockVerdict.OFF if off > _RIGHT else ClockVerdict.RIGHT


def is_due(asked: float | None, live_since: float, now: float) -> bool:
    """Whether a camera that is live since `live_since` is to be asked again; monotonic seconds.

    One that came back may have lost its clock with its power.
    """
    if asked is None:
        return True
    return now - asked >= PERIOD or (live_since > asked and now - asked >= _AFRESH)
