"""When a camera is stale, when that is a fault, and how long to wait before the next attempt."""

from dataclasses import dataclass

from embereye.model.camera import CameraState

_STALE, _STALE_INTERVALS = 2.0, 3  # s, pictures; alarms.md, Supervision
_FAULT, _FAULT_INTERVALS = 10.0, 5  # s, pictures; as above

_FIRST_PAUSE, _QUICK_PAUSE = 0.5, 1.0  # s
_SHORT_OUTAGE = 10.0  # s; a camera back within it shows a picture within 3 s
_LONGEST_PAUSE = 8.0  # s; with jitter and connecting below the promised 15 s
_REFUSED_PAUSES = (10.0, 20.0, 40.0, 60.0)  # s; cameras lock accounts after some 5 wrong passwords
JITTER = 0.2  # share of a pause, so that a hundred cameras do not come back in one moment


@dataclass(frozen=True, slots=True)
class Link:
    """What is known about a camera's link.

    Attributes:
        state: As the capture worker said last; DISABLED when it is switched off.
        since: Monotonic seconds when it was started, or switched on.
        last_frame: Monotonic seconds of the newest picture, None before the first.
        interval: Seconds between pictures, 0 when unknown.
        upload_period: Of cameras that send files now and then, the seconds without any upload
            after which that is a fault; 0: never. None: a camera with a steady picture.
    """

    state: CameraState
    since: float
    last_frame: float | None
    interval: float
    upload_period: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the tile says, and whether it is a fault.

    `fault` is None while that is undecided: neither raised nor ended.
    `silent` is how long there was no picture, s.
    """

    state: CameraState
    fault: bool | None
    silent: float


def judge(link: Link, now: float) -> Verdict:
    """The state of a camera at `now` (monotonic seconds)."""
    if link.state is CameraState.DISABLED:
        return Verdict(CameraState.DISABLED, False, 0.0)
    begin = link.since if link.last_frame is None else max(link.since, link.last_frame)
    silent = max(0.0, now - begin)
    if link.state is CameraState.LIVE and link.upload_period is not None:
        return _between_uploads(silent, link.upload_period)
    fault = silent >= fault_after(link.interval)
    if link.state is CameraState.LIVE:
        if silent >= stale_after(link.interval):
            return Verdict(CameraState.STALE, fault or None, silent)
        return Verdict(CameraState.LIVE, False, silent)
    if link.state is CameraState.WRONG_PASSWORD:
        return Verdict(link.state, True, silent)
    return Verdict(link.state, fault or None, silent)


def _between_uploads(silent: float, period: float) -> Verdict:
    """Nothing to see is no fault; a tile tells the age of its picture by itself."""
    overdue = period > 0 and silent >= period
    return Verdict(CameraState.STALE if overdue else CameraState.LIVE, overdue, silent)


def stale_after(interval: float) -> float:
    """Seconds without a picture after which it may not look live."""
    return max(_STALE, _STALE_INTERVALS * interval)


def fault_after(interval: float) -> float:
    """Seconds without a picture after which somebody must look."""
    return max(_FAULT, _FAULT_INTERVALS * interval)


def pause(failures: int, outage: float, chance: float, *, refused: bool) -> float:
    """Seconds to wait before the next attempt to connect; never "give up".

    Args:
        failures: Attempts that failed in a row, from 1.
        outage: Seconds since the last picture, or since the start.
        chance: 0–1, drawn by the caller.
        refused: The password was rejected.
    """
    if refused:
        base = _REFUSED_PAUSES[min(failures, len(_REFUSED_PAUSES)) - 1]
    elif failures <= 1:
        base = _FIRST_PAUSE
    elif outage < _SHORT_OUTAGE:
        base = _QUICK_PAUSE
    else:
        base = min(_LONGEST_PAUSE, _QUICK_PAUSE * 2.0 ** min(failures, 4))
    return base * (1 + JITTER * (2 * chance - 1))
