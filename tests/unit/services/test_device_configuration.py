"""Devices are added, changed, disabled and removed in the settings, whole or not at all."""

from threading import Event, Thread

import pytest

from embereye.config.load import Layers
from embereye.config.schema import Camera, Device, DeviceLimits
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsChanged, SettingsStore
from embereye.model.device_messages import (
    AddDeviceAsked,
    EditDeviceAsked,
    EnableDeviceAsked,
    ImportDevicesAsked,
    RemoveDeviceAsked,
)
from embereye.model.ids import CameraId
from embereye.model.messages import AssignDeviceAsked, EnableCameraAsked, RequestRefused
from embereye.services.configuration import Configuration

LATER = 1_700_003_600.0  # s UTC


class Desk:
    """The configuration with one device, and everything that it says."""

    def __init__(self, folder):
        self.store = SettingsStore(Layers(folder / "settings.toml", environment={}))
        rows = (Device(id="d", name="Boiler", emissivity=0.8), Device(id="e", name="Pump"))
        camera = Camera(id="cam", name="Gate", source="0")
        self.store.save({"devices": rows, "cameras": (camera,)}, 0)
        self.said, self.audit = [], []
        self.done = Event()
        self.service = Configuration(
            self.store,
            FileSecrets(folder),
            self._note,
            self._note,
            lambda *row: self.audit.append(row),
        )

    def _note(self, message):
        self.said.append(message)
        self.done.set()

    def ask(self, request):
        """Until it was done or refused; all refusals."""
        self.done.clear()
        self.said.clear()
        self.service.ask(request)
        stop = Event()
        thread = Thread(target=self.service.run, args=(stop,))
        thread.start()
        assert self.done.wait(10.0)
        stop.set()
        thread.join(10.0)
        return [message.text for message in self.said if isinstance(message, RequestRefused)]

    @property
    def devices(self):
        return {device.id: device for device in self.store.current.devices}


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.mark.parametrize(
    "asked",
    [EnableDeviceAsked("d", False, "anna"), EnableCameraAsked(CameraId("cam"), False, "anna")],
)
def test_a_viewer_switches_nothing_off(desk, asked):
    desk.store.save({"role": "viewer"}, desk.store.current.revision)
    (refusal,) = desk.ask(asked)
    assert "needs the role operator" in refusal
    assert all(row.enabled for row in (*desk.store.current.devices, *desk.store.current.cameras))


def test_a_device_is_added_with_its_options(desk):
    values = {"id": "new", "name": "Silo", "poll": 20.0, "limits": {"thermal_fire": 90.0}}
    assert desk.ask(AddDeviceAsked(values, "anna")) == []
    assert desk.devices["new"].limits.thermal_fire == 90.0
    assert isinstance(desk.said[0], SettingsChanged)
    assert desk.audit[-1][:2] == ("new", "anna")
    assert "name = Silo" in desk.audit[-1][2]


def test_only_the_options_that_were_named_change(desk):
    assert desk.ask(EditDeviceAsked("d", {"name": "Kiln", "period": 12.0}, "anna")) == []
    device = desk.devices["d"]
    assert (device.name, device.period, device.emissivity) == ("Kiln", 12.0, 0.8)
    assert list(desk.devices) == ["d", "e"]  # the order stays
    assert desk.audit == [("d", "anna", "device changed: name = Kiln, period = 12.0")]


def test_none_means_the_default(desk):
    desk.ask(EditDeviceAsked("d", {"emissivity": None}, "anna"))
    assert desk.devices["d"].emissivity == 0.95


@pytest.mark.parametrize(
    ("request_", "texts"),
    [
        (EditDeviceAsked("x", {}, "a"), ["there is no device x any more"]),
        (RemoveDeviceAsked("x", "a"), ["there is no device x any more"]),
        (EnableDeviceAsked("x", False, "a"), ["there is no device x any more"]),
        (EditDeviceAsked("d", {"id": "f"}, "a"), ["id: cannot be changed"]),
        (EditDeviceAsked("d", {"camera": "nope"}, "a"), ["camera: there is no camera nope"]),
        (AddDeviceAsked({"id": "d", "name": "D"}, "a"), ["id: the device d is registered"]),
        (AddDeviceAsked({"id": "n"}, "a"), ["name: is required"]),
        (AddDeviceAsked({"id": "../x", "name": "n"}, "a"), ["id: use 1"]),
        (
            EditDeviceAsked("d", {"poll": 0, "emissivity": 7, "colour": "red"}, "a"),
            ["emissivity: ", "poll: ", "colour: there is no such option"],
        ),
        (EnableDeviceAsked("d", False, "a", -5.0), ["disabled_until: "]),
        (
            AddDeviceAsked({"id": "n", "name": "N", "limits": {"thermal_fire": 31.0}}, "a"),
            ["limits: thermal_high must be below"],
        ),
    ],
)
def test_each_wrong_field_is_one_refusal_and_nothing_changes(desk, request_, texts):
    before = desk.store.current
    said = desk.ask(request_)
    assert len(said) == len(texts)
    for text, start in zip(said, texts, strict=True):
        assert text.startswith(start)
    assert desk.store.current == before
    assert desk.audit == []


