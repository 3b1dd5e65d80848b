"""The heat lies where four corners of the thermal picture were dragged to."""

from collections.abc import Iterator

import numpy as np
import pytest
from consoles import FakeConsole, camera, device, thermal
from fakes import FakeClock
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from embereye.config.schema import Device, Settings
from embereye.model.device_messages import EditDeviceAsked
from embereye.model.ids import CameraId
from embereye.model.messages import RequestRefused
from embereye.ui.alignment_dialog import AlignmentDialog
from embereye.ui.bridge import Bridge
from embereye.ui.demands import Demands
from embereye.ui.overlay import ThermalLayer
from embereye.ui.projection import STRETCHED, Corners, Projection, is_picture
from embereye.ui.theme import Tokens

_QUARTER: Corners = ((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0))
_AREA = QRect(0, 0, 320, 240)


@pytest.mark.parametrize(
    ("corners", "good"),
    [
        (STRETCHED, True),
        (_QUARTER, True),
        (((0.2, 0.1), (0.9, 0.0), (1.1, 1.2), (-0.1, 0.8)), True),
        (((0, 0), (1, 1), (1, 0), (0, 1)), False),  # crossed
        (((1, 0), (0, 0), (0, 1), (1, 1)), False),  # mirrored
        (((0, 0), (0.5, 0), (1, 0), (0, 1)), False),  # three in a line
        (((0, 0), (1, 0), (1, 0.0005), (0, 0.0005)), False),  # a sliver
        ((), False),
    ],
)
def test_only_four_corners_of_a_picture_are_used(corners: Corners, good: bool) -> None:
    assert is_picture(corners) is good
    assert Projection(_AREA, corners).aligned is good


def test_cells_lie_where_the_corners_say() -> None:
    place = Projection(_AREA, _QUARTER).point(16, 12)
    assert (place.x(), place.y()) == pytest.approx((240, 180))


def test_without_alignment_the_picture_is_stretched() -> None:
    place = Projection(QRect(10, 20, 320, 240), ()).point(32, 24)
    assert (place.x(), place.y()) == pytest.approx((330, 260))


def _heat(layer: ThermalLayer) -> np.ndarray:
    """(240, 320) red of what the layer draws on black."""
    image = QImage(320, 240, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    layer.draw(painter, _AREA, "inferno", "#FF0000", 0.0)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(240, 320, 4)[:, :, 2].astype(int)


def test_the_heat_is_drawn_in_its_corner_only(clock: FakeClock, colours: Tokens) -> None:
    layer = ThermalLayer()
    layer.note(device("d", clock, thermal=thermal("d", clock)), 1e9, _QUARTER)
    red = _heat(layer)
    assert red[:115].max() == 0
    assert red[:, :155].max() == 0
    row, column = np.unravel_index(int(red.argmax()), red.shape)
    # The hot spot is at row 13, column 19 of 24 × 32 cells.
    assert abs(row - (120 + 13.5 * 5)) <= 6
    assert abs(column - (160 + 19.5 * 5)) <= 6


@pytest.fixture
def dialog(
    console: FakeConsole, bridge: Bridge, clock: FakeClock, colours: Tokens, qtbot: object
) -> Iterator[AlignmentDialog]:
    console.configured = Settings(devices=(Device(id="d", name="d", alignment=_QUARTER),))
    seen = device("d", clock, thermal=thermal("d", clock), camera=CameraId("gate"))
    console.show_devices(seen)
    console.show_cameras(camera("gate", clock))
    console.put_picture("gate")
    window = QWidget()
    qtbot.addWidget(window)  # type: ignore[attr-defined]
    made = AlignmentDialog(console, bridge, Demands(console, 25.0), colours, seen, window)
    made.show()
    yield made
    window.close()


def _asked(console: FakeConsole) -> tuple[tuple[float, float], ...]:
    (asked,) = console.asked
    assert isinstance(asked, EditDeviceAsked)
    return Device.model_validate({"id": "d", "name": "d", **asked.values}).alignment


def test_the_corners_in_force_are_shown(dialog: AlignmentDialog) -> None:
    assert dialog.view.corners == _QUARTER


def test_a_dragged_corner_is_saved(dialog: AlignmentDialog, console: FakeConsole) -> None:
    view, area = dialog.view, dialog.view.inside()

    def at(x: float, y: float) -> QPoint:
        return QPoint(round(area.x() + x * area.width()), round(area.y() + y * area.height()))

    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at(0.5, 0.5))
    QTest.mouseMove(view, at(0.3, 0.2))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at(0.3, 0.2))
    dialog.save()
    assert _asked(console)[0] == pytest.approx((0.3, 0.2), abs=0.01)
    assert _asked(console)[1:] == _QUARTER[1:]


def test_corners_are_moved_by_keys(dialog: AlignmentDialog, console: FakeConsole) -> None:
    QTest.keyClick(dialog.view, Qt.Key.Key_3)
    QTest.keyClick(dialog.view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    dialog.save()
    assert _asked(console)[2] == pytest.approx((0.98, 1.0))


def test_crossed_corners_cannot_be_saved(dialog: AlignmentDialog, console: FakeConsole) -> None:
    dialog.view.place(((0, 0), (1, 1), (1, 0), (0, 1)))
    dialog.save()
    assert console.asked == []
    assert not dialog.save_button.isEnabled()


def test_the_alignment_can_be_taken_away(dialog: AlignmentDialog, console: FakeConsole) -> None:
    QTest.mouseClick(dialog.clear_button, Qt.MouseButton.LeftButton)
    assert _asked(console) == ()


def test_it_stays_open_until_the_corners_are_in_force(
    dialog: AlignmentDialog, console: FakeConsole, bridge: Bridge, qtbot: QtBot
) -> None:
    dialog.view.place(((0, 0), (1, 0), (1, 1), (0, 1)))
    dialog.save()
    bridge.deliver([RequestRefused("The disk is full.", "operator", "settings:d")])
    qtbot.waitUntil(dialog.save_button.isEnabled)
    assert "The disk is full." in dialog._words.text()
    dialog.save()
    with qtbot.waitSignal(dialog.finished):
        row = Device(id="d", name="d", alignment=dialog.view.corners)
        console.configured = Settings(devices=(row,))


def test_no_pictures_are_wanted_after_it_closed(
    dialog: AlignmentDialog, console: FakeConsole
) -> None:
    assert console.demands[-1]
    dialog.reject()
    assert console.demands[-1] == ()
