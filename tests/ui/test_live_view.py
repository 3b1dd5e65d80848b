"""The tile of popups and panes."""

import pytest
from consoles import FakeConsole, alarm, camera
from fakes import FakeClock
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from zoom_parts import put_quarters, wheel

from embereye.model.ids import CameraId
from embereye.ui.demands import Demands
from embereye.ui.live_view import LiveView
from embereye.ui.theme import Tokens


@pytest.fixture
def view(console: FakeConsole, colours: Tokens, qtbot: object) -> LiveView:
    console.show_cameras(camera("gate", console.clock))
    made = LiveView(console, Demands(console, 25.0), colours)
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(320, 180)
    made.show_camera(CameraId("gate"))
    made.show()
    return made


def colour(view: LiveView, x: int = 160, y: int = 90) -> tuple[int, ...]:
    return view.grab().toImage().pixelColor(x, y).getRgb()[:3]


def test_it_demands_its_size_only_while_it_is_seen(view: LiveView, console: FakeConsole) -> None:
    assert [(d.camera, d.sizes) for d in console.demands[-1]] == [("gate", ((320, 180),))]
    view.hide()
    assert console.demands[-1] == ()


def test_it_never_shows_an_old_picture_as_live(
    view: LiveView, console: FakeConsole, clock: FakeClock
) -> None:
    tile = console.put_picture("gate")
    tile.pixels[:] = (20, 60, 200, 0)
    view._tick()
    assert colour(view) == (200, 60, 20)
    clock.advance(2.5)
    red, green, blue = colour(view)
    assert red == green == blue
    assert view.look is not None
    assert not view.look.live


def test_a_picture_that_stops_is_looked_at_again_without_news(
    view: LiveView, console: FakeConsole, clock: FakeClock, qtbot: object
) -> None:
    console.put_picture("gate")
    qtbot.waitUntil(lambda: view.look is not None and view.look.live)  # type: ignore[attr-defined]
    clock.advance(3.0)
    qtbot.waitUntil(lambda: view.look is not None and not view.look.live)  # type: ignore[attr-defined]


def test_the_wheel_zooms_and_a_double_click_shows_the_whole_picture(
    view: LiveView, console: FakeConsole
) -> None:
    put_quarters(console, "gate")
    view._tick()
    assert colour(view, 240, 135) == (200, 200, 0)  # the lower right quarter, RGB
    wheel(view, QPoint(2, 2), 2)
    assert colour(view, 240, 135) == (0, 0, 200)  # the upper left one
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert colour(view, 240, 135) == (200, 200, 0)


def test_zooming_demands_the_detail_of_the_source(view: LiveView, console: FakeConsole) -> None:
    put_quarters(console, "gate")
    view._tick()
    view.grab()
    wheel(view, QPoint(160, 90), 6)
    assert console.demands[-1][0].sizes == ((640, 480),)


def test_the_hand_moves_the_zoomed_picture(view: LiveView, console: FakeConsole) -> None:
    put_quarters(console, "gate")
    view._tick()
    view.grab()
    wheel(view, QPoint(160, 90), 2)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 90))
    QTest.mouseMove(view, QPoint(200, 90))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 90))
    assert view.view.centre_x < 0.5
    view.show_camera(None)
    view.show_camera(CameraId("gate"))
    assert view.view.whole


def test_a_new_alarm_ends_the_zoom(view: LiveView, console: FakeConsole, clock: FakeClock) -> None:
    put_quarters(console, "gate")
    view._tick()
    view.grab()
    wheel(view, QPoint(160, 90), 2)
    console.show_alarms(alarm(1, clock, cameras=("gate",)))
    view._tick()
    assert view.view.whole
