"""Regions are drawn, moved, named and given rules on the thermal picture, then saved as a whole."""

from pathlib import Path

import numpy as np
import pytest
from consoles import FakeConsole, device, thermal
from dialog_parts import answer, choose, chooser
from fakes import FakeClock
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from embereye.config.schema import Device, Settings, ThermalArea, ThermalRegion, ThermalRule
from embereye.model.device_messages import EditDeviceAsked
from embereye.model.ids import DeviceId
from embereye.model.messages import RequestRefused
from embereye.model.reading import DeviceState
from embereye.model.thermal import RegionReading, RegionState
from embereye.ui.bridge import Bridge
from embereye.ui.region_draft import Draft, draft_of
from embereye.ui.theme import Tokens
from embereye.ui.thermal_canvas import Tool
from embereye.ui.thermal_editor import ThermalEditor

_BEARING = ThermalRegion(
    id="bearing",
    name="Bearing",
    shape="polygon",
    points=((4, 4), (12, 4), (12, 12), (4, 12)),
    rules=(ThermalRule(measure="max", pre_alarm=60, alarm=85),),
)
_BOILER = DeviceId("boiler")


@pytest.fixture
def editor(
    console: FakeConsole, bridge: Bridge, clock: FakeClock, colours: Tokens, qtbot: object
) -> ThermalEditor:
    mask = ThermalArea(name="Chimney", points=((26, 1), (31, 1), (31, 7)))
    row = Device(id="boiler", name="Boiler", regions=(_BEARING,), masks=(mask,))
    console.configured = Settings(devices=(row,))
    console.show_devices(device("boiler", clock, thermal=thermal("boiler", clock)))
    made = ThermalEditor(console, bridge, colours)
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(1216, 640)
    made.edit(_BOILER)
    made.show()
    return made


def _place(editor: ThermalEditor, column: float, row: float) -> QPoint:
    area = editor.canvas.picture_area()
    x = area.x() + column * area.width() / 32
    y = area.y() + row * area.height() / 24
    return QPoint(round(x), round(y))


def _click(editor: ThermalEditor, column: float, row: float) -> None:
    QTest.mouseClick(editor.canvas, Qt.MouseButton.LeftButton, pos=_place(editor, column, row))


def _saved(console: FakeConsole) -> Device:
    """What the last request would put in force."""
    (asked,) = console.asked
    assert isinstance(asked, EditDeviceAsked)
    return Device.model_validate({"id": "boiler", "name": "Boiler", **asked.values})


def test_what_is_in_force_is_shown_and_needs_no_saving(editor: ThermalEditor) -> None:
    assert [area.name for area in editor.canvas.draft.areas] == ["Bearing", "Chimney"]
    assert not editor.changed
    assert not editor.save_button.isEnabled()


def test_a_polygon_is_drawn_and_saved(editor: ThermalEditor, console: FakeConsole) -> None:
    editor.canvas.take_tool(Tool.POLYGON)
    for corner in ((16, 10), (20, 10), (20, 15)):
        _click(editor, *corner)
    QTest.keyClick(editor.canvas, Qt.Key.Key_Return)
    QTest.mouseClick(editor.save_button, Qt.MouseButton.LeftButton)
    drawn = _saved(console).regions[1]
    assert drawn.shape == "polygon"
    assert np.allclose(drawn.points, ((16, 10), (20, 10), (20, 15)), atol=0.25)
    assert _saved(console).masks[0].name == "Chimney"


def test_a_shape_is_drawn_by_keys_alone(editor: ThermalEditor) -> None:
    canvas = editor.canvas
    canvas.take_tool(Tool.LINE)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    for _ in range(4):
        QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert canvas.draft.areas[-1].points == ((16.0, 12.0), (20.0, 12.25))


def test_a_region_of_the_whole_picture_is_chosen_where_nothing_else_is(
    editor: ThermalEditor,
) -> None:
    QTest.mouseClick(editor.tools.whole_button, Qt.MouseButton.LeftButton)
    _click(editor, 8, 8)
    assert editor.canvas.selection == "bearing"
    _click(editor, 20, 20)
    assert editor.canvas.selection == "region-1"
    QTest.mousePress(editor.canvas, Qt.MouseButton.LeftButton, pos=_place(editor, 20, 20))
    QTest.mouseMove(editor.canvas, _place(editor, 25, 20))  # it cannot be moved
    assert editor.canvas.draft.areas[-1].points == ()


def test_a_polygon_of_two_points_is_not_ended(editor: ThermalEditor) -> None:
    editor.canvas.take_tool(Tool.POLYGON)
    _click(editor, 16, 10)
    _click(editor, 20, 10)
    QTest.keyClick(editor.canvas, Qt.Key.Key_Return)
    assert len(editor.canvas.draft.areas) == 2


