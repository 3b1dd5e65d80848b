"""Digital zoom and pan on the wall, as an operator uses and sees them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from consoles import FakeConsole, alarm, camera, device, thermal
from fakes import FakeClock
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from zoom_parts import put_quarters, verdict, wheel

from embereye.config.schema import Camera, Device, Settings, Wall
from embereye.model.alarm import AlarmKind, AlarmState, Priority
from embereye.model.camera import CameraState, CaptureCounters
from embereye.model.detection import Detection
from embereye.model.ids import CameraId
from embereye.ui import heat
from embereye.ui.demands import Demands
from embereye.ui.theme import Tokens
from embereye.ui.wall import WallCanvas
from embereye.ui.wall_page import WallPage

Build = Callable[..., WallPage]
_C0, _C1 = CameraId("c00"), CameraId("c01")
_COUNTERS = CaptureCounters(fps=25.0, width=3840, height=2160, interval=0.04)


@pytest.fixture
def build(console: FakeConsole, colours: Tokens, qtbot: object) -> Build:
    pages: list[WallPage] = []  # keeps them alive

    def make(count: int = 4, layout: int = 0, settings: Settings | None = None) -> WallPage:
        console.configured = settings or Settings(wall=Wall(layout=layout))
        names = [f"c{i:02d}" for i in range(count)]
        console.show_cameras(*[camera(n, console.clock, counters=_COUNTERS) for n in names])
        for name in names:
            put_quarters(console, name)
        page = WallPage(console, Demands(console, 25.0), colours)
        qtbot.addWidget(page)  # type: ignore[attr-defined]
        page.resize(1280, 760)
        page.show()
        page.canvas.setFocus()
        page.canvas.tick()
        pages.append(page)
        return page

    return make


def place(canvas: WallCanvas, x: float, y: float, camera_id: CameraId = _C0) -> QPoint:
    """A point of what the tile shows of the picture."""
    area = canvas.picture_area(camera_id)
    assert area is not None
    return QPoint(round(area.x() + x * area.width()), round(area.y() + y * area.height()))


def shot(canvas: WallCanvas) -> QImage:
    return canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def colour(canvas: WallCanvas, x: float, y: float) -> tuple[int, int, int]:
    found = shot(canvas).pixelColor(place(canvas, x, y))
    return found.red(), found.green(), found.blue()


def zoom(canvas: WallCanvas, camera_id: CameraId = _C0) -> float:
    return canvas.zooms.of(camera_id).zoom


def wanted(console: FakeConsole, camera_id: CameraId = _C0) -> tuple[int, int]:
    return next(d.sizes[0] for d in console.demands[-1] if d.camera == camera_id)


def test_the_wheel_brings_nearer_what_lies_under_the_pointer(build: Build) -> None:
    canvas = build().canvas
    assert colour(canvas, 0.55, 0.55) == (200, 200, 0)  # the lower right quarter, RGB
    wheel(canvas, place(canvas, 0.95, 0.05), 4)  # the upper right one
    assert zoom(canvas) == pytest.approx(4.0)
    assert [colour(canvas, x, y) for x, y in ((0.1, 0.1), (0.9, 0.9))] == [(0, 200, 0)] * 2
    wheel(canvas, place(canvas, 0.5, 0.5), -4)
    assert zoom(canvas) == 1.0
    assert colour(canvas, 0.25, 0.25) == (0, 0, 200)


def test_parts_of_notches_of_a_touch_pad_are_gathered(build: Build) -> None:
    canvas = build().canvas
    for _ in range(3):
        wheel(canvas, place(canvas, 0.5, 0.5), 0.25)
    assert zoom(canvas) == 1.0
    wheel(canvas, place(canvas, 0.5, 0.5), 0.25)
    assert zoom(canvas) == pytest.approx(2**0.5)


def test_a_zoomed_tile_demands_the_detail_and_gives_it_back(
    build: Build, console: FakeConsole
) -> None:
    canvas = build().canvas
    area = canvas.area_of(_C0)
    assert area is not None
    other = wanted(console, _C1)
    wheel(canvas, place(canvas, 0.5, 0.5), 4)
    assert wanted(console) == (4 * area.width(), 4 * area.height())
    wheel(canvas, place(canvas, 0.5, 0.5), 2)
    assert wanted(console) == (3840, 2160)  # what the camera has
    assert wanted(console, _C1) == other
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert wanted(console) == (3840, 2160)  # nothing is selected
    canvas.select(_C0)
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert wanted(console) == (area.width(), area.height())


def test_the_demand_follows_when_the_size_of_the_source_becomes_known(
    build: Build, console: FakeConsole
) -> None:
    canvas = build().canvas
    unknown = [camera(f"c{i:02d}", console.clock, counters=CaptureCounters()) for i in range(4)]
    console.show_cameras(*unknown)
    canvas.tick()
    wheel(canvas, place(canvas, 0.5, 0.5), 4)
    area = canvas.area_of(_C0)
    assert area is not None
    assert wanted(console) == (area.width(), area.height())
    console.show_cameras(*[camera(c.id, console.clock, counters=_COUNTERS) for c in unknown])
    canvas.tick()
    assert wanted(console) == (4 * area.width(), 4 * area.height())


def test_a_sub_stream_does_not_limit_the_detail_that_is_demanded(
    build: Build, console: FakeConsole
) -> None:
    row = Camera(id="c00", name="Gate", source="rtsp://10.1.2.3/a", sub_source="rtsp://10.1.2.3/b")
    canvas = build(settings=Settings(cameras=(row,))).canvas
    small = CaptureCounters(fps=15.0, width=640, height=360, interval=0.06)
    console.show_cameras(*[camera(f"c{i:02d}", console.clock, counters=small) for i in range(4)])
    canvas.tick()
    wheel(canvas, place(canvas, 0.5, 0.5), 6)
    assert wanted(console) == (1920, 1080)


def test_dragging_moves_a_zoomed_picture_instead_of_swapping(build: Build) -> None:
    canvas = build().canvas
    wheel(canvas, place(canvas, 0.5, 0.5), 2)
    held = place(canvas, 0.6, 0.6)
    before = canvas.zooms.of(_C0).pictured(0.6, 0.6)
    target = place(canvas, 0.8, 0.5)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=held)
    QTest.mouseMove(canvas, target)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=target)
    assert canvas.zooms.of(_C0).pictured(0.8, 0.5) == pytest.approx(before, abs=0.01)
    far = place(canvas, 0.5, 0.5, CameraId("c03"))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=held)
    QTest.mouseMove(canvas, far)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=far)
    assert canvas.cameras_shown() == ["c00", "c01", "c02", "c03"]
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_keys_zoom_pan_and_reset_the_selected_picture(build: Build) -> None:
    canvas = build().canvas
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert zoom(canvas) == 1.0  # nothing is selected
    canvas.select(_C0)
    QTest.keyClick(canvas, Qt.Key.Key_Plus, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(canvas, Qt.Key.Key_Plus, Qt.KeyboardModifier.KeypadModifier)
    assert zoom(canvas) == pytest.approx(2.0)
    before = canvas.zooms.of(_C0)
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.zooms.of(_C0).centre_x > before.centre_x
    assert canvas.selected == _C0
    QTest.keyClick(canvas, Qt.Key.Key_Minus)
    assert zoom(canvas) == pytest.approx(2**0.5)
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert zoom(canvas) == 1.0


def test_0_still_is_a_digit_of_the_number_of_a_tile(build: Build) -> None:
    canvas = build(12).canvas
    canvas.select(_C0)
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    QTest.keyClicks(canvas, "10")
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert canvas.selected == "c09"
    assert zoom(canvas) > 1.0


def test_a_double_click_maximises_and_the_zoom_stays(build: Build) -> None:
    canvas = build().canvas
    wheel(canvas, place(canvas, 0.5, 0.5), 2)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 0.5, 0.5))
    assert canvas.cameras_shown() == ["c00"]
    assert zoom(canvas) == pytest.approx(2.0)


def test_a_camera_that_comes_back_is_shown_whole(build: Build) -> None:
    canvas = build(4, layout=1).canvas
    wheel(canvas, place(canvas, 0.5, 0.5), 2)
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    QTest.keyClick(canvas, Qt.Key.Key_PageUp)
    assert canvas.cameras_shown() == ["c00"]
    assert zoom(canvas) == 1.0


def test_a_new_alarm_shows_the_whole_picture_so_that_no_fire_lies_beside_it(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    canvas = build().canvas
    for camera_id in (_C0, _C1):
        wheel(canvas, place(canvas, 0.5, 0.5, camera_id), 4)
    console.show_alarms(alarm(1, clock, cameras=("c00",)))
    canvas.tick()
    assert zoom(canvas) == 1.0
    assert zoom(canvas, _C1) == pytest.approx(4.0)
    area = canvas.area_of(_C0)
    assert area is not None
    assert wanted(console) == (area.width(), area.height())


def test_after_that_the_operator_may_look_at_the_fire_until_the_next_alarm(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    canvas = build().canvas
    first = alarm(1, clock, cameras=("c00",))
    console.show_alarms(first)
    canvas.tick()
    wheel(canvas, place(canvas, 0.5, 0.5), 4)
    console.show_alarms(first, silenced_until=clock.mono() + 60)
    canvas.tick()
    assert zoom(canvas) == pytest.approx(4.0)
    console.show_alarms(first, alarm(2, clock, cameras=("c00",), priority=Priority.HIGH))
    canvas.tick()
    assert zoom(canvas) == 1.0  # though a graver one hides it from the frame of the tile


def test_an_alarm_that_is_raised_anew_counts_as_new(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    canvas = build().canvas
    console.show_alarms(alarm(1, clock, cameras=("c00",)))
    canvas.tick()
    wheel(canvas, place(canvas, 0.5, 0.5), 4)
    console.show_alarms(alarm(1, clock, cameras=("c00",), state=AlarmState.ACKNOWLEDGED))
    canvas.tick()
    assert zoom(canvas) == pytest.approx(4.0)
    console.show_alarms(alarm(1, clock, cameras=("c00",)))
    canvas.tick()
    assert zoom(canvas) == 1.0


def test_a_fault_of_the_camera_ends_no_zoom(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    canvas = build().canvas
    wheel(canvas, place(canvas, 0.5, 0.5), 4)
    fault = alarm(1, clock, kind=AlarmKind.CAMERA_FAULT, cameras=("c00",))
    console.show_alarms(fault)
    canvas.tick()
    assert zoom(canvas) == pytest.approx(4.0)


def test_the_heat_lies_on_the_same_thing_however_it_is_looked_at(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    corners = ((0.5, 0.0), (1.0, 0.0), (1.0, 0.5), (0.5, 0.5))  # the upper right quarter
    row = Device(id="d1", name="Heat", alignment=corners)
    canvas = build(settings=Settings(devices=(row,))).canvas
    console.show_devices(device("d1", clock, camera=_C0, thermal=thermal("d1", clock, 180.0)))
    canvas.tick()
    wheel(canvas, place(canvas, 1.0, 0.0), 2)  # shows that quarter
    with_heat, where = shot(canvas), canvas.picture_area(_C0)
    canvas.toggle_thermal()
    without = shot(canvas)
    assert where is not None
    assert canvas.zooms.of(_C0).shown(0.5, 0.0) == pytest.approx((0.0, 0.0))
    # The hot spot is at row 13, column 19 of 24 × 32 cells; the cross lies on its middle.
    hot = QPoint(
        round(where.x() + 19.5 / 32 * where.width()), round(where.y() + 13.5 / 24 * where.height())
    )
    assert with_heat.pixelColor(hot) == QColor("#FFFFFF")
    beside = hot + QPoint(-where.width() // 40, where.height() // 40)
    assert with_heat.pixelColor(beside) != without.pixelColor(beside)
    assert without.pixelColor(beside).getRgb()[:3] == (0, 200, 0)


def test_heat_whose_corners_lie_far_outside_ends_where_it_ends(clock: FakeClock) -> None:
    # The lower edge of the heat falls by 1 px in 10 over a picture of 200 × 200 px.
    width, slope, left = 90_000.0, 0.1, -100.0
    across = (width / 32, 0.0, left)
    down = (slope * width / 32, 40_000.0 / 24, left * slope - 39_900.0)
    matrix = np.array([across, down, (0.0, 0.0, 1.0)])
    frame = replace(thermal("d", clock), celsius=np.full((24, 32), 90.0, np.float32))
    frame.celsius[:12] = 20.0
    image = heat.project(frame, (200, 200), "inferno", matrix)
    for x in (10, 100, 190):
        edge = 100 + round(x * slope)
        assert image.pixelColor(x, edge - 3).alpha() > 0
        assert image.pixelColor(x, edge + 3).alpha() == 0


def test_boxes_lie_round_the_same_thing_however_it_is_looked_at(
    build: Build, console: FakeConsole, clock: FakeClock, colours: Tokens
) -> None:
    canvas = build().canvas
    found = Detection("fire", 0.9, 480.0, 90.0, 80.0, 60.0)  # of 640 × 360
    verdict(console, "c00", found)
    wheel(canvas, place(canvas, 1.0, 0.0), 2)
    canvas.tick()
    image = shot(canvas)
    left, top = place(canvas, 0.5, 0.5).x(), place(canvas, 0.5, 0.5).y()
    fire = QColor(colours.fire)

    def near(x: int, y: int) -> bool:
        spots = [QPoint(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        return any(image.pixelColor(spot) == fire for spot in spots)

    lower = place(canvas, 0.75, 0.5 + 60 / 180)
    assert near(left, top + 30)
    assert near(lower.x() - 40, lower.y())
    assert not near(left + 40, top + 30)


def test_a_fire_beside_what_is_shown_is_marked_in_the_small_picture(
    build: Build, console: FakeConsole, clock: FakeClock, colours: Tokens
) -> None:
    canvas = build(1).canvas
    wheel(canvas, place(canvas, 0.99, 0.01), 6)
    assert zoom(canvas) == 8.0

    def marked() -> int:
        image, tile = shot(canvas), canvas.area_of(_C0)
        assert tile is not None
        corner = QRect(tile.x(), tile.y() + tile.height() // 2, tile.width() // 3, 340)
        fire = QColor(colours.fire)
        return sum(
            image.pixelColor(x, y) == fire
            for x in range(corner.left(), corner.right())
            for y in range(corner.top(), corner.bottom())
        )

    assert marked() == 0
    found = Detection("fire", 0.9, 20.0, 300.0, 10.0, 10.0)  # lower left
    verdict(console, "c00", found)
    canvas.update()
    assert marked() > 8


def test_a_tile_without_picture_does_not_zoom(build: Build, console: FakeConsole) -> None:
    canvas = build(1).canvas
    at = place(canvas, 0.5, 0.5)
    console.show_cameras(camera("c00", console.clock, CameraState.NO_SIGNAL))
    canvas.tick()
    shot(canvas)
    wheel(canvas, at, 4)
    canvas.select(_C0)
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert zoom(canvas) == 1.0


def test_an_alarm_paints_the_mark_of_the_zoom_in_its_colour(
    build: Build, console: FakeConsole, clock: FakeClock, colours: Tokens
) -> None:
    canvas = build(1).canvas
    console.show_alarms(alarm(1, clock, cameras=("c00",), state=AlarmState.ACKNOWLEDGED))
    canvas.tick()

    def chip() -> QColor:
        tile = canvas.area_of(_C0)
        assert tile is not None
        return shot(canvas).pixelColor(tile.left() + 10, tile.bottom() - 10)

    before = chip()
    wheel(canvas, place(canvas, 0.5, 0.5), 2)
    assert before != QColor(colours.fire)
    assert chip() == QColor(colours.fire)
