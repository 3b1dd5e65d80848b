"""The dialog of a device's keys: asks once, shows once, is not left too soon."""

import os
import tty
from collections.abc import Callable, Iterator
from threading import Thread

import cv2
import numpy as np
import pytest
from consoles import FakeConsole
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from embereye.ingest import enrolment_text
from embereye.model.device_messages import (
    DeviceEnrolled,
    DeviceRevoked,
    EnrolDeviceAsked,
    RevokeDeviceAsked,
    RotateKeyAsked,
)
from embereye.model.ids import DeviceId
from embereye.model.messages import RequestRefused
from embereye.runtime.clock import SystemClock
from embereye.runtime.worker import PlainThreads
from embereye.services.key_writer import KeyWriter
from embereye.ui.bridge import Bridge
from embereye.ui.enrol_dialog import EnrolDialog, KeyStep
from embereye.ui.theme import Tokens

_ONE = DeviceId("boiler-1")
_TEXT = enrolment_text.write("boiler-1", "ab12", bytes(range(32)))

Make = Callable[[KeyStep], EnrolDialog]


@pytest.fixture
def make(console: FakeConsole, bridge: Bridge, colours: Tokens, qtbot: object) -> Iterator[Make]:
    """Makes a dialog that is shown and has the keyboard."""
    made: list[EnrolDialog] = []

    def show(step: KeyStep) -> EnrolDialog:
        writer = KeyWriter(PlainThreads(), SystemClock())
        dialog = EnrolDialog(console, bridge, writer, _ONE, "Boiler house", step)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)  # type: ignore[attr-defined]
        with qtbot.waitActive(dialog):  # type: ignore[attr-defined]
            dialog.show()
            dialog.activateWindow()
        made.append(dialog)
        return dialog

    yield show
    for dialog in made:
        if dialog.view is not None:
            dialog.view.end()


def _with_key(dialog: EnrolDialog, bridge: Bridge) -> EnrolDialog:
    dialog.confirm.click()
    bridge.deliver([DeviceEnrolled(_ONE, "ab12", _TEXT, "operator")])
    return dialog


@pytest.mark.parametrize("step", list(KeyStep))
def test_a_space_unread_changes_nothing(make: Make, console: FakeConsole, step: KeyStep) -> None:
    dialog = make(step)
    focused = QApplication.focusWidget()
    assert focused is dialog.leave
    QTest.keyClick(focused, Qt.Key.Key_Space)
    assert console.asked == []
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (KeyStep.ENROL, EnrolDeviceAsked),
        (KeyStep.ROTATE, RotateKeyAsked),
        (KeyStep.REVOKE, RevokeDeviceAsked),
    ],
)
def test_it_names_the_device_and_asks_once(
    make: Make, console: FakeConsole, step: KeyStep, kind: type
) -> None:
    dialog = make(step)
    assert "Boiler house (boiler-1)" in dialog.question.text()
    dialog.confirm.click()
    dialog.confirm.click()
    assert console.asked == [kind(_ONE, console.settings().operator)]


def test_it_cannot_be_left_while_the_answer_is_on_its_way(make: Make) -> None:
    dialog = make(KeyStep.ENROL)
    dialog.confirm.click()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    dialog.close()
    assert dialog.isVisible()


def test_the_key_is_shown_as_text_and_as_a_code(
    make: Make, console: FakeConsole, bridge: Bridge
) -> None:
    console.configured = console.configured.model_copy(update={"operator": "operator"})
    dialog = _with_key(make(KeyStep.ENROL), bridge)
    assert dialog.view.text.toPlainText() == _TEXT
    image = dialog.view.code.pixmap().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    assert cv2.QRCodeDetector().detectAndDecode(pixels[:, : image.width()].copy())[0] == _TEXT


@pytest.fixture
def _operator(console: FakeConsole) -> None:
    console.configured = console.configured.model_copy(update={"operator": "operator"})


@pytest.mark.usefixtures("_operator")
def test_it_is_not_left_before_the_key_is_kept(make: Make, bridge: Bridge) -> None:
    dialog = _with_key(make(KeyStep.ENROL), bridge)
    for _ in range(2):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        dialog.close()
    assert dialog.isVisible()
    assert "tick the box" in dialog.problem.text()
    dialog.view.stored.setChecked(True)
    dialog.leave.click()
    assert not dialog.isVisible()


