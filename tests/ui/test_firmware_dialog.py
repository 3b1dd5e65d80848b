"""The firmware dialog says how far a roll-out is and asks before it begins one."""

import pytest
from consoles import FakeConsole
from dialog_parts import answer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from embereye.model.firmware import (
    DeviceUpdate,
    FirmwareImage,
    HaltRolloutAsked,
    Rollout,
    RolloutAsked,
    UpdateState,
)
from embereye.model.ids import DeviceId
from embereye.model.messages import RequestRefused
from embereye.model.security import SecurityKind, SecurityRow, SecurityTable
from embereye.ui.bridge import Bridge
from embereye.ui.firmware_dialog import FirmwareDialog
from embereye.ui.theme import Tokens


@pytest.fixture
def dialog(console: FakeConsole, bridge: Bridge, colours: Tokens, qtbot: object) -> FirmwareDialog:
    console.images = (FirmwareImage("1.4.0", "a.bin", 4096, "ab" * 32),)
    made = FirmwareDialog(console, bridge, colours)
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize("yes", [True, False])
def test_a_roll_out_is_asked_for_only_after_a_yes(
    dialog: FirmwareDialog,
    console: FakeConsole,
    yes: bool,
) -> None:
    QTest.mouseClick(dialog.roll_out_button, Qt.MouseButton.LeftButton)
    answer(dialog, yes)
    assert console.asked == ([RolloutAsked("1.4.0", "operator")] if yes else [])


def test_a_refusal_is_said_in_the_dialog(dialog: FirmwareDialog, bridge: Bridge) -> None:
    dialog.show()
    bridge.deliver([RequestRefused("The repository is not signed.", "operator", "firmware")])
    assert dialog._problem.isVisible()
    assert dialog._problem.text() == "The repository is not signed."


def test_it_says_what_became_of_a_request(dialog: FirmwareDialog, console: FakeConsole) -> None:
    text = "operator trusts the firmware maker with the keys 1a2b3c4d."
    row = SecurityRow(SecurityKind.FIRMWARE, "firmware", text, console.clock.now())
    console.security_table = SecurityTable(1, (row,))
    dialog.refresh()
    assert dialog._newest.text().endswith(text)


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
    console.rolled_out = Rollout("1.4.0", (), 2, "", 0, finished=True)
    dialog.refresh()
    assert not dialog.halt_button.isEnabled()


def test_without_images_it_says_what_to_do_first(
    dialog: FirmwareDialog, console: FakeConsole
) -> None:
    console.images = ()
    dialog.refresh()
    assert not dialog.roll_out_button.isEnabled()
    assert dialog.images.rowCount() == 0
