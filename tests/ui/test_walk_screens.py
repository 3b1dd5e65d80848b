"""Walk tests as technicians and operators see them."""

from dataclasses import replace

import pytest
from consoles import FakeConsole, alarm, camera, device
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from embereye.config.schema import Place, Settings
from embereye.model.alarm import Overlay, OverlayKind, Priority, Scope
from embereye.model.alarm_messages import EndWalkTestAsked, WalkTestAsked
from embereye.model.ids import CameraId, PlaceId
from embereye.model.walk_test import WalkTest, WalkTests
from embereye.ui.main_window import MainWindow
from embereye.ui.scenes import Scenes
from embereye.ui.theme import Shape, Tokens, alarm_look
from embereye.ui.viewport import WHOLE
from embereye.ui.walk_dialog import WalkDialog
from embereye.ui.walk_summary import WalkSummary
from embereye.ui.wall_slot import facts_of
from embereye.ui.zooms import Zooms


def running(clock: FakeClock, **changes: object) -> WalkTest:
    now = clock.now().utc
    fields: dict[str, object] = {
        "places": (PlaceId("boiler"),),
        "names": ("Boiler house",),
        "by": "miller",
        "since_utc": now,
        "until_utc": now + 1800.0,
        "expected": ("camera c1", "device d1"),
        "tested": ("device d1",),
    }
    return WalkTest(**{**fields, **changes})  # type: ignore[arg-type]


def marked(number: int, clock: FakeClock, **changes: object) -> object:
    now = clock.now().utc
    scope = Scope(PlaceId("boiler"))
    overlay = Overlay(OverlayKind.TEST, scope, "", "miller", now, now + 60.0, Priority.EMERGENCY)
    return replace(alarm(number, clock, place="boiler", **changes), overlay=overlay)


@pytest.fixture
def dialog(window: MainWindow, console: FakeConsole, clock: FakeClock) -> WalkDialog:
    places = (Place(id="gate", name="Gate"), Place(id="boiler", name="Boiler house"))
    console.configured = Settings(places=places)
    console.show_cameras(camera("c7", clock))
    console.show_devices(device("d9", clock, assigned=False))
    window.show()
    window.walk.ask()
    (found,) = window.findChildren(WalkDialog)
    return found