@pytest.mark.usefixtures("_operator")
def test_the_key_is_gone_once_it_is_closed(make: Make, bridge: Bridge) -> None:
    dialog = _with_key(make(KeyStep.ROTATE), bridge)
    dialog.view.copy.click()
    assert QGuiApplication.clipboard().text() == _TEXT
    dialog.view.stored.setChecked(True)
    dialog.leave.click()
    assert QGuiApplication.clipboard().text() == ""
    assert dialog.view.text.toPlainText() == ""
    assert dialog.view.code.pixmap().isNull()


@pytest.mark.usefixtures("_operator")
def test_answers_to_others_are_not_shown(make: Make, bridge: Bridge) -> None:
    dialog = make(KeyStep.ENROL)
    bridge.deliver([DeviceEnrolled(_ONE, "ab12", _TEXT, "operator")])  # nobody asked yet
    dialog.confirm.click()
    bridge.deliver(
        [
            DeviceEnrolled(DeviceId("other"), "ab12", _TEXT, "operator"),
            DeviceEnrolled(_ONE, "ab12", _TEXT, "somebody"),
            RequestRefused("Something else.", "operator"),
        ]
    )
    assert dialog.view is None
    assert dialog.problem.text() == ""


@pytest.mark.usefixtures("_operator")
def test_a_refusal_is_shown_and_the_dialog_can_be_left(make: Make, bridge: Bridge) -> None:
    dialog = make(KeyStep.ROTATE)
    dialog.confirm.click()
    bridge.deliver([RequestRefused("It has two keys already.", "operator", "device:boiler-1")])
    assert dialog.problem.text() == "It has two keys already."
    dialog.leave.click()
    assert not dialog.isVisible()


@pytest.mark.usefixtures("_operator")
def test_a_revocation_says_what_it_did(make: Make, bridge: Bridge) -> None:
    dialog = make(KeyStep.REVOKE)
    dialog.confirm.click()
    bridge.deliver([DeviceRevoked(_ONE, "operator")])
    assert "are void" in dialog.question.text()
    assert dialog.confirm.isHidden()
    dialog.leave.click()
    assert not dialog.isVisible()


def test_no_answer_at_all_is_said(make: Make) -> None:
    dialog = make(KeyStep.ENROL)
    dialog.confirm.click()
    dialog._patience.timeout.emit()
    assert "did not answer" in dialog.problem.text()
    dialog.leave.click()
    assert not dialog.isVisible()


@pytest.mark.usefixtures("_operator")
def test_the_key_goes_over_a_serial_port(make: Make, bridge: Bridge, qtbot: object) -> None:
    far, near = os.openpty()
    tty.setraw(near)

    def device() -> None:
        heard = b""
        while not heard.endswith(b"!"):
            heard += os.read(far, 1024)
        os.write(far, b"#keyok:ab12!")

    thread = Thread(target=device)
    thread.start()
    view = _with_key(make(KeyStep.ENROL), bridge).view
    view.port.setEditText(os.ttyname(near))
    view.send.click()
    qtbot.waitUntil(lambda: view.kept, timeout=5000)  # type: ignore[attr-defined]
    thread.join(5.0)
    os.close(far)
    os.close(near)
    assert "stored the key" in view.progress.text()


@pytest.mark.usefixtures("_operator")
def test_a_port_that_fails_is_told_and_can_be_tried_again(
    make: Make, bridge: Bridge, qtbot: object
) -> None:
    view = _with_key(make(KeyStep.ENROL), bridge).view
    view.port.setEditText("/dev/nothing-here")
    view.send.click()
    assert not view.send.isEnabled()
    qtbot.waitUntil(view.send.isEnabled, timeout=5000)  # type: ignore[attr-defined]
    assert "cannot be opened" in view.progress.text()
    assert not view.kept


@pytest.mark.usefixtures("_operator")
def test_a_port_must_be_named(make: Make, bridge: Bridge) -> None:
    view = _with_key(make(KeyStep.ENROL), bridge).view
    view.port.clear()
    view.port.setEditText("  ")
    view.send.click()
    assert "Choose or enter" in view.progress.text()
    assert view.send.isEnabled()
