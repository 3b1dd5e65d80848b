"""Whose evidence a test alarm is."""

from embereye.model.alarm import Alarm, AlarmKind

_FAULTY = {AlarmKind.CAMERA_FAULT: "camera", AlarmKind.DEVICE_FAULT: "device"}


def sources_of(alarm: Alarm) -> tuple[str, ...]:
    """ "camera ID" or "device ID" of all that raised it; a fault is its own evidence."""
    kind = _FAULTY.get(alarm.key.kind)
    faulty = (f"{kind} {alarm.key.source}",) if kind and alarm.key.source else ()
    return tuple(dict.fromkeys((*faulty, *alarm.sources)))
