"""What the screens look up about an alarm: its place, its camera, its device."""

from dataclasses import dataclass

from embereye.config.rule_options import AlarmRule
from embereye.config.schema import Settings
from embereye.model.alarm import Alarm, AlarmKind
from embereye.model.ids import CameraId, DeviceId
from embereye.model.reading import DeviceStatus
from embereye.ui.console import Console

_FIRE = 85.0  # °C; default limit of alarms.md


@dataclass(frozen=True, slots=True)
class AlarmFacts:
    """Beside the alarm itself.

    Attributes:
        guidance: What to do there, may be empty.
        phones: Whom to call, in order.
        camera: The camera to look at, None without one.
        device: The device whose trend tells most, None without one.
        limit: Its fire limit in °C.
    """

    guidance: str
    phones: tuple[str, ...]
    camera: CameraId | None
    device: DeviceId | None
    limit: float


def alarm_facts(console: Console, alarm: Alarm) -> AlarmFacts:
    """Look everything up in the present snapshots. GUI thread."""
    settings = console.settings()
    place = next((p for p in settings.places if p.id == alarm.key.place), None)
    rule = _rule(settings, alarm)
    cameras = console.cameras().cameras
    known = {camera.id for camera in cameras}
    named = [CameraId(c) for c in alarm.cameras if c in known]
    at_place = [camera.id for camera in cameras if camera.place == alarm.key.place]
    camera = next(iter([*named, *at_place]), None)
    device = _device(console.devices().devices, alarm, camera)
    return AlarmFacts(
        guidance=(rule.guidance if rule else "") or (place.guidance if place else ""),
        phones=(rule.phones if rule else ()) or (place.phones if place else ()),
        camera=camera,
        device=None if device is None else device.id,
        limit=_limit(settings, device),
    )


def _rule(settings: Settings, alarm: Alarm) -> AlarmRule | None:
    """The rule of people that raised it; what it says goes before what its place says."""
    if alarm.key.kind is not AlarmKind.RULE:
        return None
    return next((rule for rule in settings.rules if rule.id == alarm.key.source), None)


def _device(
    devices: tuple[DeviceStatus, ...], alarm: Alarm, camera: CameraId | None
) -> DeviceStatus | None:
    def rank(device: DeviceStatus) -> tuple[bool, bool, bool]:
        return (
            device.id == alarm.key.source,
            device.camera is not None and device.camera == camera,
            device.thermal is not None,
        )

    near = [
        device
        for device in devices
        if device.place == alarm.key.place
        or device.id == alarm.key.source
        or (camera is not None and device.camera == camera)
    ]
    return max(near, key=rank, default=None)


def _limit(settings: Settings, device: DeviceStatus | None) -> float:
    if device is not None:
        for known in settings.devices:
            if known.id == device.id:
                return known.limits.thermal_fire
    return _FIRE
