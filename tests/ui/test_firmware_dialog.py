"""The firmware dialog says how far a roll-out is and asks before it begins one."""

import pytest
from consoles import FakeConsole
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from embereye.model.firmware import (
    DeviceUpdate,
    FirmwareImage,
    HaltRolloutAsked,
    Rollout,
    RolloutAsked,
    UpdateState,
)
from embereye.model.ids import DeviceId
from embereye.ui.firmware_dialog import FirmwareDialog
from embereye.ui.theme import Tokens


@pytest.fixture
def dialog(console: FakeConsole, colours: Tokens, qtbot: object) -> FirmwareDialog:
    console.images = (FirmwareImage("1.4.0", "a.bin", 4096, "ab" * 32),)
    made = FirmwareDialog(console, colours)
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize("answer", [QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No])
def test_a_roll_out_is_asked_for_only_after_a_yes(
    dialog: FirmwareDialog,
    console: FakeConsole,
    monkeypatch: pytest.MonkeyPatch,
    answer: QMessageBox.StandardButton,
) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answer)
    QTest.mouseClick(dialog.roll_out_button, Qt.MouseButton.LeftButton)
    wanted = [RolloutAsked("1.4.0", "operator")] if answer is QMessageBox.StandardButton.Yes else []
    assert console.asked == wanted


def test_a_halted_roll_out_says_why_and_cannot_be_halted_again(
    dialog: FirmwareDialog, console: FakeConsole
) -> None:
    failed = DeviceUpdate(DeviceId("d1"), UpdateState.FAILED, console.clock.now(), "it fell silent")
    console.rolled_out = Rollout("1.4.0", (failed,), 0, "device d1: it fell silent", 9)
    dialog.refresh()
    said = dialog.words(console.rolled_out)
    assert said == "Version 1.4.0: 0 of 10 devices done, △ HALTED: device d1: it fell silent."
    assert not dialog.halt_button.isEnabled()
    assert dialog.updates.data(dialog.updates.index(0, 1)) == "△ failed"


def test_a_running_one_can_be_halted(dialog: FirmwareDialog, console: FakeConsole) -> None:
    console.rolled_out = Rollout("1.4.0", (), 0, "", 9)
    dialog.refresh()
    QTest.mouseClick(dialog.halt_button, Qt.MouseButton.LeftButton)
    assert console.asked == [HaltRolloutAsked("operator")]


def test_without_images_it_says_what_to_do_first(
    dialog: FirmwareDialog, console: FakeConsole
) -> None:
    console.images = ()
    dialog.refresh()
    assert not dialog.roll_out_button.isEnabled()
    assert dialog.images.rowCount() == 0
