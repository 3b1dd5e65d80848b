"""A snapshot is what the camera showed when it was asked for, at full size, or there is none."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from consoles import FakeConsole, camera
from dialog_parts import answer, choose, chooser, complaint, open_dialogs
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from embereye.config.schema import Camera, Settings
from embereye.model.camera import CameraState, Doubt
from embereye.model.camera_messages import SnapshotSaved
from embereye.model.frame import Tile
from embereye.model.ids import CameraId
from embereye.runtime.worker import PlainThreads
from embereye.ui.demands import Demands
from embereye.ui.full_picture import FullPicture, full_size
from embereye.ui.main_window import MainWindow
from embereye.ui.mask_draft import MaskDraft
from embereye.ui.mask_editor import MaskEditor
from embereye.ui.pages import Page
from embereye.ui.snapshots import Snapshots
from embereye.ui.theme import Tokens

_GATE = CameraId("gate")


@pytest.fixture
def site(qtbot: QtBot, colours: Tokens) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    yield made
    made.close()


@pytest.fixture
def demands(console: FakeConsole, clock: FakeClock) -> Demands:
    console.configured = Settings(cameras=(Camera(id="gate", name="Gate", source="testcard:"),))
    console.show_cameras(camera("gate", clock))  # 640 × 480
    return Demands(console, 25.0)


@pytest.fixture
def snapshots(console: FakeConsole, demands: Demands, site: QWidget) -> Snapshots:
    made = Snapshots(console, demands, PlainThreads(), site)
    made.said: list[str] = []
    made.noticed.connect(made.said.append)
    return made


def _tile(
    clock: FakeClock, size: tuple[int, int], source: tuple[int, int] = (640, 480), level: int = 7
) -> Tile:
    pixels = np.full((size[1], size[0], 4), level, np.uint8)
    return Tile(_GATE, pixels, 1, clock.now(), *source)


def _put(console: FakeConsole, tile: Tile) -> None:
    console.tiles[_GATE] = tile


class _Waiting:
    """A picture that is waited for, step by step."""

    def __init__(self, console: FakeConsole, demands: Demands, parent: QWidget) -> None:
        self.tiles: list[Tile] = []
        self.problems: list[str] = []
        self.picture = FullPicture(console, demands, _GATE, parent)
        self.picture.taken.connect(self.tiles.append)
        self.picture.failed.connect(self.problems.append)
        self.picture._timer.setInterval(1_000_000)  # the test looks itself
        self.picture.start()

    def look(self) -> None:
        self.picture.look()


@pytest.fixture
def waiting(console: FakeConsole, demands: Demands, site: QWidget) -> _Waiting:
    return _Waiting(console, demands, site)


def _wanted(console: FakeConsole) -> tuple[tuple[int, int], ...]:
    return console.demands[-1][0].sizes if console.demands[-1] else ()


def test_the_size_of_the_source_is_wanted_until_it_comes(
    waiting: _Waiting, console: FakeConsole, clock: FakeClock
) -> None:
    assert _wanted(console) == ((640, 480),)
    _put(console, _tile(clock, (160, 120)))  # made for the wall
    waiting.look()
    assert waiting.tiles == []
    clock.advance(0.1)
    full = _tile(clock, (640, 480))
    _put(console, full)
    waiting.look()
    assert waiting.tiles == [full]
    assert _wanted(console) == ()


def test_a_full_picture_that_is_there_is_taken_at_once(
    console: FakeConsole, demands: Demands, site: QWidget, clock: FakeClock
) -> None:
    _put(console, _tile(clock, (640, 480)))
    clock.advance(0.5)
    assert len(_Waiting(console, demands, site).tiles) == 1


def test_after_three_seconds_it_is_given_up(
    waiting: _Waiting, console: FakeConsole, clock: FakeClock
) -> None:
    clock.advance(2.9)
    waiting.look()
    assert waiting.problems == []
    clock.advance(0.2)
    waiting.look()
    (text,) = waiting.problems
    assert "sent no picture within 3 s" in text
    assert _wanted(console) == ()


def test_an_old_picture_is_never_taken(
    console: FakeConsole, demands: Demands, site: QWidget, clock: FakeClock
) -> None:
    _put(console, _tile(clock, (640, 480)))
    clock.advance(2.1)  # stale after 2 s
    waiting = _Waiting(console, demands, site)
    clock.advance(3.1)
    waiting.look()
    assert waiting.tiles == []
    assert len(waiting.problems) == 1


@pytest.mark.parametrize(
    "changes",
    [{"state": state, "detail": "Check it."} for state in CameraState if state.value != "live"]
    + [{"doubts": (Doubt.FROZEN,)}],
    ids=str,
)
def test_a_camera_that_is_not_live_is_refused_at_once(
    console: FakeConsole,
    demands: Demands,
    site: QWidget,
    clock: FakeClock,
    changes: dict[str, object],
) -> None:
    console.show_cameras(replace(camera("gate", clock), **changes))  # type: ignore[arg-type]
    _put(console, _tile(clock, (640, 480)))
    waiting = _Waiting(console, demands, site)
    assert waiting.tiles == []
    assert "nothing was taken" in waiting.problems[0]


def test_a_camera_that_is_gone_is_refused(
    console: FakeConsole, demands: Demands, site: QWidget
) -> None:
    console.show_cameras()
    assert "not known" in _Waiting(console, demands, site).problems[0]


def test_where_there_is_a_larger_stream_it_is_waited_for(
    console: FakeConsole, demands: Demands, site: QWidget, clock: FakeClock
) -> None:
    row = Camera(id="gate", name="Gate", source="testcard:", sub_source="testcard:640x480")
    console.configured = Settings(cameras=(row,))
    waiting = _Waiting(console, demands, site)
    assert _wanted(console) == ((1920, 1080),)
    _put(console, _tile(clock, (1440, 1080)))  # the small stream, enlarged
    waiting.look()
    assert waiting.tiles == []
    assert _wanted(console) == ((1920, 1080),)
    _put(console, _tile(clock, (1920, 1080), (2560, 1440)))
    waiting.look()
    assert _wanted(console) == ((2560, 1440),)
    best = _tile(clock, (2560, 1440), (2560, 1440))
    _put(console, best)
    waiting.look()
    assert waiting.tiles == [best]


def test_where_the_larger_stream_does_not_come_the_small_one_does(
    console: FakeConsole, demands: Demands, site: QWidget, clock: FakeClock
) -> None:
    row = Camera(id="gate", name="Gate", source="testcard:", sub_source="testcard:640x480")
    console.configured = Settings(cameras=(row,))
    waiting = _Waiting(console, demands, site)
    clock.advance(2.1)
    _put(console, _tile(clock, (1440, 1080)))
    waiting.look()
    assert _wanted(console) == ((640, 480),)
    _put(console, _tile(clock, (640, 480)))
    waiting.look()
    assert len(waiting.tiles) == 1


@pytest.mark.parametrize(
    ("made", "source", "full"),
    [
        ((320, 180), (1920, 1080), (1920, 1080)),
        ((64, 36), (1280, 720), (1280, 720)),
        ((320, 240), (720, 576), (768, 576)),  # oblong pixels, 16 : 15
        ((320, 180), (720, 576), (1024, 576)),  # the same, shown 16 : 9
        ((400, 300), (8000, 6000), (4096, 3072)),  # more than capture makes
    ],
)
def test_full_size_keeps_every_pixel_and_makes_them_square(
    clock: FakeClock, made: tuple[int, int], source: tuple[int, int], full: tuple[int, int]
) -> None:
    assert full_size(_tile(clock, made, source)) == full


# --- from the key to the file ----------------------------------------------------------------


def _take(snapshots: Snapshots, console: FakeConsole, clock: FakeClock) -> None:
    _put(console, _tile(clock, (640, 480)))
    snapshots.take(_GATE)


def test_a_snapshot_is_saved_and_noted(
    snapshots: Snapshots,
    console: FakeConsole,
    clock: FakeClock,
    site: QWidget,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    _take(snapshots, console, clock)
    taken = clock.now()
    proposed = Path(chooser(site).selectedFiles()[0]).name
    assert proposed.startswith("gate_gate_20")
    assert proposed.endswith(".png")
    clock.advance(60.0)  # the operator thinks about a name
    _put(console, _tile(clock, (640, 480), level=200))
    path = tmp_path / "a.png"
    choose(site, path)
    qtbot.waitUntil(lambda: bool(console.asked))
    assert console.asked == [SnapshotSaved(_GATE, taken.utc, str(path), "operator")]
    assert f"Saved {path}." in snapshots.said
    image = QImage(str(path))
    assert (image.width(), image.height()) == (640, 480)
    assert image.pixelColor(1, 1).red() == 7
    assert json.loads(image.text("Description"))["camera"] == "gate"


def test_a_name_without_an_ending_gets_one(
    snapshots: Snapshots,
    console: FakeConsole,
    clock: FakeClock,
    site: QWidget,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    _take(snapshots, console, clock)
    choose(site, tmp_path / "a")
    qtbot.waitUntil(lambda: bool(console.asked))
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_jpeg_is_saved_where_one_is_chosen(
    snapshots: Snapshots,
    console: FakeConsole,
    clock: FakeClock,
    site: QWidget,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    _take(snapshots, console, clock)
    dialog = chooser(site)
    dialog.filterSelected.emit(dialog.nameFilters()[1])
    assert dialog.selectedFiles()[0].endswith(".jpg")
    choose(site, tmp_path / "a")
    qtbot.waitUntil(lambda: bool(console.asked))
    assert (tmp_path / "a.jpg").read_bytes()[:3] == b"\xff\xd8\xff"
    shown = cv2.imread(str(tmp_path / "a.jpg"))
    assert shown is not None
    assert shown.shape == (480, 640, 3)


def test_another_file_is_replaced_only_after_a_question(
    snapshots: Snapshots,
    console: FakeConsole,
    clock: FakeClock,
    site: QWidget,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    _take(snapshots, console, clock)
    choose(site, path)
    answer(chooser(site), False)
    assert path.read_bytes() == b"mine"
    choose(site, path)
    answer(chooser(site), True)
    qtbot.waitUntil(lambda: bool(console.asked))
    assert path.read_bytes() != b"mine"


def test_what_cannot_be_written_is_told(
    snapshots: Snapshots,
    console: FakeConsole,
    clock: FakeClock,
    site: QWidget,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    _take(snapshots, console, clock)
    choose(site, tmp_path / "a.gif")
    qtbot.waitUntil(lambda: len(open_dialogs(site)) == 1)
    assert ".png or .jpg" in complaint(site)
    assert console.asked == []
    assert list(tmp_path.iterdir()) == []


def test_one_snapshot_of_a_camera_at_a_time(
    snapshots: Snapshots, console: FakeConsole, clock: FakeClock, site: QWidget, qtbot: QtBot
) -> None:
    _take(snapshots, console, clock)
    snapshots.take(_GATE)
    assert len(site.findChildren(QFileDialog)) == 1
    chooser(site).reject()
    qtbot.waitUntil(lambda: not snapshots.children())
    snapshots.take(_GATE)
    assert chooser(site).isVisible()


def test_a_refusal_is_told(
    snapshots: Snapshots, console: FakeConsole, clock: FakeClock, site: QWidget, qtbot: QtBot
) -> None:
    console.show_cameras(camera("gate", clock, CameraState.STALE))
    _take(snapshots, console, clock)
    (text,) = snapshots.said
    assert text.startswith("△ No snapshot: gate shows no live picture (stale)")
    assert open_dialogs(site) == []
    qtbot.waitUntil(lambda: not snapshots.children())


def test_s_saves_what_the_selected_camera_shows(
    window: MainWindow, console: FakeConsole, clock: FakeClock, qtbot: QtBot
) -> None:
    console.configured = Settings(cameras=(Camera(id="gate", name="Gate", source="testcard:"),))
    console.show_cameras(camera("gate", clock))
    _put(console, _tile(clock, (640, 480)))
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    QTest.keyClick(window.wall.canvas, Qt.Key.Key_S)
    assert open_dialogs(window) == []  # nothing is selected
    window.wall.canvas.tick()
    window.wall.canvas.select(_GATE)
    QTest.keyClick(window.wall.canvas, Qt.Key.Key_S)
    assert chooser(window).isVisible()
    chooser(window).reject()


def test_the_list_of_cameras_leads_to_snapshot_and_masks(
    window: MainWindow, console: FakeConsole, clock: FakeClock, qtbot: QtBot
) -> None:
    console.configured = Settings(cameras=(Camera(id="gate", name="Gate", source="testcard:"),))
    console.show_cameras(camera("gate", clock))
    _put(console, _tile(clock, (640, 480)))
    window.show()
    window.show_page(Page.CAMERAS)
    page = window.pages.cameras
    page.refresh()
    page.snapshot.trigger()
    chooser(window).reject()
    page.masks.trigger()
    (editor,) = [d for d in open_dialogs(window) if d.objectName() == "masks of gate"]
    editor.reject()
    page.zones.trigger()
    (editor,) = [d for d in open_dialogs(window) if d.objectName() == "zones of gate"]
    editor.reject()
    snapshots = window.pages.findChild(Snapshots)
    assert snapshots is not None
    qtbot.waitUntil(lambda: not snapshots.children())
    window.pages.save_snapshot()
    assert chooser(window).isVisible()
    chooser(window).reject()


def test_the_menu_of_a_tile_leads_to_snapshot_and_masks(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    console.configured = Settings(cameras=(Camera(id="gate", name="Gate", source="testcard:"),))
    console.show_cameras(camera("gate", clock))
    _put(console, _tile(clock, (640, 480)))
    window.show()
    window.wall.canvas.tick()
    window.wall.canvas.select(_GATE)
    window.wall._do("snapshot")
    chooser(window).reject()
    for drawn in ("masks", "zones"):
        window.wall._do(drawn)
        (editor,) = [d for d in open_dialogs(window) if d.objectName() == f"{drawn} of gate"]
        editor.reject()


def test_the_window_is_not_closed_over_masks_that_are_not_saved(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    console.configured = Settings(cameras=(Camera(id="gate", name="Gate", source="testcard:"),))
    console.show_cameras(camera("gate", clock))
    window.show()
    window.pages.pictures.mask(_GATE)
    (editor,) = window.findChildren(MaskEditor)
    editor.canvas.edit(MaskDraft().added(((0.1, 0.1), (0.4, 0.1), (0.4, 0.5)))[0])
    assert not window.may_close()
    answer(editor, True)
    assert window.may_close()