def test_none_within_limits_means_their_default(desk):
    desk.ask(AddDeviceAsked({"id": "new", "name": "Silo", "limits": {"gas_limit": 40.0}}, "anna"))
    assert desk.ask(EditDeviceAsked("new", {"limits": {"gas_limit": None}}, "anna")) == []
    assert desk.devices["new"].limits == DeviceLimits()


@pytest.mark.parametrize(
    "asked",
    [
        EditDeviceAsked("nobody", {"name": "Silo"}, "anna"),
        AddDeviceAsked({"id": "nobody", "name": ""}, "anna"),
    ],
)
def test_refusals_name_the_device_whose_settings_they_are_about(desk, asked):
    desk.ask(asked)
    assert desk.said[0].subject == "settings:nobody"


def test_a_device_is_disabled_until_a_moment_and_enabled_without_one(desk):
    assert desk.ask(EnableDeviceAsked("d", False, "anna", LATER)) == []
    device = desk.devices["d"]
    assert (device.enabled, device.disabled_until) == (False, LATER)
    assert desk.ask(EnableDeviceAsked("d", True, "system")) == []
    device = desk.devices["d"]
    assert (device.enabled, device.disabled_until) == (True, 0.0)
    assert [row[1] for row in desk.audit] == ["anna", "system"]


def test_an_edit_that_enables_a_device_forgets_the_moment(desk):
    desk.ask(EnableDeviceAsked("d", False, "anna", LATER))
    desk.ask(EditDeviceAsked("d", {"enabled": True}, "anna"))
    assert desk.devices["d"].disabled_until == 0.0


def test_a_removed_device_is_gone_and_the_others_stay(desk):
    assert desk.ask(RemoveDeviceAsked("d", "anna")) == []
    assert list(desk.devices) == ["e"]
    assert desk.audit == [("d", "anna", "device removed")]


def test_assigning_keeps_the_options_of_a_known_device(desk):
    assert desk.ask(AssignDeviceAsked("d", "Kiln", "yard", None, "anna")) == []
    device = desk.devices["d"]
    assert (device.name, device.place, device.emissivity) == ("Kiln", "yard", 0.8)
    assert desk.audit[-1][:2] == ("d", "anna")


def test_an_import_adds_and_changes_in_one_step(desk):
    rows = ({"id": "d", "name": "Kiln"}, *({"id": f"n{i}", "name": f"N{i}"} for i in range(300)))
    revision = desk.store.current.revision
    assert desk.ask(ImportDevicesAsked(rows, "anna")) == []
    assert len(desk.devices) == 302
    assert (desk.devices["d"].name, desk.devices["d"].emissivity) == ("Kiln", 0.8)
    assert desk.store.current.revision == revision + 1
    assert len(desk.audit) == 301


def test_an_import_with_a_wrong_row_changes_nothing_and_names_the_rows(desk):
    rows = (
        {"id": "n1", "name": "N"},
        {"id": "n1", "name": "Twice"},
        {"name": "no id"},
        {"id": "n2", "name": "N", "poll": "often"},
    )
    said = desk.ask(ImportDevicesAsked(rows, "anna"))
    assert [text.split(":")[0] for text in said] == ["row 2", "row 3", "row 4"]
    assert list(desk.devices) == ["d", "e"]


def test_an_import_that_is_wholly_wrong_says_so_in_few_words(desk):
    said = desk.ask(ImportDevicesAsked(tuple({"id": f"n{i}"} for i in range(500)), "anna"))
    assert len(said) == 21
    assert said[-1] == "and 480 more problems"
