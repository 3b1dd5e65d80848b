"""The wall as an operator sees and uses it."""

from collections.abc import Callable

import numpy as np
import pytest
from consoles import FakeConsole, alarm, camera, device, thermal
from fakes import FakeClock
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from embereye.config.schema import Settings, Wall
from embereye.model.alarm import AlarmKind, AlarmState, Priority
from embereye.model.camera import CameraState
from embereye.model.frame import Tile
from embereye.model.ids import CameraId
from embereye.ui.demands import Demands
from embereye.ui.freshness import Remedy, RemedyAsked
from embereye.ui.main_window import MainWindow
from embereye.ui.theme import Tokens
from embereye.ui.wall import WallCanvas
from embereye.ui.wall_page import WallPage

Build = Callable[..., WallPage]


@pytest.fixture
def build(console: FakeConsole, colours: Tokens, qtbot: object) -> Build:
    pages: list[WallPage] = []

    def make(count: int, layout: int = 0) -> WallPage:
        console.configured = Settings(wall=Wall(layout=layout))
        console.show_cameras(*[camera(f"c{i:02d}", console.clock) for i in range(count)])
        page = WallPage(console, Demands(console, 25.0), colours)
        qtbot.addWidget(page)  # type: ignore[attr-defined]
        page.resize(1280, 760)
        page.show()
        page.canvas.setFocus()
        pages.append(page)
        return page

    return make


def colour_at(canvas: WallCanvas, camera_id: str, dx: float = 0.5, dy: float = 0.5) -> list[int]:
    area = canvas.area_of(CameraId(camera_id))
    assert area is not None
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    point = image.pixelColor(int(area.x() + dx * area.width()), int(area.y() + dy * area.height()))
    return [point.red(), point.green(), point.blue()]


def put_colour(console: FakeConsole, camera_id: str, bgr: tuple[int, int, int]) -> None:
    pixels = np.zeros((240, 320, 4), np.uint8)
    pixels[:, :, :3] = bgr
    tile = Tile(CameraId(camera_id), pixels, 1, console.clock.now(), 640, 480)
    console.tiles[CameraId(camera_id)] = tile


def centre(canvas: WallCanvas, camera_id: str) -> QPoint:
    area = canvas.area_of(CameraId(camera_id))
    assert area is not None
    return area.center()


def test_a_fresh_picture_is_painted_in_its_colours(build: Build, console: FakeConsole) -> None:
    page = build(4)
    put_colour(console, "c01", (20, 60, 200))
    page.canvas.tick()
    assert colour_at(page.canvas, "c01") == [200, 60, 20]


