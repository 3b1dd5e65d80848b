"""Which place a camera or device belongs to."""

from embereye.config.schema import Camera, Device, Place, Settings
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.services.places import places_of

_SITE = places_of(
    Settings(
        places=(Place(id="hall", name="Hall 3"),),
        cameras=(
            Camera(id="a", name="A", source="0", place="hall"),
            Camera(id="b", name="Gate", source="1"),
        ),
        devices=(
            Device(id="d1", name="D1", place="hall"),
            Device(id="d2", name="D2", camera="b"),
            Device(id="d3", name="Pump", camera="gone"),
        ),
    )
)


def test_a_camera_without_a_place_is_its_own_place() -> None:
    assert _SITE.of_camera(CameraId("a")) == "hall"
    assert _SITE.of_camera(CameraId("b")) == "b"
    assert _SITE.name(PlaceId("b")) == "Gate"


def test_a_device_follows_its_place_its_camera_or_itself() -> None:
    assert _SITE.of_device(DeviceId("d1")) == "hall"
    assert _SITE.of_device(DeviceId("d2")) == "b"
    assert _SITE.of_device(DeviceId("d3")) == "d3"
    assert _SITE.name(PlaceId("d3")) == "Pump"


def test_a_stranger_has_a_place_of_its_own_with_a_name() -> None:
    place = _SITE.of_device(DeviceId("99"))
    assert place == "unassigned:99"
    assert _SITE.name(place) == "Unassigned device 99"


def test_the_cameras_of_a_place_are_found() -> None:
    assert _SITE.cameras(PlaceId("hall")) == ("a",)
