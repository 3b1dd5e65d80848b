"""Dialogs by keyboard: nothing is pressed or chosen unread."""

from collections.abc import Callable

import pytest
from consoles import FakeConsole, camera, device
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget

from embereye.config.schema import Place, Settings
from embereye.model.messages import AssignDeviceAsked
from embereye.runtime.bus import Bus
from embereye.ui.bridge import Bridge
from embereye.ui.demands import Demands
from embereye.ui.device_actions import DeviceActions
from embereye.ui.devices_page import DevicesPage
from embereye.ui.dialogs import AssignDialog, PasswordDialog
from embereye.ui.theme import Tokens
from embereye.ui.wishes import Wishes

Open = Callable[[QDialog], QDialog]


@pytest.fixture
def shown(qtbot: object) -> Open:
    """Shows a dialog and waits until it has the keyboard."""

    def show(dialog: QDialog) -> QDialog:
        qtbot.addWidget(dialog)  # type: ignore[attr-defined]
        with qtbot.waitActive(dialog):  # type: ignore[attr-defined]
            dialog.show()
            dialog.activateWindow()
        return dialog

    return show


@pytest.mark.parametrize("kind", ["assign", "password"])
def test_the_first_field_has_the_keyboard_and_a_space_sends_nothing(
    kind: str, shown: Open, console: FakeConsole, clock: FakeClock
) -> None:
    wishes, gate = Wishes(console), camera("gate", clock)
    made: dict[str, Callable[[], QDialog]] = {
        "assign": lambda: AssignDialog(console, device("4711", clock, assigned=False), wishes),
        "password": lambda: PasswordDialog(gate, "", wishes),
    }
    dialog = shown(made[kind]())
    focused = QApplication.focusWidget()
    assert isinstance(focused, QLineEdit)
    QTest.keyClick(focused, Qt.Key.Key_Space)
    assert dialog.isVisible()
    assert console.asked == []


def test_the_tab_key_goes_through_the_fields_before_the_buttons(
    shown: Open, console: FakeConsole, clock: FakeClock
) -> None:
    dialog = AssignDialog(console, device("4711", clock, assigned=False), Wishes(console))
    shown(dialog)
    order = []
    for _ in range(4):
        order.append(QApplication.focusWidget())
        QTest.keyClick(order[-1], Qt.Key.Key_Tab)  # type: ignore[arg-type]
    assert order == [dialog.name, dialog.place, dialog.camera, dialog.confirm]


def test_a_device_is_never_assigned_to_a_place_that_nobody_chose(
    shown: Open, console: FakeConsole, clock: FakeClock
) -> None:
    console.configured = Settings(places=(Place(id="boiler", name="Boiler house"),))
    dialog = shown(AssignDialog(console, device("4711", clock, assigned=False), Wishes(console)))
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert console.asked == []


def test_a_wrong_assignment_can_be_corrected(
    console: FakeConsole, clock: FakeClock, colours: Tokens, qtbot: object
) -> None:
    console.configured = Settings(
        places=(Place(id="boiler", name="Boiler house"), Place(id="yard", name="Yard"))
    )
    console.show_cameras(camera("gate", clock))
    known = device("4711", clock, assigned=True, place="yard", camera="gate")
    console.show_devices(known)
    bridge, window = Bridge(Bus()), QWidget()
    qtbot.addWidget(window)  # type: ignore[attr-defined]
    actions = DeviceActions(console, bridge, Demands(console, 25.0), colours, window)
    page = DevicesPage(console, colours, actions)
    qtbot.addWidget(page)  # type: ignore[attr-defined]
    page.refresh()
    bridge.close()
    assert page.assign_button.isVisibleTo(page)
    dialog = AssignDialog(console, known, Wishes(console))
    qtbot.addWidget(dialog)  # type: ignore[attr-defined]
    assert (dialog.place.currentText(), dialog.camera.currentData()) == ("Yard", "gate")
    dialog.place.setCurrentText("Boiler house")
    QTest.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    (asked,) = console.asked
    assert isinstance(asked, AssignDeviceAsked)
    assert (asked.place, asked.camera) == ("boiler", "gate")


@pytest.mark.parametrize(("typed", "sent"), [("New place", []), ("annex-1", ["annex-1"])])
def test_a_new_place_is_taken_as_typed_or_refused_in_words(
    typed: str, sent: list[str], shown: Open, console: FakeConsole, clock: FakeClock
) -> None:
    dialog = AssignDialog(console, device("4711", clock, assigned=False), Wishes(console))
    shown(dialog)
    editor = dialog.place.lineEdit()
    assert editor is not None
    editor.setFocus()
    QTest.keyClicks(editor, typed)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert [asked.place for asked in console.asked] == sent  # type: ignore[attr-defined]
    assert dialog.isVisible() == (not sent)