def test_a_picture_that_stops_loses_its_colours_though_nobody_says_so(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    page = build(1)
    put_colour(console, "c00", (20, 60, 200))
    page.canvas.tick()
    clock.advance(2.5)  # the engine still says LIVE
    red, green, blue = colour_at(page.canvas, "c00")
    assert red == green == blue
    look = page.canvas.look_of(CameraId("c00"))
    assert look is not None
    assert look.badge == "STALE 2 s"


def test_a_picture_from_before_the_camera_was_read_anew_is_dropped(
    build: Build, console: FakeConsole
) -> None:
    """It may show what a new privacy mask hides; freezing does not keep it either."""
    page = build(2)
    put_colour(console, "c00", (20, 60, 200))
    put_colour(console, "c01", (20, 60, 200))
    page.canvas.toggle_frozen(CameraId("c01"))
    page.canvas.tick()
    console.tiles.clear()
    page.canvas.tick()
    assert colour_at(page.canvas, "c00") != [200, 60, 20]
    assert not page.canvas.frozen


def test_a_picture_of_another_shape_keeps_its_aspect_ratio(
    build: Build, console: FakeConsole
) -> None:
    page = build(1)
    put_colour(console, "c00", (0, 0, 200))
    page.canvas.tick()
    assert colour_at(page.canvas, "c00", dx=0.02) == [0, 0, 0]  # black beside a 4 : 3 picture
    assert colour_at(page.canvas, "c00") == [200, 0, 0]


def test_the_wall_demands_pictures_of_the_size_of_its_tiles(
    build: Build, console: FakeConsole
) -> None:
    page = build(4)
    area = page.canvas.area_of(CameraId("c00"))
    assert area is not None
    wanted = {d.camera: d.sizes for d in console.demands[-1]}
    assert len(wanted) == 4
    assert wanted[CameraId("c00")] == ((area.width(), area.height()),)


def test_the_age_of_pictures_is_shown_on_demand(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    page = build(1)
    put_colour(console, "c00", (20, 60, 200))
    page.canvas.tick()
    clock.advance(0.123)
    without = page.canvas.grab().toImage()
    QTest.keyClick(page.canvas, Qt.Key.Key_F)
    assert page.canvas.grab().toImage() != without
    QTest.keyClick(page.canvas, Qt.Key.Key_F)
    assert page.canvas.grab().toImage() == without


def test_a_hidden_wall_demands_nothing(build: Build, console: FakeConsole) -> None:
    build(4).hide()
    assert console.demands[-1] == ()


def test_a_wall_in_a_minimised_window_demands_nothing(build: Build, console: FakeConsole) -> None:
    page = build(4)
    QApplication.processEvents()
    page.showMinimized()
    QApplication.processEvents()
    page.canvas.rearrange()  # a camera that comes or goes meanwhile
    assert console.demands[-1] == ()
    page.showNormal()
    QApplication.processEvents()
    assert len(console.demands[-1]) == 4


def test_cameras_on_other_pages_are_not_demanded(build: Build, console: FakeConsole) -> None:
    page = build(9, layout=2)
    assert [d.camera for d in console.demands[-1]] == ["c00", "c01", "c02", "c03"]
    QTest.keyClick(page.canvas, Qt.Key.Key_PageDown)
    assert [d.camera for d in console.demands[-1]] == ["c04", "c05", "c06", "c07"]
    QTest.keyClick(page.canvas, Qt.Key.Key_PageUp)
    QTest.keyClick(page.canvas, Qt.Key.Key_PageUp)
    assert page.canvas.cameras_shown() == ["c08"]


def test_digits_and_enter_select_a_tile_and_enter_maximises_it(build: Build) -> None:
    page = build(12)
    QTest.keyClicks(page.canvas, "11")
    QTest.keyClick(page.canvas, Qt.Key.Key_Return)
    assert page.canvas.selected == "c10"
    QTest.keyClick(page.canvas, Qt.Key.Key_Return)
    assert page.canvas.cameras_shown() == ["c10"]
    QTest.keyClick(page.canvas, Qt.Key.Key_Escape)
    assert len(page.canvas.cameras_shown()) == 12


def test_arrows_move_the_selection(build: Build) -> None:
    page = build(9)
    QTest.keyClick(page.canvas, Qt.Key.Key_Right)
    assert page.canvas.selected == "c00"
    QTest.keyClick(page.canvas, Qt.Key.Key_Right)
    QTest.keyClick(page.canvas, Qt.Key.Key_Down)
    assert page.canvas.selected == "c04"


def test_a_double_click_maximises_and_the_next_restores(build: Build) -> None:
    canvas = build(4).canvas
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=centre(canvas, "c02"))
    assert canvas.cameras_shown() == ["c02"]
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=centre(canvas, "c02"))
    assert canvas.cameras_shown() == ["c00", "c01", "c02", "c03"]


def test_dragging_swaps_two_tiles(build: Build) -> None:
    canvas = build(4).canvas
    start, end = centre(canvas, "c00"), centre(canvas, "c03")
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    assert canvas.cameras_shown() == ["c03", "c01", "c02", "c00"]


def test_space_freezes_the_picture_and_it_does_not_look_live(
    build: Build, console: FakeConsole
) -> None:
    canvas = build(1).canvas
    put_colour(console, "c00", (20, 60, 200))
    canvas.tick()
    canvas.select(CameraId("c00"))
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    put_colour(console, "c00", (200, 60, 20))
    canvas.tick()
    red, green, blue = colour_at(canvas, "c00")
    assert red == green == blue
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    canvas.tick()
    assert colour_at(canvas, "c00") == [20, 60, 200]


def test_the_button_of_a_dead_tile_asks_for_its_remedy(
    build: Build, console: FakeConsole, qtbot: object
) -> None:
    page = build(1)
    console.show_cameras(camera("c00", console.clock, CameraState.NO_SIGNAL, detail="no answer"))
    page.canvas.tick()
    page.canvas.grab()
    area = page.canvas.area_of(CameraId("c00"))
    assert area is not None
    places = [
        QPoint(x, y)
        for y in range(area.top(), area.bottom(), 6)
        for x in range(area.left(), area.right(), 12)
        if page.canvas.hit(QPoint(x, y))[1] is Remedy.RETRY
    ]
    asked: list[object] = []
    page.canvas.remedy_asked.connect(asked.append)
    QTest.mouseClick(page.canvas, Qt.MouseButton.LeftButton, pos=places[0])
    assert asked == [RemedyAsked(CameraId("c00"), Remedy.RETRY)]


