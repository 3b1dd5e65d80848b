"""Overlays are switched for each camera; the choice is kept in its settings."""

from collections.abc import Iterator

import pytest
from consoles import FakeConsole, camera
from fakes import FakeClock
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from zoom_parts import verdict

from embereye.config.schema import Camera, Settings
from embereye.model.camera_messages import EditCameraAsked
from embereye.model.detection import Detection
from embereye.ui.demands import Demands
from embereye.ui.overlay_menu import OverlayMenu
from embereye.ui.theme import Tokens
from embereye.ui.wall_page import WallPage

_ZONE = {"id": "a", "name": "A", "points": ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))}


def _settings(**changes: object) -> Settings:
    row = Camera.model_validate({"id": "gate", "name": "Gate", "source": "testcard:", **changes})
    return Settings(cameras=(row,))


@pytest.fixture
def page(
    console: FakeConsole, clock: FakeClock, colours: Tokens, qtbot: QtBot
) -> Iterator[WallPage]:
    console.configured = _settings(zones=(_ZONE,))
    console.show_cameras(camera("gate", clock))
    console.put_picture("gate", 640, 360, level=90)
    made = WallPage(console, Demands(console, 25.0), colours)
    qtbot.addWidget(made)
    made.resize(640, 400)
    made.show()
    made.canvas.tick()
    verdict(console, "gate", Detection("fire", 0.9, 300.0, 200.0, 60.0, 60.0))
    yield made
    made.close()


def _colours(page: WallPage) -> set[str]:
    image = page.canvas.grab().toImage()
    return {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    }


def _switch(page: WallPage, console: FakeConsole, *overlays: str) -> None:
    """Change the settings, and nothing of what cameras do."""
    console.configured = _settings(zones=(_ZONE,), overlays=overlays)
    console.show_cameras(*console.camera_table.cameras)
    page.canvas.tick()


def test_a_change_of_the_settings_reaches_the_picture(
    page: WallPage, console: FakeConsole, colours: Tokens
) -> None:
    red = QColor(colours.fire).name()
    assert red in _colours(page)
    before = _colours(page)
    _switch(page, console, "zones")
    after = _colours(page)
    assert red not in after
    assert after - before  # the tint of the area


def test_all_of_them_are_switched_off_and_on_at_once(page: WallPage, console: FakeConsole) -> None:
    page.canvas.select(page.canvas.cameras_shown()[0])
    _switch(page, console)
    plain = _colours(page)
    _switch(page, console, "boxes", "zones")
    shown = _colours(page)
    page._do("boxes")
    hidden = _colours(page)
    page._do("boxes")
    assert plain == hidden
    assert len(shown) > len(hidden) + 1  # the box and the area
    assert _colours(page) == shown


def test_the_menu_asks_for_what_was_switched(page: WallPage) -> None:
    row = _settings().cameras[0]
    menu = OverlayMenu(row, QMenu(page))
    assert [a.isChecked() for a in menu.actions()] == [True, True, True, False]
    assert menu.request("operator") is None
    menu.actions()[3].trigger()
    menu.actions()[0].trigger()
    asked = menu.request("ann")
    assert asked == EditCameraAsked("gate", {"overlays": ["contour", "trace", "zones"]}, "ann")
    assert Camera.model_validate({**row.model_dump(), **asked.values}).overlays == (
        "contour", "trace", "zones",
    )  # fmt: skip


def test_the_menu_of_a_tile_switches_its_camera(page: WallPage, console: FakeConsole) -> None:
    page.canvas.select(page.canvas.cameras_shown()[0])
    menu = page.tile_menu()
    assert menu is not None
    switch = menu.overlays.actions()[3]
    switch.trigger()
    page.follow(menu, switch)
    (asked,) = console.asked
    assert asked.values == {"overlays": ["boxes", "contour", "trace", "zones"]}


def test_the_menu_of_a_tile_leads_to_its_zones(page: WallPage, qtbot: QtBot) -> None:
    page.canvas.select(page.canvas.cameras_shown()[0])
    menu = page.tile_menu()
    assert menu is not None
    (entry,) = [action for action, meaning in menu.entries.items() if meaning == "zones"]
    with qtbot.waitSignal(page.zones_asked) as asked:
        page.follow(menu, entry)
    assert asked.args == ["gate"]
