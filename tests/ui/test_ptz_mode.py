"""PTZ mode as an operator meets it: keys, clicks and a panel that move one camera."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from consoles import FakeConsole, camera
from fakes import FakeClock
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from zoom_parts import put_quarters, wheel

from embereye.model.camera import CameraState
from embereye.model.ids import CameraId
from embereye.model.ptz import (
    PtzCentreAsked,
    PtzCloseAsked,
    PtzHomeAsked,
    PtzMoveAsked,
    PtzOpenAsked,
    PtzPreset,
    PtzPresetAsked,
    PtzState,
    PtzStatus,
    PtzStopAsked,
)
from embereye.ui.demands import Demands
from embereye.ui.main_window import MainWindow
from embereye.ui.pages import Page
from embereye.ui.ptz_mode import PtzMode
from embereye.ui.theme import Tokens
from embereye.ui.wall_page import WallPage

_C0, _C1 = CameraId("c00"), CameraId("c01")
_READY = PtzStatus(
    PtzState.READY,
    turns=True,
    zooms=True,
    centres=True,
    home=True,
    presets=(PtzPreset("1", "Gate"), PtzPreset("7", "Tank 7")),
)


class Wall:
    """A wall of two domes with the mode that moves them."""

    def __init__(self, console: FakeConsole, colours: Tokens) -> None:
        self.console = console
        console.show_cameras(*[camera(name, console.clock) for name in (_C0, _C1)])
        for name in (_C0, _C1):
            put_quarters(console, name)
            console.domes[name] = _READY
        self.page = WallPage(console, Demands(console, 25.0), colours)
        self.mode = PtzMode(console, self.page)
        self.page.resize(1280, 720)
        self.page.show()
        self.canvas = self.page.canvas
        self.look()

    @property
    def asked(self) -> list[object]:
        return self.console.asked

    def look(self) -> None:
        self.canvas.tick()
        self.canvas.grab()

    def begin(self) -> None:
        self.canvas.select(_C0)
        self.mode.begin()
        self.look()
        self.asked.clear()

    def press(self, key: Qt.Key) -> None:
        QTest.keyPress(self.canvas, key)

    def release(self, key: Qt.Key) -> None:
        QTest.keyRelease(self.canvas, key)

    def button(self, name: str) -> QToolButton:
        found = self.mode.panel.findChildren(QToolButton)
        return next(button for button in found if button.accessibleName() == name)

    def place(self, x: float, y: float, name: CameraId = _C0) -> QPoint:
        area = self.canvas.picture_area(name)
        assert area is not None
        return QPoint(round(area.x() + x * area.width()), round(area.y() + y * area.height()))

    def click(self, at: QPoint) -> None:
        QTest.mouseClick(self.canvas, Qt.MouseButton.LeftButton, pos=at)


@pytest.fixture
def wall(console: FakeConsole, colours: Tokens, qtbot: object) -> Iterator[Wall]:
    made = Wall(console, colours)
    qtbot.addWidget(made.page)  # type: ignore[attr-defined]
    yield made
    made.mode.end()


def _move(pan: float, tilt: float, zoom: float = 0.0) -> PtzMoveAsked:
    return PtzMoveAsked(_C0, pan, tilt, zoom, "operator")


_STOP = PtzStopAsked(_C0, "operator")


def test_p_begins_and_esc_ends(wall: Wall, qtbot: object) -> None:
    wall.canvas.select(_C0)
    with qtbot.waitActive(wall.page):  # type: ignore[attr-defined]
        wall.page.activateWindow()
    wall.canvas.setFocus()
    QTest.keyClick(wall.canvas, Qt.Key.Key_P)
    assert wall.mode.active
    assert wall.mode.panel.isVisible()
    assert wall.canvas.steered == _C0
    assert wall.asked == [PtzOpenAsked(_C0, "operator")]
    QTest.keyClick(wall.canvas, Qt.Key.Key_Escape)
    assert not wall.mode.active
    assert not wall.mode.panel.isVisible()
    assert wall.canvas.steered is None
    assert wall.asked[1:] == [PtzCloseAsked(_C0, "operator")]


def test_an_arrow_moves_the_camera_while_it_is_held_and_the_selection_stays(wall: Wall) -> None:
    wall.begin()
    wall.press(Qt.Key.Key_Right)
    assert wall.asked == [_move(0.5, 0.0)]
    wall.release(Qt.Key.Key_Right)
    assert wall.asked == [_move(0.5, 0.0), _STOP]
    assert wall.canvas.selected == _C0


def test_two_arrows_move_it_aslant_and_the_remaining_one_straight(wall: Wall) -> None:
    wall.begin()
    wall.press(Qt.Key.Key_Right)
    wall.press(Qt.Key.Key_Up)
    wall.release(Qt.Key.Key_Right)
    wall.release(Qt.Key.Key_Up)
    assert wall.asked == [_move(0.5, 0.0), _move(0.5, 0.5), _move(0.0, 0.5), _STOP]


def test_what_is_held_is_asked_again_before_the_service_stops_it(wall: Wall, qtbot: object) -> None:
    wall.begin()
    wall.press(Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: len(wall.asked) >= 3, timeout=1150)  # type: ignore[attr-defined]
    assert set(wall.asked) == {_move(0.0, 0.0, 0.5)}
    wall.release(Qt.Key.Key_Plus)
    assert wall.asked[-1] == _STOP


@pytest.mark.parametrize("kind", [QEvent.Type.FocusOut, QEvent.Type.WindowDeactivate])
def test_the_camera_stands_still_when_the_keyboard_goes_elsewhere(
    wall: Wall, kind: QEvent.Type
) -> None:
    wall.begin()
    wall.press(Qt.Key.Key_Left)
    event = QFocusEvent(kind) if kind is QEvent.Type.FocusOut else QEvent(kind)
    QApplication.sendEvent(wall.canvas, event)
    assert wall.asked[-1] == _STOP
    assert not wall.mode.drive.moving


def test_the_camera_stands_still_when_another_one_is_selected(wall: Wall) -> None:
    wall.begin()
    wall.press(Qt.Key.Key_Left)
    wall.canvas.select(_C1)
    assert wall.asked[1:] == [_STOP, PtzOpenAsked(_C1, "operator")]
    assert wall.canvas.steered == _C1
    wall.mode.end()
    assert wall.asked[3:] == [PtzCloseAsked(_C0, "operator"), PtzCloseAsked(_C1, "operator")]


def test_the_camera_stands_still_when_the_wall_is_hidden(wall: Wall) -> None:
    wall.begin()
    wall.press(Qt.Key.Key_Left)
    wall.page.hide()
    assert _STOP in wall.asked
    assert wall.asked[-1] == PtzCloseAsked(_C0, "operator")
    assert not wall.mode.active


def test_buttons_move_while_they_are_held(wall: Wall) -> None:
    wall.begin()
    wall.mode.panel.speed.setValue(100)
    up_left, nearer = wall.button("Up left"), wall.button("Zoom in")
    QTest.mousePress(up_left, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(up_left, Qt.MouseButton.LeftButton)
    QTest.mousePress(nearer, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(nearer, Qt.MouseButton.LeftButton)
    assert wall.asked == [_move(-1.0, 1.0), _STOP, _move(0.0, 0.0, 1.0), _STOP]


def test_stop_also_ends_what_goes_to_a_preset(wall: Wall) -> None:
    wall.begin()
    QTest.mouseClick(wall.button("Stop"), Qt.MouseButton.LeftButton)
    assert wall.asked == [_STOP]


def test_a_click_in_the_picture_is_brought_to_the_middle(wall: Wall) -> None:
    wall.begin()
    wall.click(wall.place(0.75, 0.25))
    (centred,) = wall.asked
    assert isinstance(centred, PtzCentreAsked)
    assert (centred.x, centred.y) == pytest.approx((0.75, 0.25), abs=0.01)


def test_a_click_in_a_zoomed_picture_means_what_is_seen_there(wall: Wall) -> None:
    wall.begin()
    wheel(wall.canvas, wall.place(0.0, 0.0), 2)  # the upper left quarter
    wall.click(wall.place(1.0, 1.0) - QPoint(1, 1))
    (centred,) = wall.asked
    assert isinstance(centred, PtzCentreAsked)
    assert (centred.x, centred.y) == pytest.approx((0.5, 0.5), abs=0.01)


def test_a_click_at_another_tile_only_selects_it(wall: Wall) -> None:
    wall.begin()
    wall.click(wall.place(0.5, 0.5, _C1))
    assert wall.asked == [PtzOpenAsked(_C1, "operator")]


def test_clicks_do_nothing_where_that_is_not_wanted_or_not_offered(wall: Wall) -> None:
    wall.begin()
    wall.mode.panel.centring.setChecked(False)
    wall.click(wall.place(0.75, 0.25))
    wall.mode.panel.centring.setChecked(True)
    wall.console.domes[_C0] = PtzStatus(PtzState.READY, turns=True)
    wall.click(wall.place(0.75, 0.25))
    assert wall.asked == []


def test_a_preset_is_chosen_and_reached(wall: Wall) -> None:
    wall.begin()
    panel = wall.mode.panel
    assert not panel.go.isEnabled()
    panel.presets.setCurrentRow(1)
    panel.go.click()
    panel.home.click()
    assert wall.asked == [PtzPresetAsked(_C0, "7", "operator"), PtzHomeAsked(_C0, "operator")]


def test_a_choice_among_presets_survives_a_change_of_the_state(wall: Wall) -> None:
    wall.begin()
    panel = wall.mode.panel
    panel.presets.setCurrentRow(1)
    wall.console.domes[_C0] = replace(_READY, moving=True)
    wall.mode._look()
    assert panel.presets.currentRow() == 1


def test_only_what_the_camera_offers_can_be_pressed(wall: Wall) -> None:
    wall.begin()
    panel = wall.mode.panel
    wall.console.domes[_C0] = PtzStatus(PtzState.READY, zooms=True)
    wall.mode._look()
    assert not wall.button("Left").isEnabled()
    assert wall.button("Zoom in").isEnabled()
    assert not panel.home.isVisible()
    assert not panel.presets.isVisible()


def test_a_camera_that_cannot_be_moved_says_why_and_can_be_asked_again(wall: Wall) -> None:
    text = "This camera does not offer PTZ over ONVIF."
    wall.begin()
    wall.console.domes[_C0] = PtzStatus(PtzState.FAILED, text)
    wall.mode._look()
    assert wall.mode.panel.problem.text() == f"△ {text}"
    wall.press(Qt.Key.Key_Right)
    assert wall.asked == []
    assert wall.canvas.selected == _C0
    wall.mode.panel.again.click()
    assert wall.asked == [PtzOpenAsked(_C0, "operator")]


def test_a_camera_that_is_switched_off_says_what_to_do(wall: Wall) -> None:
    wall.begin()
    off = camera(_C0, wall.console.clock, CameraState.DISABLED)
    wall.console.show_cameras(off, camera(_C1, wall.console.clock))
    wall.mode._look()
    assert "Enable it" in wall.mode.panel.problem.text()
    wall.press(Qt.Key.Key_Right)
    assert wall.asked == []


def test_a_camera_whose_talk_ended_is_asked_for_again(wall: Wall, clock: FakeClock) -> None:
    wall.begin()
    del wall.console.domes[_C0]  # such as by a new password
    wall.mode._look()
    assert wall.asked == []  # it was only just asked for
    clock.advance(2.1)
    wall.mode._look()
    wall.mode._look()
    assert wall.asked == [PtzOpenAsked(_C0, "operator")]


def test_a_camera_stays_at_hand_while_the_panel_is_open(wall: Wall, clock: FakeClock) -> None:
    wall.begin()
    for _ in range(7):
        clock.advance(15.0)
        wall.mode._look()
    assert wall.asked == [PtzOpenAsked(_C0, "operator")] * 2


def test_without_a_selection_the_panel_says_what_to_do(wall: Wall) -> None:
    wall.mode.begin()
    assert wall.mode.panel.words.text() == "Select a camera on the wall."
    wall.press(Qt.Key.Key_Right)
    assert wall.asked == []
    wall.canvas.select(_C1)
    assert wall.asked == [PtzOpenAsked(_C1, "operator")]


def test_outside_of_the_mode_keys_and_clicks_move_no_camera(wall: Wall) -> None:
    wall.canvas.select(_C0)
    wall.press(Qt.Key.Key_Right)
    wall.release(Qt.Key.Key_Right)
    wall.click(wall.place(0.7, 0.7))
    assert wall.asked == []


def test_another_page_ends_the_mode(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    console.show_cameras(camera("c00", clock))
    window.show()
    window.wall.canvas.tick()
    mode = window.pages.ptz
    mode.begin()
    assert mode.drive.camera == "c00"  # the only one
    window.show_page(Page.ALARMS)
    assert not mode.active
    assert console.asked[-1] == PtzCloseAsked(_C0, "operator")
