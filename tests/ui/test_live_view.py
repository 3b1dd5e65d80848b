"""The tile of popups and panes."""

import pytest
from consoles import FakeConsole, camera
from fakes import FakeClock

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


def colour(view: LiveView) -> tuple[int, ...]:
    return view.grab().toImage().pixelColor(160, 90).getRgb()[:3]


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
