"""Which place a camera or a device belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass

from embereye.config.schema import Settings
from embereye.model.alarm import AlarmKey, AlarmKind
from embereye.model.daily_test import is_test_place
from embereye.model.ids import CameraId, DeviceId, PlaceId, unassigned_place

_SYSTEM = PlaceId("system")  # where faults of the program itself are shown


@dataclass(frozen=True, slots=True)
class Places:
    """The map of the site: a frozen view of the settings, replaced as a whole. Any thread.

    A camera without a place is a place of its own; a device without one belongs to its camera's
    place, else it is a place of its own; a device that nobody assigned has the place
    "unassigned:<id>".

    Attributes:
        names: What people call each place.
    """

    by_camera: Mapping[CameraId, PlaceId]
    by_device: Mapping[DeviceId, PlaceId]
    names: Mapping[PlaceId, str]

    def of_camera(self, camera: CameraId) -> PlaceId:
        """The place that a camera watches."""
        return self.by_camera.get(camera, PlaceId(camera))

    def of_device(self, device: DeviceId) -> PlaceId:
        """The place that a device protects."""
        return self.by_device.get(device) or unassigned_place(device)

    def cameras(self, place: PlaceId) -> tuple[CameraId, ...]:
        """The cameras of a place, in the order of the settings."""
        return tuple(camera for camera, where in self.by_camera.items() if where == place)

    def name(self, place: PlaceId) -> str:
        """What people call it."""
        if is_test_place(place):
            return "Self-test"
        if place.startswith("unassigned:"):
            return f"Unassigned device {place.removeprefix('unassigned:')}"
        return self.names.get(place, place)


def places_of(settings: Settings) -> Places:
    """The map that these settings draw."""
    names: dict[PlaceId, str] = {_SYSTEM: "This console"}
    by_camera: dict[CameraId, PlaceId] = {}
    by_device: dict[DeviceId, PlaceId] = {}
    for camera in settings.cameras:
        by_camera[CameraId(camera.id)] = PlaceId(camera.place or camera.id)
        names.setdefault(PlaceId(camera.place or camera.id), camera.name)
    for device in settings.devices:
        seen_by = by_camera.get(CameraId(device.camera))
        by_device[DeviceId(device.id)] = (
            PlaceId(device.place) if device.place else (seen_by or PlaceId(device.id))
        )
        names.setdefault(by_device[DeviceId(device.id)], device.name)
    names.update({PlaceId(place.id): place.name for place in settings.places})
    return Places(by_camera, by_device, names)


def fault_keys(settings: Settings) -> set[AlarmKey]:
    """What may have a fault: cameras and devices that are switched on, at their place."""
    places = places_of(settings)
    cameras = [CameraId(c.id) for c in settings.cameras if c.enabled]
    devices = [DeviceId(d.id) for d in settings.devices if d.enabled]
    return {AlarmKey(places.of_camera(c), AlarmKind.CAMERA_FAULT, c) for c in cameras} | {
        AlarmKey(places.of_device(d), AlarmKind.DEVICE_FAULT, d) for d in devices
    }