def test_a_corner_is_dragged(editor: ThermalEditor) -> None:
    canvas = editor.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=_place(editor, 12, 12))
    QTest.mouseMove(canvas, _place(editor, 14, 15))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=_place(editor, 14, 15))
    points = editor.canvas.draft.areas[0].points
    assert np.allclose(points[2], (14, 15), atol=0.3)
    assert points[0] == (4, 4)


def test_arrows_move_the_selected_region_within_the_picture(editor: ThermalEditor) -> None:
    _click(editor, 8, 8)
    for _ in range(10):
        QTest.keyClick(editor.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    points = editor.canvas.draft.areas[0].points
    assert min(x for x, _ in points) == 0
    assert max(x for x, _ in points) == 8


def test_tab_walks_through_the_regions(editor: ThermalEditor) -> None:
    editor.canvas.setFocus()
    QTest.keyClick(editor.canvas, Qt.Key.Key_Tab)
    assert editor.canvas.selection == "bearing"
    QTest.keyClick(editor.canvas, Qt.Key.Key_Delete)
    assert [area.name for area in editor.canvas.draft.areas] == ["Chimney"]


def test_name_optics_and_rules_are_edited(editor: ThermalEditor, console: FakeConsole) -> None:
    _click(editor, 8, 8)
    panel = editor.panel
    panel.name.clear()
    QTest.keyClicks(panel.name, "Motor left")
    QTest.keyClicks(panel.emissivity, "0,6")
    QTest.mouseClick(panel.rules.add_button, Qt.MouseButton.LeftButton)
    editor.save()
    region = _saved(console).regions[0]
    assert (region.name, region.emissivity) == ("Motor left", 0.6)
    assert len(region.rules) == 2


@pytest.mark.parametrize(("field", "text"), [("emissivity", "7"), ("reflected", "warm")])
def test_wrong_numbers_are_refused_in_words(
    editor: ThermalEditor, console: FakeConsole, field: str, text: str
) -> None:
    _click(editor, 8, 8)
    QTest.keyClicks(getattr(editor.panel, field), text)
    editor.save()
    assert console.asked == []
    assert editor.panel.wrong


def test_a_rule_whose_levels_are_swapped_is_not_saved(
    editor: ThermalEditor, console: FakeConsole
) -> None:
    _click(editor, 8, 8)
    row = editor.panel.rules._rows[0]
    row.pre_alarm.clear()
    QTest.keyClicks(row.pre_alarm, "95")
    editor.save()
    assert console.asked == []
    assert "before the alarm" in editor.panel.rules.error.text()


@pytest.mark.parametrize(
    ("measure", "kept"), [("mean", "85"), ("rise", ""), ("unusual", ""), ("difference", "")]
)
def test_levels_of_a_temperature_are_not_taken_for_those_of_another_measure(
    editor: ThermalEditor, measure: str, kept: str
) -> None:
    _click(editor, 8, 8)
    row = editor.panel.rules._rows[0]
    index = row.measure.findData(measure)
    row.measure.setCurrentIndex(index)
    row.measure.activated.emit(index)
    assert row.alarm.text() == kept
    assert editor.panel.rules.wrong is not bool(kept)


def test_revert_goes_back_to_what_is_in_force(editor: ThermalEditor) -> None:
    _click(editor, 8, 8)
    editor.canvas.remove_selected()
    QTest.mouseClick(editor.revert_button, Qt.MouseButton.LeftButton)
    assert not editor.changed
    assert len(editor.canvas.draft.areas) == 2


def test_a_frozen_picture_says_so_and_stays(
    editor: ThermalEditor, console: FakeConsole, clock: FakeClock
) -> None:
    editor.tools.freeze_button.setChecked(True)
    frozen = editor.canvas._frame
    console.show_devices(device("boiler", clock, thermal=thermal("boiler", clock, 50.0)))
    editor.refresh()
    assert editor.canvas._frame is frozen
    assert "FROZEN" in editor._state.text()


def test_an_old_picture_is_called_old(
    editor: ThermalEditor, console: FakeConsole, clock: FakeClock
) -> None:
    silent = device("boiler", clock, thermal=thermal("boiler", clock), state=DeviceState.SILENT)
    console.show_devices(silent)
    editor.refresh()
    assert "NOT LIVE" in editor._state.text()


def test_live_values_stand_beside_the_selected_region(
    editor: ThermalEditor, console: FakeConsole
) -> None:
    reading = RegionReading("bearing", "Bearing", 91.0, 24.0, 38.2, (13, 19), RegionState.ALARM, 31)
    console.region_values[_BOILER] = (reading,)
    _click(editor, 8, 8)
    editor.refresh()
    said = editor.panel._live.text()
    assert "Max 91.0 · min 24.0 · mean 38.2 °C · alarm" in said
    assert "usual now 31.0" in said


@pytest.mark.parametrize("ending", ["csv", "npz", "png"])
def test_the_picture_is_saved_as_a_file(
    editor: ThermalEditor, qtbot: QtBot, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"picture.{ending}"
    button = getattr(editor.export, f"{ending}_button")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(editor.export.noticed):
        choose(editor, path)
    starts = {"csv": b"\xef\xbb\xbf# form: 1", "npz": b"PK", "png": b"\x89PNG"}
    assert path.read_bytes().startswith(starts[ending])


def test_what_is_saved_is_what_was_shown_when_it_was_asked_for(
    editor: ThermalEditor, console: FakeConsole, clock: FakeClock, qtbot: QtBot, tmp_path: Path
) -> None:
    QTest.mouseClick(editor.export.csv_button, Qt.MouseButton.LeftButton)
    console.show_devices(device("boiler", clock, thermal=thermal("boiler", clock, 50.0)))
    editor.refresh()
    with qtbot.waitSignal(editor.export.noticed):
        choose(editor, tmp_path / "a.csv")
    assert "# max: 91.0" in (tmp_path / "a.csv").read_text("utf-8-sig")


def test_a_folder_that_cannot_be_written_is_told(
    editor: ThermalEditor, qtbot: QtBot, tmp_path: Path
) -> None:
    QTest.mouseClick(editor.export.csv_button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(editor.noticed) as told:
        chooser(editor).chosen.emit(str(tmp_path / "no" / "picture.csv"))
    assert "could not be saved" in told.args[0]


# --- nothing is lost, nothing is called saved that is not ---------------------------------------


def _draw(editor: ThermalEditor) -> None:
    editor.canvas.take_tool(Tool.POINT)
    _click(editor, 20, 20)


def test_what_was_refused_is_still_there_to_be_saved(
    editor: ThermalEditor, bridge: Bridge, qtbot: QtBot
) -> None:
    _draw(editor)
    editor.save()
    assert not editor.save_button.isEnabled()  # on its way
    bridge.deliver([RequestRefused("The settings are locked.", "operator", "settings:boiler")])
    qtbot.waitUntil(editor.save_button.isEnabled)
    assert editor.changed
    assert editor._problem.text() == "△ Not saved: The settings are locked."


def test_regions_count_as_saved_once_they_are_in_force(
    editor: ThermalEditor, console: FakeConsole, qtbot: QtBot
) -> None:
    _draw(editor)
    editor.save()
    assert editor.changed
    console.configured = Settings(devices=(_saved(console),))
    qtbot.waitUntil(lambda: not editor.changed)


@pytest.mark.parametrize("yes", [True, False])
def test_going_back_asks_before_it_gives_up_what_was_drawn(
    editor: ThermalEditor, qtbot: QtBot, yes: bool
) -> None:
    left: list[bool] = []
    editor.closed.connect(lambda: left.append(True))
    _draw(editor)
    QTest.mouseClick(editor.back_button, Qt.MouseButton.LeftButton)
    assert left == []
    answer(editor, yes)
    assert left == [True] * yes
    assert editor.changed is not yes


def test_what_was_drawn_waits_while_another_page_is_looked_at(editor: ThermalEditor) -> None:
    told: list[str] = []
    editor.noticed.connect(told.append)
    _draw(editor)
    editor.hide()
    assert "not saved" in told[0]
    editor.edit(_BOILER)
    editor.show()
    assert editor.changed


def test_another_device_is_edited_only_after_a_yes(editor: ThermalEditor) -> None:
    _draw(editor)
    assert not editor.edit(DeviceId("other"))
    assert editor.changed
    answer(editor, True)
    assert not editor.changed
    assert "other" in editor._title.whole


def test_a_finished_shape_shows_that_its_tool_was_left(editor: ThermalEditor) -> None:
    buttons = editor.tools.findChildren(QToolButton)
    QTest.mouseClick(next(b for b in buttons if b.text() == "Point"), Qt.MouseButton.LeftButton)
    _click(editor, 20, 20)
    assert editor.tools.chosen() is Tool.SELECT


def test_a_draft_keeps_everything_of_a_device() -> None:
    row = Device(id="d", name="d", regions=(_BEARING,))
    again = Device.model_validate({"id": "d", "name": "d", **draft_of(row).values()})
    assert again == row


def test_problems_name_the_region() -> None:
    draft, area = Draft().added("polygon", ((1, 1), (5, 1), (5, 6)))
    two_same = Draft((area, area))
    assert draft.problems() == ()
    assert "region-1 is there twice" in two_same.problems()[0]
