"""Zones and lines are drawn, described and judged on the live picture, then saved as a whole."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from consoles import FakeConsole, camera
from dialog_parts import answer
from drawing_parts import at, click, drag, press
from fakes import FakeClock
from PySide6.QtCore import Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from zoom_parts import verdict

from embereye.config.schema import Camera, Settings
from embereye.config.zone_options import Line, Schedule, Zone
from embereye.model.camera_messages import EditCameraAsked
from embereye.model.detection import Detection
from embereye.model.vision_models import ImportedModel, ModelTable, ModelTrial
from embereye.rules.zones import Box
from embereye.ui.bridge import Bridge
from embereye.ui.demands import Demands
from embereye.ui.theme import Tokens
from embereye.ui.viewport import WHOLE
from embereye.ui.zone_draft import (
    INCLUDE,
    LINE,
    MOST_LINES,
    MOST_ZONES,
    Drawn,
    ZoneDraft,
    draft_of,
)
from embereye.ui.zone_editor import ZoneEditor
from embereye.ui.zone_ink import fate
from embereye.ui.zone_preview import judge
from embereye.ui.zone_words import label_remark, labels_of, schedule_words, summary

_RAMP = Zone(
    id="ramp", name="Ramp", points=((0.1, 0.1), (0.4, 0.1), (0.4, 0.5), (0.1, 0.5)),
    confidence=0.375, dwell=2.5, schedule=Schedule(days=("mon",), start="20:00", end="06:00"),
)  # fmt: skip
_FENCE = Line(id="fence", name="Fence", points=((0.6, 0.6), (0.9, 0.6)), direction="to the left")


def _gate(**changes: object) -> Camera:
    return Camera.model_validate({"id": "gate", "name": "Gate", "source": "testcard:", **changes})


def _open(
    console: FakeConsole, bridge: Bridge, clock: FakeClock, colours: Tokens, window: QWidget
) -> ZoneEditor:
    console.show_cameras(camera("gate", clock))
    seen = console.cameras().cameras[0]
    made = ZoneEditor(console, bridge, Demands(console, 25.0), colours, seen, window)
    made.show()
    return made


@pytest.fixture
def editor(
    console: FakeConsole, bridge: Bridge, clock: FakeClock, colours: Tokens, qtbot: QtBot
) -> Iterator[ZoneEditor]:
    console.configured = Settings(cameras=(_gate(zones=(_RAMP,), lines=(_FENCE,)),))
    console.put_picture("gate", 640, 480)
    window = QWidget()
    qtbot.addWidget(window)
    yield _open(console, bridge, clock, colours, window)
    window.close()


def _model(name: str, *labels: str) -> ImportedModel:
    trial = ModelTrial(("yolov8",), labels, 640, 640, 0.1, 0.1, 0.1, 1, "CPUExecutionProvider")
    return ImportedModel(
        name, "1", name, "", "yolov8", "MIT", "0" * 64, 1, "operator", 0.0, trial, active=True
    )


def _saved(console: FakeConsole) -> Camera:
    """What the one request makes of the camera."""
    (asked,) = console.asked
    assert isinstance(asked, EditCameraAsked)
    assert (asked.camera, asked.actor) == ("gate", "operator")
    return _gate(**asked.values)


def _near(points: tuple[tuple[float, float], ...], *wanted: tuple[float, float]) -> bool:
    flat = [value for point in points for value in point]
    return flat == pytest.approx([value for point in wanted for value in point], abs=0.004)


def test_an_area_an_ignored_one_and_a_line_are_drawn_and_saved(
    editor: ZoneEditor, console: FakeConsole
) -> None:
    editor.draw_buttons["include"].click()
    click(editor, (0.5, 0.2), (0.7, 0.2), (0.7, 0.4), (0.5, 0.2))  # the first corner ends it
    editor.draw_buttons["exclude"].click()
    click(editor, (0.2, 0.7), (0.3, 0.7), (0.3, 0.8))
    press(editor, Qt.Key.Key_Return)
    editor.draw_buttons["line"].click()
    click(editor, (0.5, 0.8), (0.8, 0.8))
    press(editor, Qt.Key.Key_Return)
    assert editor.canvas.selection == 4
    editor.save()
    row = _saved(console)
    assert row.zones[0] == _RAMP
    assert row.lines[0] == _FENCE
    assert [(zone.kind, zone.name) for zone in row.zones[1:]] == [
        ("include", "Area 1"), ("exclude", "Ignored area 1"),
    ]  # fmt: skip
    assert _near(row.zones[1].points, (0.5, 0.2), (0.7, 0.2), (0.7, 0.4))
    assert _near(row.lines[1].points, (0.5, 0.8), (0.8, 0.8))
    assert len({zone.id for zone in row.zones}) == 3


def test_what_is_not_touched_is_saved_as_it_was(editor: ZoneEditor, console: FakeConsole) -> None:
    editor.list.setCurrentRow(1)
    editor.remove_button.click()
    editor.save()
    assert _saved(console).zones == (_RAMP,)  # 37.5 % and 2.5 s among it
    assert _saved(console).lines == ()


def test_edges_that_cross_are_told_and_not_saved(editor: ZoneEditor, console: FakeConsole) -> None:
    drag(editor, (0.4, 0.5), (0.2, 0.02))
    assert "edges cross" in editor.problem.text()
    assert "Ramp" in editor.problem.text()
    assert "△" in editor.list.item(0).text()
    assert not editor.save_button.isEnabled()
    editor.save()
    assert console.asked == []
    drag(editor, (0.2, 0.02), (0.42, 0.52))
    assert editor.problem.text() == ""
    assert editor.save_button.isEnabled()


def test_what_cannot_be_used_is_drawn_red(editor: ZoneEditor) -> None:
    def red() -> int:
        image = editor.canvas.grab().toImage()
        spots = (image.pixelColor(at(editor, 0.25, y / 100)) for y in range(5, 60))
        return sum(spot.red() > 200 and spot.green() < 110 for spot in spots)

    assert red() == 0
    drag(editor, (0.4, 0.5), (0.2, 0.02))
    assert red() > 0


@pytest.mark.parametrize("points", [((0.2, 0.2),) * 3, ((0.1, 0.1), (0.2, 0.2), (0.3, 0.3))])
def test_an_area_without_a_surface_is_not_saved(
    editor: ZoneEditor, console: FakeConsole, points: tuple[tuple[float, float], ...]
) -> None:
    editor.canvas.redraw(points)
    editor.save()
    assert console.asked == []
    assert editor.problem.text()


def test_a_line_without_length_is_not_saved(editor: ZoneEditor, console: FakeConsole) -> None:
    editor.list.setCurrentRow(1)
    editor.canvas.redraw(((0.6, 0.6), (0.6, 0.6)))
    editor.save()
    assert console.asked == []
    assert "no length" in editor.problem.text()


def test_a_line_needs_two_places_and_an_area_three(editor: ZoneEditor) -> None:
    for kind, places in (("line", [(0.5, 0.8)]), ("include", [(0.5, 0.8), (0.6, 0.8)])):
        editor.draw_buttons[kind].click()
        click(editor, *places)
        press(editor, Qt.Key.Key_Return)
        assert editor.canvas.drawing
        press(editor, Qt.Key.Key_Escape)
    assert len(editor.canvas.draft.shapes) == 2


def test_fields_describe_the_chosen_one_and_change_it(
    editor: ZoneEditor, console: FakeConsole
) -> None:
    panel = editor.panel
    assert (panel.name.text(), panel.confidence.value(), panel.dwell.value()) == ("Ramp", 38, 2.5)
    panel.name.selectAll()
    QTest.keyClicks(panel.name, "Loading ramp")
    panel.labels["person"].click()
    panel.labels["smoke"].click()
    panel.others.setFocus()
    QTest.keyClicks(panel.others, "forklift, Dog,")
    panel.confidence.setValue(60)
    panel.least_area.setValue(1.5)
    panel.dwell.setValue(7.0)
    panel.alarm.click()
    panel.schedule.days["tue"].click()
    panel.schedule.start.setTime(QTime(21, 30))
    assert "Mon, Tue 21:30–06:00 (next day)" in panel.schedule.words.text()
    editor.save()
    assert _saved(console).zones[0] == Zone(
        id="ramp", name="Loading ramp", points=_RAMP.points,
        labels=("fire", "person", "forklift", "dog"), confidence=0.6, least_area=0.015, dwell=7.0,
        alarm=True, schedule=Schedule(days=("mon", "tue"), start="21:30", end="06:00"),
    )  # fmt: skip


def test_a_usual_label_that_is_typed_is_ticked(editor: ZoneEditor) -> None:
    QTest.keyClicks(editor.panel.others, "Personnel carrier, Person")
    assert not editor.panel.labels["person"].isChecked()
    QTest.keyClick(editor.panel.others, Qt.Key.Key_Return)
    assert editor.panel.labels["person"].isChecked()
    wanted = ("fire", "smoke", "person", "personnel carrier")
    assert editor.canvas.draft.shapes[0].labels == wanted
    assert editor.panel.others.text() == "personnel carrier"


def test_the_models_of_the_camera_say_which_labels_there_are(editor: ZoneEditor) -> None:
    assert "fire, smoke" in editor.panel.others.toolTip()


def test_fields_fit_what_is_chosen(editor: ZoneEditor) -> None:
    panel = editor.panel
    assert panel.kind.isVisibleTo(panel)
    assert panel.dwell.isVisibleTo(panel)
    panel.kind.setCurrentIndex(1)
    panel.kind.activated.emit(1)
    assert editor.canvas.draft.shapes[0].kind == "exclude"
    assert not panel.dwell.isVisibleTo(panel)
    editor.list.setCurrentRow(1)
    assert panel.direction.isVisibleTo(panel)
    assert not panel.kind.isVisibleTo(panel)
    assert panel.direction.currentData() == "to the left"


def test_letters_of_a_name_are_one_step(editor: ZoneEditor) -> None:
    QTest.keyClicks(editor.panel.name, " west")
    assert editor.canvas.draft.shapes[0].name == "Ramp west"
    editor.undo_button.click()
    assert editor.canvas.draft.shapes[0].name == "Ramp"
    assert editor.panel.name.text() == "Ramp"
    editor.redo_button.click()
    assert editor.canvas.draft.shapes[0].name == "Ramp west"


def test_drawing_is_taken_back_corner_by_corner_then_as_a_whole(editor: ZoneEditor) -> None:
    editor.draw_buttons["include"].click()
    click(editor, (0.5, 0.2), (0.7, 0.2), (0.7, 0.4), (0.6, 0.6))
    editor.canvas.undo()  # the last corner
    press(editor, Qt.Key.Key_Return)
    assert len(editor.canvas.draft.shapes[1].points) == 3
    editor.canvas.undo()
    assert [shape.name for shape in editor.canvas.draft.shapes] == ["Ramp", "Fence"]


def test_a_name_is_needed(editor: ZoneEditor, console: FakeConsole) -> None:
    editor.panel.name.selectAll()
    QTest.keyClick(editor.panel.name, Qt.Key.Key_Backspace)
    editor.save()
    assert console.asked == []
    assert "name" in editor.problem.text()


def test_labels_that_no_model_knows_are_remarked(editor: ZoneEditor, console: FakeConsole) -> None:
    panel = editor.panel
    assert not panel.remark.isVisibleTo(panel)
    panel.labels["person"].click()
    assert "import a model for persons on the Models page" in panel.remark.text()
    assert panel.remark.isVisibleTo(panel)
    row = _gate(zones=(_RAMP,), models="built-in, people")
    console.configured = Settings(cameras=(row,))
    console.model_table = ModelTable(models=(_model("people", "person"),))
    editor.revert()
    panel.labels["person"].click()
    assert not panel.remark.isVisibleTo(panel)
    panel.labels["vehicle"].click()
    assert "No model of this camera knows vehicles" in panel.remark.text()


@pytest.mark.parametrize("models", ["remote", "/models/unread.onnx", "built-in, gone"])
def test_of_what_may_know_anything_nothing_is_remarked(
    editor: ZoneEditor, console: FakeConsole, models: str
) -> None:
    console.configured = Settings(cameras=(_gate(zones=(_RAMP,), models=models),))
    editor.revert()
    editor.panel.labels["person"].click()
    assert not editor.panel.remark.isVisibleTo(editor.panel)


def test_what_somebody_else_drew_meanwhile_is_not_overwritten(
    editor: ZoneEditor, console: FakeConsole
) -> None:
    editor.remove_button.click()
    console.configured = Settings(cameras=(_gate(lines=(_FENCE,)),))
    editor.save()
    assert console.asked == []
    assert "somebody else" in editor.problem.text()


def test_it_closes_once_the_zones_are_in_force(
    editor: ZoneEditor, console: FakeConsole, qtbot: QtBot
) -> None:
    editor.remove_button.click()
    editor.save()
    with qtbot.waitSignal(editor.accepted):
        console.configured = Settings(cameras=(_gate(lines=(_FENCE,)),))


def test_drawings_are_given_up_only_after_a_question(editor: ZoneEditor) -> None:
    editor.remove_button.click()
    editor.reject()
    assert editor.isVisible()
    answer(editor, True)
    assert not editor.isVisible()


def test_it_is_drawn_on_a_grid_where_there_is_no_picture(
    console: FakeConsole, bridge: Bridge, clock: FakeClock, colours: Tokens, qtbot: QtBot
) -> None:
    console.configured = Settings(cameras=(_gate(),))
    window = QWidget()
    qtbot.addWidget(window)
    made = _open(console, bridge, clock, colours, window)
    assert "Without an area everything" in made.hint.text()
    made.grab()
    made.draw_buttons["include"].click()
    click(made, (0.1, 0.1), (0.3, 0.1), (0.2, 0.4))
    press(made, Qt.Key.Key_Return)
    made.save()
    assert _near(_saved(console).zones[0].points, (0.1, 0.1), (0.3, 0.1), (0.2, 0.4))
    window.close()


def test_what_was_found_lately_is_shown_with_what_becomes_of_it(
    editor: ZoneEditor, console: FakeConsole, clock: FakeClock
) -> None:
    before = editor.canvas.grab().toImage()
    verdict(console, "gate", Detection("fire", 0.9, 100.0, 60.0, 60.0, 60.0))  # of 640 × 480
    editor.canvas.newest.look()
    assert editor.canvas.grab().toImage() != before
    clock.advance(6)
    editor.canvas.newest.look()
    assert editor._ink.glances == ()


def test_what_is_not_in_view_gets_no_name_at_the_edge(editor: ZoneEditor) -> None:
    editor.canvas.select(-1)
    editor.canvas.look_at(WHOLE.zoomed(4, 0.95, 0.95))
    with_zones = editor.canvas.grab().toImage()
    editor.canvas.edit(ZoneDraft())
    assert with_zones == editor.canvas.grab().toImage()


# --- what would count ------------------------------------------------------------------------

_AREA = Drawn("a", "Ramp", INCLUDE, ((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0)), ("person",))


def _judged(drawn: tuple[Drawn, ...], label: str, x: float, y: float, sure: float = 0.8) -> str:
    box = Box(x - 0.05, y - 0.2, x + 0.05, y)
    return fate(judge(Detection(label, sure, 0, 0, 1, 1), box, drawn))


def test_a_detection_is_judged_as_the_rules_do() -> None:
    assert _judged((_AREA,), "person", 0.6, 0.6) == "counts in Ramp"  # by its foot
    assert _judged((_AREA,), "person", 0.4, 0.6) == "outside, does not count"
    assert _judged((_AREA,), "vehicle", 0.4, 0.6) == "counts"
    assert _judged((), "person", 0.4, 0.6) == "counts"
    hidden = replace(_AREA, id="b", name="Yard", kind="exclude")
    assert _judged((_AREA, hidden), "person", 0.6, 0.6) == "ignored in Yard"
    assert _judged((replace(_AREA, least_area=0.1),), "person", 0.6, 0.6) == "too small for Ramp"
    unsure = replace(_AREA, confidence=0.9)
    assert _judged((unsure,), "person", 0.6, 0.6) == "not sure enough for Ramp"
    line = replace(_AREA, kind=LINE, points=((0.0, 0.0), (1.0, 1.0)))
    assert _judged((line,), "person", 0.4, 0.6) == "counts"


def test_an_area_that_cannot_be_used_decides_nothing() -> None:
    bow = replace(_AREA, points=((0.1, 0.1), (0.5, 0.5), (0.5, 0.1), (0.1, 0.5)))
    assert bow.trouble
    assert _judged((bow,), "person", 0.9, 0.9) == "counts"


# --- drafts and words ------------------------------------------------------------------------


def test_no_more_areas_and_lines_than_a_camera_may_have() -> None:
    draft = ZoneDraft()
    for _ in range(MOST_ZONES):
        draft, _ = draft.added(((0.1, 0.1), (0.9, 0.1), (0.9, 0.9)), INCLUDE)
    assert draft.full(INCLUDE)
    assert not draft.full(LINE)
    for _ in range(MOST_LINES):
        draft, _ = draft.added(((0.1, 0.1), (0.9, 0.1)), LINE)
    assert draft.full(LINE)
    assert draft_of(_gate(**draft.values())) == draft


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Schedule(), "always"),
        (Schedule(start="20:00", end="06:00"), "every day 20:00–06:00 (next day)"),
        (Schedule(start="20:00"), "every day 20:00–00:00"),
        (Schedule(days=("mon", "tue", "wed", "thu", "fri"), start="08:00", end="18:00"),
         "Mon–Fri 08:00–18:00"),
        (Schedule(days=("sun", "sat")), "Sat, Sun, all day"),
        (Schedule(days=("fri", "mon"), start="22:00", end="05:30"),
         "Mon, Fri 22:00–05:30 (next day)"),
        (Schedule(days=("mon",), start="09:00", end="09:00"), "Mon, all day from 09:00"),
    ],
)  # fmt: skip
def test_a_schedule_in_words(schedule: Schedule, words: str) -> None:
    assert schedule_words(schedule) == words


def test_a_summary_says_what_happens() -> None:
    guarded = replace(_AREA, alarm=True, dwell=3.0, labels=("fire", "person"))
    assert summary(guarded) == (
        "Counts only inside: fire, person. Intrusion alarm after 3 s for: person."
    )
    assert "Flame and smoke alarm by themselves" in summary(replace(guarded, labels=("fire",)))
    assert summary(replace(_AREA, labels=())) == "Counts only inside: everything."
    assert summary(replace(_AREA, kind="exclude")) == "Ignored inside: person."
    way = replace(_AREA, kind=LINE, direction="to the right", labels=())
    assert summary(way) == (
        "Intrusion alarm when crossed to the right by: everything but flame and smoke."
    )


@pytest.mark.parametrize(
    ("text", "labels"),
    [("", ()), (" , ;, ", ()), ("Dog; dog,forklift truck", ("dog", "forklift truck"))],
)
def test_labels_that_somebody_typed(text: str, labels: tuple[str, ...]) -> None:
    assert labels_of(text) == labels


def test_remarks_about_labels() -> None:
    known = frozenset({"fire", "smoke"})
    assert label_remark(("fire", "smoke"), known) == ""
    assert label_remark(("person",), None) == ""
    assert "persons and “dog”" in label_remark(("person", "dog", "fire"), known)
    assert "No model" in label_remark(("dog",), frozenset({"person"}))
