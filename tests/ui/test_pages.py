"""Dialogs send what was entered; pages ask only for what exists."""

import numpy as np
from consoles import FakeConsole, camera, device
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from embereye.config.schema import Place, Settings
from embereye.model.camera import CameraState
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.model.messages import (
    AssignDeviceAsked,
    CameraPasswordAsked,
)
from embereye.model.reading import DeviceState, Profile, ThermalFrame
from embereye.model.trend import Trend
from embereye.storage.readings import CHANNELS
from embereye.ui.dialogs import AssignDialog, PasswordDialog
from embereye.ui.plot import thinned
from embereye.ui.status_line import StatusLine
from embereye.ui.theme import Tokens
from embereye.ui.thermal_view import ThermalView
from embereye.ui.trends_page import TrendsPage
from embereye.ui.wishes import Wishes


def test_a_password_is_asked_for_hidden_and_sent_once(
    console: FakeConsole, clock: FakeClock, colours: Tokens, qtbot: object
) -> None:
    dialog = PasswordDialog(camera("gate", clock), "admin", Wishes(console))
    qtbot.addWidget(dialog)  # type: ignore[attr-defined]
    assert dialog.password.echoMode() is QLineEdit.EchoMode.Password
    dialog.password.setText("s3cret")
    QTest.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    assert console.asked == [CameraPasswordAsked(CameraId("gate"), "admin", "s3cret", "operator")]
    assert "s3cret" not in repr(console.asked)


def test_a_password_without_a_user_is_not_sent(
    console: FakeConsole, clock: FakeClock, colours: Tokens, qtbot: object
) -> None:
    dialog = PasswordDialog(camera("gate", clock), "", Wishes(console))
    qtbot.addWidget(dialog)  # type: ignore[attr-defined]
    QTest.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    assert console.asked == []
    assert dialog._error.text() == "Enter a user name."


def test_a_device_is_assigned_to_a_place_and_a_camera(
    console: FakeConsole, clock: FakeClock, colours: Tokens, qtbot: object
) -> None:
    console.configured = Settings(places=(Place(id="boiler", name="Boiler house"),))
    console.show_cameras(camera("gate", clock, CameraState.LIVE))
    dialog = AssignDialog(console, device("4711", clock, assigned=False), Wishes(console))
    qtbot.addWidget(dialog)  # type: ignore[attr-defined]
    dialog.name.setText("Boiler sensor")
    dialog.place.setCurrentText("Boiler house")
    dialog.camera.setCurrentIndex(1)
    QTest.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    assert console.asked == [
        AssignDeviceAsked(
            DeviceId("4711"), "Boiler sensor", PlaceId("boiler"), CameraId("gate"), "operator"
        )
    ]


class StrictConsole(FakeConsole):
    """Knows the channels that are really kept."""

    def trend(self, device: DeviceId, channel: str, seconds: float) -> Trend:
        end = self.clock.now().utc
        if channel == "gas" and device != "d2":
            return Trend(channel, "ppm", np.empty(0), np.empty(0))
        utc = np.linspace(end - seconds, end, 500)
        values = np.full(500, 40.0)
        values[100:120] = np.nan
        unit = "ppm" if channel == "gas" else CHANNELS[channel].unit  # made by services.gas_trend
        return Trend(channel, unit, utc, values)


def test_the_gas_plot_is_there_for_devices_with_a_gas_sensor_only(
    clock: FakeClock, colours: Tokens, qtbot: object
) -> None:
    console = StrictConsole(clock)
    console.show_devices(device("d1", clock), device("d2", clock))
    page = TrendsPage(console, colours)
    qtbot.addWidget(page)  # type: ignore[attr-defined]
    page.show()
    shown = {}
    for name in ("d1", "d2"):
        page.show_device(DeviceId(name))
        shown[name] = page._plots["ppm"].widget.isVisibleTo(page)
    assert shown == {"d1": False, "d2": True}


def test_trends_ask_only_for_channels_that_are_kept(
    clock: FakeClock, colours: Tokens, qtbot: object
) -> None:
    console = StrictConsole(clock)
    console.show_devices(device("d1", clock), device("d2", clock))
    page = TrendsPage(console, colours)
    qtbot.addWidget(page)  # type: ignore[attr-defined]
    page.resize(1200, 800)
    page.show()
    page.show_device(DeviceId("d2"))
    page.refresh()
    assert page.device.currentData() == "d2"
    assert not page.grab().isNull()


def test_thinning_keeps_peaks_and_gaps() -> None:
    values = np.zeros(50_000)
    values[12_345] = 99.0
    values[40_000:40_100] = np.nan
    thin = thinned(Trend("thermal max", "°C", np.arange(50_000.0), values))
    assert len(thin.utc) < 5_000
    assert np.nanmax(thin.values) == 99.0
    assert np.isnan(thin.values).any()
    assert (np.diff(thin.utc) > 0).all()


def test_a_thermal_picture_of_a_silent_device_does_not_look_live(
    clock: FakeClock, colours: Tokens, qtbot: object
) -> None:
    view = ThermalView(colours, "inferno")
    qtbot.addWidget(view)  # type: ignore[attr-defined]
    view.resize(320, 240)
    cells = np.full((24, 32), 25.0, np.float32)
    frame = ThermalFrame(
        DeviceId("d1"), clock.now(), Profile.CENTI27, cells, cells, 25.0, 25.0, 25.0
    )
    pictures = []
    for state in (DeviceState.LIVE, DeviceState.SILENT):
        view.show_device(device("d1", clock, thermal=frame, state=state))
        pictures.append(view.grab().toImage())
    assert pictures[0] != pictures[1]


def test_a_stranger_that_went_away_is_no_fault(clock: FakeClock, qtbot: object) -> None:
    console = FakeConsole(clock)
    gone = DeviceState.SILENT
    console.show_devices(device("x", clock, assigned=False, state=gone))
    line = StatusLine(console)
    qtbot.addWidget(line)  # type: ignore[attr-defined]
    assert line._devices() == ("1 device", False)
    console.show_devices(device("d1", clock, state=gone))
    assert line._devices()[1]
