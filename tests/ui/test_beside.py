"""No dialog keeps an operator from the alarms."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from consoles import FakeConsole, alarm, camera, device, thermal
from dialog_parts import answer, open_dialogs
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from embereye.config.schema import Camera, Device, Settings
from embereye.model.camera import CameraState
from embereye.model.device_messages import DeviceEnrolled
from embereye.model.ids import AlarmId, CameraId, DeviceId
from embereye.model.messages import AcknowledgeAsked, SilenceAsked
from embereye.ui.beside import FileChooser, Question
from embereye.ui.enrol_dialog import EnrolDialog
from embereye.ui.freshness import Remedy, RemedyAsked
from embereye.ui.main_window import MainWindow
from embereye.ui.pages import Page

Open = Callable[[MainWindow], object]


def _deed(name: str) -> Open:
    return lambda window: getattr(window.pages.device_actions, name).trigger()


def _remedy(remedy: Remedy) -> Open:
    return lambda window: window.remedies.camera(RemedyAsked(CameraId("gate"), remedy))


def _give_up_regions(window: MainWindow) -> None:
    window.devices.regions_asked.emit(window.devices.selection())
    window.pages.regions.tools.whole_button.click()
    window.pages.regions.back_button.click()


OPENERS: dict[str, Open] = {
    "edit": _deed("edit"),
    "disable": _deed("enable"),
    "enrol": _deed("enrol"),
    "relearn": _deed("relearn"),
    "remove": _deed("remove"),
    "add": lambda window: window.pages.device_actions.add(),
    "firmware": lambda window: window.pages.device_actions.firmware(),
    "align": lambda window: window.devices.detail.align_button.click(),
    "export": lambda window: window.pages.device_actions.exchange.export(),
    "import": lambda window: window.pages.device_actions.exchange.take(),
    "assign": lambda window: window.devices.assign_button.click(),
    "keys": lambda window: window._show_keys(),
    "password": _remedy(Remedy.PASSWORD),
    "camera": _remedy(Remedy.EDIT),
    "give up regions": _give_up_regions,
    "walk test": lambda window: window.walk.ask(),
}


@pytest.fixture
def busy(window: MainWindow, console: FakeConsole, clock: FakeClock) -> MainWindow:
    gate = Camera(id="gate", name="Gate", source="rtsp://10.1.2.3/1")
    console.configured = Settings(devices=(Device(id="boiler", name="Boiler"),), cameras=(gate,))
    console.show_cameras(camera("gate", clock, CameraState.WRONG_PASSWORD))
    heat = thermal("boiler", clock)
    console.show_devices(device("boiler", clock, camera=CameraId("gate"), thermal=heat))
    console.show_alarms(alarm(1, clock))
    window.show()
    window.show_page(Page.DEVICES)
    window._refresh_alarms()
    return window


@pytest.mark.parametrize("kind", OPENERS)
def test_alarms_are_acknowledged_and_silenced_beside_every_dialog(
    busy: MainWindow, console: FakeConsole, qtbot: QtBot, kind: str
) -> None:
    OPENERS[kind](busy)
    (dialog,) = open_dialogs(busy)
    qtbot.waitUntil(dialog.isActiveWindow)
    assert not dialog.isModal()
    assert dialog.geometry().top() >= busy.bar.geometry().bottom()
    console.asked.clear()
    typed = isinstance(dialog.focusWidget(), QLineEdit)
    if not typed:  # a letter typed into a field is a letter
        QTest.keyClick(dialog, Qt.Key.Key_M)
        QTest.keyClick(dialog, Qt.Key.Key_A)
    for popup in busy.popups.popups():
        QTest.mouseClick(popup.acknowledge_button, Qt.MouseButton.LeftButton)
        QTest.mouseClick(popup.silence_button, Qt.MouseButton.LeftButton)
    assert console.asked.count(AcknowledgeAsked(AlarmId(1), "operator")) == 2 - typed
    assert sum(isinstance(asked, SilenceAsked) for asked in console.asked) == 2 - typed


@pytest.mark.parametrize("kind", OPENERS)
def test_the_same_dialog_is_not_opened_twice(busy: MainWindow, qtbot: QtBot, kind: str) -> None:
    OPENERS[kind](busy)
    OPENERS[kind](busy)
    assert len(open_dialogs(busy)) == 1


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
@pytest.mark.parametrize("kind", OPENERS)
def test_every_dialog_fits_below_the_alarm_bar(
    busy: MainWindow, kind: str, size: tuple[int, int]
) -> None:
    busy.resize(*size)
    OPENERS[kind](busy)
    (dialog,) = open_dialogs(busy)
    where = dialog.geometry().translated(-busy.pos())
    assert where.top() >= busy.bar.geometry().bottom()
    assert where.bottom() <= busy.height()
    assert where.left() >= 0
    assert where.right() <= busy.width()


def test_a_dialog_that_grows_stays_in_sight(busy: MainWindow, console: FakeConsole) -> None:
    busy.resize(1280, 720)
    OPENERS["enrol"](busy)
    (dialog,) = open_dialogs(busy)
    assert isinstance(dialog, EnrolDialog)
    dialog.confirm.click()
    text = "ee2:boiler:1a2b3c:" + "0" * 64 + ":00000000"
    dialog._answered(DeviceEnrolled(DeviceId("boiler"), "1a2b3c", text, "operator"))
    close = dialog.leave.mapTo(dialog, dialog.leave.rect().bottomRight())
    assert (dialog.pos() + close - busy.pos()).y() <= busy.height()
    dialog.view.stored.setChecked(True)
    dialog.close()


def test_the_window_is_not_closed_over_a_key_that_is_shown_once(busy: MainWindow) -> None:
    OPENERS["enrol"](busy)
    (dialog,) = open_dialogs(busy)
    assert isinstance(dialog, EnrolDialog)
    dialog.confirm.click()
    assert not busy.may_close()  # the key is on its way
    text = "ee2:boiler:1a2b3c:" + "0" * 64 + ":00000000"
    dialog._answered(DeviceEnrolled(DeviceId("boiler"), "1a2b3c", text, "operator"))
    assert not busy.may_close()
    dialog.view.stored.setChecked(True)
    assert busy.may_close()


def test_the_window_is_closed_over_unsaved_regions_only_after_a_yes(busy: MainWindow) -> None:
    busy.devices.regions_asked.emit(busy.devices.selection())
    assert busy.may_close()
    busy.pages.regions.tools.whole_button.click()
    assert not busy.may_close()
    answer(busy, True)
    assert not busy.isVisible()


def test_what_is_typed_into_a_dialog_silences_nothing(
    busy: MainWindow, console: FakeConsole, qtbot: QtBot
) -> None:
    OPENERS["edit"](busy)
    (dialog,) = open_dialogs(busy)
    field = dialog.findChild(QLineEdit)
    qtbot.waitUntil(dialog.isActiveWindow)
    field.setFocus()
    console.asked.clear()
    QTest.keyClicks(field, "ma")
    assert console.asked == []
    assert field.text().endswith("ma")


@pytest.mark.parametrize("page", [Page.DEVICES, Page.REGIONS, Page.PLAYBACK, Page.TRENDS])
def test_long_names_do_not_widen_the_window(
    busy: MainWindow, console: FakeConsole, clock: FakeClock, page: Page
) -> None:
    name = "Turbine hall B " * 8
    console.configured = Settings(devices=(Device(id="boiler", name=name),))
    seen = device("boiler", clock, thermal=thermal("boiler", clock))
    console.show_devices(replace(seen, name=name))
    busy.devices.refresh()
    busy.pages.regions.edit(DeviceId("boiler"))
    busy.show_page(page)
    assert busy.centralWidget().minimumSizeHint().width() <= 1280


def test_choosing_what_is_not_there_does_nothing(busy: MainWindow, tmp_path: Path) -> None:
    chooser = FileChooser("Choose", busy, "*.csv")
    chosen: list[str] = []
    chooser.chosen.connect(chosen.append)
    chooser.setDirectory(str(tmp_path))
    chooser.selectFile(str(tmp_path / "nothing.csv"))
    chooser.accept()
    assert chosen == []
    chooser.deleteLater()


def test_only_the_file_that_was_asked_about_is_replaced(tmp_path: Path, qtbot: QtBot) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("kept")
    window = QWidget()
    qtbot.addWidget(window)
    chooser = FileChooser("Export", window, "*.csv")
    chooser.setDirectory(str(tmp_path))
    chooser.to_write("a.csv", "csv")
    chosen: list[str] = []
    chooser.chosen.connect(chosen.append)
    chooser.show()
    chooser.selectFile("a.csv")
    chooser.accept()
    (question,) = chooser.findChildren(Question)
    chooser.selectFile("b.csv")
    QTest.mouseClick(question.verb, Qt.MouseButton.LeftButton)
    assert chosen == [str(tmp_path / "a.csv")]
