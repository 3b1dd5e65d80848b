"""Joins the program's snapshots into what each camera's tile shows."""

from dataclasses import replace

from embereye.config.schema import Camera
from embereye.model.alarm import FAULTS, Alarm
from embereye.model.camera import CameraStatus
from embereye.model.detection import FIRE, SMOKE, DetectionResult
from embereye.model.ids import CameraId, DeviceId
from embereye.model.reading import DeviceStatus
from embereye.model.sighting import Followed
from embereye.rules.alarm_digest import digest
from embereye.ui.console import Console
from embereye.ui.overlay import ThermalLayer
from embereye.ui.projection import Corners
from embereye.ui.theme import Tokens
from embereye.ui.tile_scene import USUAL, Overlay
from embereye.ui.zone_draft import Drawn, draft_of

_BOX_AGE = 2.5  # s; a still picture is looked at every 2 s, so an older verdict is overdue
_FIRE, _HIGH = 85.0, 60.0  # °C; defaults of alarms.md, for devices without settings


class Scenes:
    """Looks up cameras, alarms and devices by camera; cheap to refresh at each tick. GUI thread.

    Attributes:
        changed: Cameras whose alarm, state or heat changed at the last `refresh`.
    """

    def __init__(self, console: Console, colours: Tokens) -> None:
        self._console = console
        self._colours = colours
        self._cameras: dict[CameraId, CameraStatus] = {}
        self._rows: dict[CameraId, Camera] = {}
        self._drawn: dict[CameraId, tuple[Drawn, ...]] = {}
        self._alarms: dict[CameraId, Alarm] = {}
        self._promoted: tuple[CameraId, ...] = ()
        self._devices: dict[CameraId, DeviceStatus] = {}
        self._layers: dict[DeviceId, ThermalLayer] = {}
        self._corners: dict[DeviceId, Corners] = {}
        self._limits: dict[DeviceId, tuple[float, float]] = {}
        self._counted: dict[CameraId, tuple[DetectionResult, DetectionResult]] = {}
        self._seen: tuple[object, ...] = (None, None, None)

    def refresh(self) -> set[CameraId]:
        """Take in new snapshots; the cameras whose tiles look different now."""
        tables = (self._console.cameras(), self._console.alarms(), self._console.devices())
        changed: set[CameraId] = set()
        if tables[0] is not self._seen[0]:
            changed |= self._replace_cameras(tables[0].cameras)
        if tables[1] is not self._seen[1]:
            changed |= self._replace_alarms(tables[1].alarms)
        if tables[0] is not self._seen[0] or tables[1] is not self._seen[1]:
            self._promoted = self._first_cameras(digest(tables[1].alarms).calling)
        if tables[2] is not self._seen[2]:
            changed |= self._replace_devices(tables[2].devices)
        self._seen = tables
        return changed

    def camera(self, camera: CameraId) -> CameraStatus | None:
        return self._cameras.get(camera)

    def cameras(self) -> tuple[CameraStatus, ...]:
        """All of them, in the order of the settings."""
        return tuple(self._cameras.values())

    def alarm(self, camera: CameraId) -> Alarm | None:
        """The worst alarm (not a fault) that this camera belongs to; one that an overlay covers
        only where there is no other."""
        return self._alarms.get(camera)

    def promoted(self) -> list[CameraId]:
        """Cameras to show large: first camera of each alarm that calls, worst and oldest first.

        As of the last `refresh`: it is asked at each tick, and 3,000 alarms may call.
        First-out: an alarm of equal priority never takes the large tile from an older one.
        """
        return list(self._promoted)

    def layer(self, camera: CameraId) -> ThermalLayer | None:
        """The heat of the device that looks along with this camera."""
        device = self._devices.get(camera)
        return None if device is None else self._layers.get(device.id)

    def boxes(self, camera: CameraId, mono: float) -> DetectionResult | None:
        """What counts of the newest verdict, unless it is too old to be drawn over a picture.

        Flame and smoke below their limit are hints for the rules, not for the eye: on a quiet wall
        colour must mean something.
        """
        result = self._console.detections().get(camera)
        if result is None or not result.detections or mono - result.at.mono > _BOX_AGE:
            return None
        known = self._counted.get(camera)
        if known is None or known[0] is not result:
            known = self._counted[camera] = (result, self._counting(result))
        return known[1] if known[1].detections else None

    def _counting(self, result: DetectionResult) -> DetectionResult:
        options = self._console.settings().detection
        limits = {FIRE: options.fire_confidence, SMOKE: options.smoke_confidence}
        counting = tuple(d for d in result.detections if d.confidence >= limits.get(d.label, 0.0))
        return replace(result, detections=counting)

    def followed(self, camera: CameraId, mono: float) -> tuple[Followed, ...]:
        """The objects followed in its picture, unless the newest verdict is too old."""
        result = self._console.detections().get(camera)
        if result is None or mono - result.at.mono > _BOX_AGE:
            return ()
        return self._console.followed().get(camera, ())

    def zones(self, camera: CameraId) -> tuple[Drawn, ...]:
        """The areas and lines drawn on its picture."""
        return self._drawn.get(camera, ())

    def overlays(self, camera: CameraId) -> frozenset[Overlay]:
        """What is switched on for it."""
        row = self._rows.get(camera)
        return USUAL if row is None else frozenset(Overlay(name) for name in row.overlays)

    def limit_colour(self, camera: CameraId) -> str:
        """Colour of the temperature: fire, high or empty for normal."""
        device = self._devices.get(camera)
        if device is None or device.thermal is None or device.thermal.max_celsius is None:
            return ""
        fire, high = self._limits.get(device.id, (_FIRE, _HIGH))
        if device.thermal.max_celsius >= fire:
            return self._colours.fire
        return self._colours.high if device.thermal.max_celsius >= high else ""

    def _replace_cameras(self, cameras: tuple[CameraStatus, ...]) -> set[CameraId]:
        new = {camera.id: camera for camera in cameras}
        changed = {key for key, value in new.items() if self._cameras.get(key) is not value}
        changed |= self._cameras.keys() - new.keys()
        self._cameras = new
        self._counted = {key: seen for key, seen in self._counted.items() if key in new}
        self._limits = {
            DeviceId(d.id): (d.limits.thermal_fire, d.limits.thermal_high)
            for d in self._console.settings().devices
        }
        self._corners = {DeviceId(d.id): d.alignment for d in self._console.settings().devices}
        return changed | self._replace_rows(self._console.settings().cameras)

    def _replace_rows(self, cameras: tuple[Camera, ...]) -> set[CameraId]:
        rows = {CameraId(row.id): row for row in cameras}
        changed = {key for key, row in rows.items() if self._rows.get(key) is not row}
        for camera in changed:
            self._drawn[camera] = draft_of(rows[camera]).shapes
        self._drawn = {key: self._drawn[key] for key in rows}
        self._rows = rows
        return changed

    def _replace_alarms(self, alarms: tuple[Alarm, ...]) -> set[CameraId]:
        new: dict[CameraId, Alarm] = {}
        known = digest(alarms)
        for alarm in (*known.uncovered, *known.covered):  # worst first, what is covered last
            if alarm.key.kind in FAULTS:
                continue
            for camera in alarm.cameras:
                new.setdefault(CameraId(camera), alarm)
        before, self._alarms = self._alarms, new
        return {key for key in new.keys() | before.keys() if new.get(key) != before.get(key)}

    def _first_cameras(self, calling: tuple[Alarm, ...]) -> tuple[CameraId, ...]:
        """The first camera on the wall of each alarm, none twice."""
        found: dict[CameraId, None] = {}
        for alarm in calling:
            if alarm.key.kind not in FAULTS:
                first = next((CameraId(c) for c in alarm.cameras if c in self._cameras), None)
                if first is not None:
                    found[first] = None
        return tuple(found)

    def _replace_devices(self, devices: tuple[DeviceStatus, ...]) -> set[CameraId]:
        changed: set[CameraId] = set()
        new: dict[CameraId, DeviceStatus] = {}
        for device in devices:
            if device.camera is None:
                continue
            known = new.get(device.camera)
            if known is None or _hotter(device, known):
                new[device.camera] = device
            hot = self._limits.get(device.id, (_FIRE, _HIGH))[1]
            if self._layers.setdefault(device.id, ThermalLayer()).note(
                device, hot, self._corners.get(device.id, ())
            ):
                changed.add(device.camera)
        changed |= self._devices.keys() - new.keys()
        self._devices = new
        return changed


def _hotter(one: DeviceStatus, other: DeviceStatus) -> bool:
    def maximum(device: DeviceStatus) -> float:
        frame = device.thermal
        return -1e9 if frame is None or frame.max_celsius is None else frame.max_celsius

    return maximum(one) > maximum(other)