def test_the_banner_says_where_how_long_and_by_whom(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    assert not window.walk.banner.isVisible()
    console.walks = WalkTests(running(clock))
    clock.advance(60.0)
    window.walk.banner.refresh()
    assert window.walk.banner.isVisible()
    text = window.walk.banner.text.whole
    assert "29:00 left" in text
    assert "Boiler house · 1 of 2 tested · by miller" in text


def test_the_banner_covers_neither_the_alarm_bar_nor_is_it_covered(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.resize(1280, 720)
    window.show()
    console.walks = WalkTests(running(clock))
    window.walk.banner.refresh()
    console.show_alarms(*[alarm(number, clock) for number in range(1, 9)])
    window._refresh_alarms()
    banner = window.walk.banner.geometry()
    assert banner.top() >= window.bar.geometry().bottom()
    assert window.popups.popups()
    for popup in window.popups.popups():
        assert not popup.geometry().intersects(banner)


def test_its_button_ends_the_test(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    console.walks = WalkTests(running(clock))
    window.walk.banner.refresh()
    QTest.mouseClick(window.walk.banner.end_button, Qt.MouseButton.LeftButton)
    assert console.asked[-1] == EndWalkTestAsked("operator")


def test_its_end_shows_once_what_was_tested_and_what_was_not(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    console.show_cameras(replace(camera("c1", clock), name="Yard"))
    console.walks = WalkTests(running(clock))
    window.walk.banner.refresh()
    console.walks = WalkTests(last=running(clock, ended_by="miller", ended_utc=clock.now().utc))
    window.walk.banner.refresh()
    window.walk.banner.refresh()
    assert not window.walk.banner.isVisible()
    (summary,) = window.findChildren(WalkSummary)
    assert [summary.missing.item(0).text(), summary.tested.item(0).text()] == [
        "Yard · camera",
        "d1 · device",
    ]


def test_the_dialog_asks_for_the_ticked_places(dialog: WalkDialog, console: FakeConsole) -> None:
    names = [dialog.places.item(n).text() for n in range(dialog.places.count())]
    assert names == ["Boiler house", "c7", "Gate"]  # what nobody assigned is no place yet
    dialog.places.item(0).setCheckState(Qt.CheckState.Checked)
    dialog.span.setCurrentText("30 min")
    dialog.confirm.click()
    assert console.asked[-1] == WalkTestAsked((PlaceId("boiler"),), 1800.0, "operator")


def test_the_dialog_asks_for_all_places_by_naming_none(
    dialog: WalkDialog, console: FakeConsole
) -> None:
    dialog.every.setChecked(True)
    dialog.confirm.click()
    assert console.asked[-1] == WalkTestAsked((), 3600.0, "operator")


def test_the_dialog_wants_a_place(dialog: WalkDialog, console: FakeConsole) -> None:
    dialog.confirm.click()
    assert not any(isinstance(request, WalkTestAsked) for request in console.asked)
    assert dialog.isVisible()


def test_places_are_found_by_typing(dialog: WalkDialog) -> None:
    dialog.search.setText("GAT")
    hidden = [dialog.places.item(n).isHidden() for n in range(dialog.places.count())]
    assert hidden == [True, True, False]


def test_while_one_runs_no_second_can_be_asked_for(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    console.walks = WalkTests(running(clock))
    window.walk.banner.refresh()
    window.walk.ask()
    assert not window.findChildren(WalkDialog)


def test_a_test_alarm_is_a_green_ring_and_says_so(colours: Tokens, clock: FakeClock) -> None:
    look = alarm_look(colours, marked(1, clock))  # type: ignore[arg-type]
    assert (look.colour, look.shape, look.word) == (colours.test, Shape.CIRCLE, "TEST")


def test_a_test_alarm_neither_pops_up_nor_moves_the_wall_nor_flashes(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    console.show_cameras(camera("c1", clock), camera("c2", clock))
    window.show()
    console.show_alarms(marked(1, clock, cameras=("c1",)))  # type: ignore[arg-type]
    window._refresh_alarms()
    canvas = window.wall.canvas
    canvas.tick()
    assert window.popups.popups() == []
    assert not window.drawer.isVisible()
    assert canvas._promoted == []
    assert not canvas.alarmed(CameraId("c1"))
    assert canvas._scenes.alarm(CameraId("c1")) is not None
    assert window.bar.worst.accessibleName() == "All open alarms are shelved, disabled or in test."


def test_a_real_alarm_shows_on_a_tile_that_is_in_test_as_well(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    console.show_cameras(camera("c1", clock))
    window.show()
    real = alarm(2, clock, place="gate", priority=Priority.HIGH, cameras=("c1",))
    console.show_alarms(marked(1, clock, cameras=("c1",)), real)  # type: ignore[arg-type]
    window.wall.canvas.tick()
    assert window.wall.canvas._scenes.alarm(CameraId("c1")) is real


def test_the_frame_of_a_tile_in_test_does_not_flash(
    console: FakeConsole, colours: Tokens, clock: FakeClock
) -> None:
    console.show_cameras(camera("c1", clock))
    console.show_alarms(marked(1, clock, cameras=("c1",)))  # type: ignore[arg-type]
    scenes = Scenes(console, colours)
    scenes.refresh()
    facts = facts_of(scenes, CameraId("c1"), colours)
    assert facts.alarm is not None
    assert not facts.flashing


def test_a_test_alarm_ends_no_zoom(console: FakeConsole, clock: FakeClock) -> None:
    console.show_cameras(camera("c1", clock))
    zooms = Zooms(console)
    zooms.put(CameraId("c1"), WHOLE.zoomed(3, 0.5, 0.5))
    console.show_alarms(marked(1, clock, cameras=("c1",)))  # type: ignore[arg-type]
    assert zooms.alarmed() == set()
    console.show_alarms(alarm(2, clock, cameras=("c1",)))
    assert zooms.alarmed() == {CameraId("c1")}


def test_who_may_not_run_one_is_told_before_any_dialog(
    window: MainWindow, console: FakeConsole
) -> None:
    console.configured = Settings(role="operator")
    window.show()
    window.walk.ask()
    assert not window.findChildren(WalkDialog)
    assert "needs the role supervisor" in window.status._notice.text()
