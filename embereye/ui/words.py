"""How times, ages and states are said to an operator."""

import html
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from embereye.model.alarm import Alarm, AlarmState


def clock_time(utc: float) -> str:
    """Local wall time, 14:03:22."""
    return datetime.fromtimestamp(utc).astimezone().strftime("%H:%M:%S")


def date_time(utc: float) -> str:
    """Local date and time, 2026-03-01 14:03:22."""
    return f"{datetime.fromtimestamp(utc).astimezone():%Y-%m-%d %H:%M:%S}"


def file_time(utc: float) -> str:
    """Local date and time for names of files, 2026-03-01-1403."""
    return f"{datetime.fromtimestamp(utc).astimezone():%Y-%m-%d-%H%M}"


def full_time(utc: float) -> str:
    """Local date and time with the UTC offset, for tooltips."""
    moment = datetime.fromtimestamp(utc).astimezone()
    offset = moment.strftime("%z")
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC{offset[:3]}:{offset[3:]}"


def span(seconds: float) -> str:
    """A duration in one unit: 19 s, 5 min, 3 h, 2 d."""
    whole = max(0, int(seconds))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if whole >= size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def tip(text: str) -> str:
    """A text for a tooltip, which takes tags for markup: it may come from the network."""
    if "<" not in text:
        return text
    return f"<span>{html.escape(text).replace(chr(10), '<br>')}</span>"


def stopwatch(seconds: float) -> str:
    """A running duration, 00:19 or 1:02:07."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3_600)
    text = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{text}" if hours else text


def celsius(value: float) -> str:
    """A temperature without decimals, as read from three metres."""
    return f"{value:.0f} °C"


def state_word(state: AlarmState) -> str:
    """The state as the alarm list says it."""
    return {
        AlarmState.UNACKNOWLEDGED: _tr("Unacknowledged"),
        AlarmState.ACKNOWLEDGED: _tr("Acknowledged"),
        AlarmState.RETURNED: _tr("Returned, unack."),
        AlarmState.LATCHED: _tr("Latched"),
        AlarmState.NORMAL: _tr("Normal"),
    }[state]


def marks(alarm: Alarm) -> list[str]:
    """What else is to be said about an alarm, in short fixed words."""
    found = []
    if alarm.state is AlarmState.RETURNED:  # else its reasons would read as if they still held
        found.append(_tr("RETURNED"))
    if alarm.escalation:
        times = f" × {alarm.escalation}" if alarm.escalation > 1 else ""
        found.append(_tr("ESCALATED") + times)
    if alarm.chattering:
        found.append(_tr("CHATTERING"))
    if alarm.assigned_to:
        found.append(_tr("assigned to {0}").format(alarm.assigned_to))
    return found


def priority_word(word: str) -> str:
    """A severity word ("FIRE", "HIGH" …) in the operator's language."""
    return _tr(word)


def caption(text: str) -> str:
    """A short fixed text of a tile or a button in the operator's language."""
    return _tr(text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("words", text)