def test_an_alarmed_camera_is_promoted_and_the_own_layout_comes_back(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    canvas = build(9).canvas
    before = [(c, canvas.area_of(c)) for c in canvas.cameras_shown()]
    fire = alarm(1, clock, cameras=("c05",))
    console.show_alarms(fire)
    canvas.tick()
    areas = {c: canvas.area_of(c) for c in canvas.cameras_shown()}
    large, small = areas[CameraId("c05")], areas[CameraId("c00")]
    assert large is not None
    assert small is not None
    assert large.width() > 1.9 * small.width()
    console.show_alarms(alarm(1, clock, cameras=("c05",), state=AlarmState.ACKNOWLEDGED))
    canvas.tick()
    assert [(c, canvas.area_of(c)) for c in canvas.cameras_shown()] == before


def test_a_later_alarm_of_equal_priority_does_not_take_the_large_tile(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    canvas = build(9).canvas
    first = alarm(1, clock, cameras=("c05",))
    clock.advance(5)
    console.show_alarms(first, alarm(2, clock, cameras=("c01",)))
    canvas.tick()
    assert canvas.cameras_shown()[0] == "c05"


def test_with_two_fires_the_operator_can_maximise_the_other_one(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    canvas = build(4).canvas
    fires = [alarm(1, clock, cameras=("c02",)), alarm(2, clock, cameras=("c03",))]
    console.show_alarms(*fires)
    canvas.tick()
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=centre(canvas, "c03"))
    assert canvas.cameras_shown() == ["c03"]
    console.show_alarms(*fires, alarm(3, clock, cameras=("c00",)))
    canvas.tick()
    assert canvas.cameras_shown() == ["c00"]  # a new fire is never hidden by that


def test_the_only_tile_shows_the_alarm_until_the_operator_turns_the_page(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    canvas = build(4, layout=1).canvas
    console.show_alarms(alarm(1, clock, cameras=("c02",)))
    canvas.tick()
    assert canvas.cameras_shown() == ["c02"]
    QTest.keyClick(canvas, Qt.Key.Key_PageDown)
    assert canvas.cameras_shown() == ["c01"]


def test_esc_restores_the_grid_before_it_leaves_full_screen(
    window: MainWindow, console: FakeConsole, clock: FakeClock, qtbot: object
) -> None:
    console.show_cameras(*[camera(f"c{i:02d}", clock) for i in range(4)])
    window.toggle_full_screen()
    with qtbot.waitActive(window):  # type: ignore[attr-defined]
        window.show()
        window.activateWindow()
    canvas = window.wall.canvas
    canvas.toggle_maximised(CameraId("c01"))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert (len(canvas.cameras_shown()), window.isFullScreen()) == (4, True)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not window.isFullScreen()


def test_a_fault_promotes_nothing(build: Build, console: FakeConsole, clock: FakeClock) -> None:
    canvas = build(9).canvas
    console.show_alarms(
        alarm(1, clock, kind=AlarmKind.CAMERA_FAULT, priority=Priority.DIAGNOSTIC, cameras=("c05",))
    )
    canvas.tick()
    assert canvas.cameras_shown()[0] == "c00"


def test_the_alarm_frame_flashes_until_acknowledged(
    build: Build, console: FakeConsole, clock: FakeClock, colours: Tokens
) -> None:
    canvas = build(1).canvas
    put_colour(console, "c00", (90, 90, 90))
    seen = set()
    for _ in range(8):
        console.show_alarms(alarm(1, clock, cameras=("c00",)))
        put_colour(console, "c00", (90, 90, 90))
        canvas.tick()
        seen.add(tuple(colour_at(canvas, "c00", dx=0.001)))
        clock.advance(0.25)
    fire = (0xF0, 0x44, 0x38)
    assert fire in seen
    assert len(seen) == 2
    steady = set()
    for _ in range(8):
        console.show_alarms(alarm(1, clock, cameras=("c00",), state=AlarmState.ACKNOWLEDGED))
        put_colour(console, "c00", (90, 90, 90))
        canvas.tick()
        steady.add(tuple(colour_at(canvas, "c00", dx=0.001)))
        clock.advance(0.25)
    assert steady == {fire}


def test_heat_is_drawn_over_its_camera_and_can_be_switched_off(
    build: Build, console: FakeConsole, clock: FakeClock
) -> None:
    canvas = build(1).canvas
    put_colour(console, "c00", (90, 90, 90))
    console.show_devices(
        device("d1", clock, camera=CameraId("c00"), thermal=thermal("d1", clock, 180.0))
    )
    canvas.tick()
    with_heat = canvas.grab().toImage()
    canvas.toggle_thermal()
    without = canvas.grab().toImage()
    hot = canvas.area_of(CameraId("c00"))
    assert hot is not None
    x, y = hot.x() + int(hot.width() * 0.575), hot.y() + int(hot.height() * 0.53)
    assert with_heat.pixelColor(x, y) != without.pixelColor(x, y)
    assert without.pixelColor(x, y).getRgb()[:3] == (90, 90, 90)


def test_groups_choose_which_cameras_are_on_the_wall(build: Build, console: FakeConsole) -> None:
    page = build(1)
    clock = console.clock
    console.show_cameras(
        camera("a", clock, group="North"),
        camera("b", clock, group="South"),
        camera("c", clock, group="North"),
    )
    page.canvas.tick()
    page.canvas.order.choose_group("North")
    page.canvas.rearrange()
    assert page.canvas.cameras_shown() == ["a", "c"]


def test_a_removed_camera_leaves_the_wall(build: Build, console: FakeConsole) -> None:
    page = build(3)
    console.show_cameras(camera("c01", console.clock))
    page.canvas.tick()
    assert page.canvas.cameras_shown() == ["c01"]
