"""The figures and the clock of a camera, in words for the screen."""

from PySide6.QtCore import QCoreApplication

from embereye.model.camera import CameraState, CameraStatus
from embereye.model.camera_clock import ClockCheck
from embereye.model.camera_figures import CameraTotals
from embereye.rules.camera_clock import ClockVerdict, judged
from embereye.ui import words

_NONE = "–"
_FAULTY = (
    CameraState.NO_SIGNAL,
    CameraState.WRONG_PASSWORD,
    CameraState.UNSUPPORTED,
    CameraState.STALE,
)
_SIZES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def is_bad(camera: CameraStatus) -> bool:
    """Whether somebody should look after it."""
    return camera.state in _FAULTY or bool(camera.doubts)


def state(camera: CameraStatus) -> str:
    """Its state, with a shape when it wants attention."""
    mark = "△ " if is_bad(camera) else ""
    return mark + camera.state.value.capitalize()


def size(camera: CameraStatus) -> str:
    """Of its picture, in pixels."""
    counters = camera.counters
    return f"{counters.width} × {counters.height}" if counters.width else _NONE


def rate(per_second: float | None) -> str:
    """Pictures a second."""
    return _NONE if per_second is None else f"{per_second:.1f} fps"


def bit_rate(kbps: float | None) -> str:
    """Video received."""
    return _NONE if kbps is None else f"{kbps:.0f} kbit/s"


def delay(seconds: float | None) -> str:
    """How late pictures come."""
    return _NONE if seconds is None else f"{seconds:.1f} s"


def core(percent: float | None) -> str:
    """Share of one processor core."""
    return _NONE if percent is None else f"{percent:.1f} %"


def milliseconds(value: float | None) -> str:
    """Processor time."""
    return _NONE if value is None else f"{value:.1f} ms"


def losses(per_second: float | None) -> str:
    """Pictures a second that were due and did not come."""
    return _NONE if per_second is None else f"{per_second:.1f} /s"


def looks(per_second: float | None) -> str:
    """Verdicts of detectors a second."""
    return _NONE if per_second is None else f"{per_second:.1f} /s"


def detection(totals: CameraTotals) -> str:
    """What became of the pictures for detection; a dash where there were none."""
    pictures = totals.looked + totals.known + totals.gated
    if not pictures:
        return _NONE
    text = _tr("{0} % looked at · {1} % same · {2} % still")
    parts = (totals.looked, totals.known, totals.gated)
    return text.format(*(round(100 * part / pictures) for part in parts))


def count(number: int | None) -> str:
    """A number of times."""
    return _NONE if number is None else str(number)


def amount(received: int) -> str:
    """Bytes in a unit that people read."""
    for unit, one in _SIZES:
        if received >= one:
            return f"{received / one:.1f} {unit}"
    return f"{received} B"


def clock(check: ClockCheck | None, tolerance: float, now: float) -> str:
    """How its clock stands, and when that was asked; `now` in monotonic seconds."""
    if check is None:
        return _tr("not checked yet")
    if check.offset is None:
        return check.problem
    by = _tr("set by NTP") if check.ntp else _tr("set by hand")
    ago = _tr("checked {0} ago").format(words.span(now - check.at.mono))
    return f"{clock_stand(check, tolerance)} · {by} · {ago}"


def clock_stand(check: ClockCheck, tolerance: float) -> str:
    """ "△ 3 min slow", "8 s fast", "right"."""
    verdict = judged(check, tolerance)
    if check.offset is None or verdict is ClockVerdict.RIGHT:
        return _tr("right")
    text = _tr("{0} fast") if check.offset > 0 else _tr("{0} slow")
    mark = "△ " if verdict is ClockVerdict.WRONG else ""
    return mark + text.format(words.span(abs(check.offset)))


def clock_remark(check: ClockCheck | None, tolerance: float) -> str:
    """What stands beside a camera whose clock is wrong; empty for all others."""
    if check is None or judged(check, tolerance) is not ClockVerdict.WRONG:
        return ""
    stand = clock_stand(check, tolerance).removeprefix("△ ")
    if check.ntp:
        advice = _tr("Check whether it reaches its NTP server.")
    else:
        advice = _tr("Set its time, or give it an NTP server.")
    return _tr("The camera's clock is {0}.").format(stand) + " " + advice


def _tr(text: str) -> str:
    return QCoreApplication.translate("camera_words", text)
