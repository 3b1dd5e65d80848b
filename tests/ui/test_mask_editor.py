"""Privacy masks are drawn, moved and named on the live picture, then saved as a whole."""

from collections.abc import Iterator

import pytest
from consoles import FakeConsole, camera
from dialog_parts import answer, open_dialogs
from drawing_parts import LEFT, at, click, drag, press
from fakes import FakeClock
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from zoom_parts import wheel

from embereye.config.camera_options import PrivacyMask
from embereye.config.schema import Camera, Settings
from embereye.model.camera_messages import EditCameraAsked
from embereye.model.messages import RequestRefused
from embereye.ui.bridge import Bridge
from embereye.ui.corners import moved
from embereye.ui.demands import Demands
from embereye.ui.field import Field
from embereye.ui.mask_draft import MOST, MOST_MASKS, MaskDraft, draft_of
from embereye.ui.mask_editor import MaskEditor
from embereye.ui.theme import Tokens
from embereye.ui.viewport import WHOLE

_HOUSE = PrivacyMask(name="House", points=((0.1, 0.1), (0.4, 0.1), (0.4, 0.5), (0.1, 0.5)))
_WINDOW = PrivacyMask(name="Window", points=((0.6, 0.6), (0.9, 0.6), (0.75, 0.9)))


def _gate(*masks: PrivacyMask) -> Camera:
    return Camera(id="gate", name="Gate", source="testcard:", privacy=masks)


@pytest.fixture
def editor(
    console: FakeConsole, bridge: Bridge, clock: FakeClock, colours: Tokens, qtbot: QtBot
) -> Iterator[MaskEditor]:
    console.configured = Settings(cameras=(_gate(_HOUSE, _WINDOW),))
    console.show_cameras(camera("gate", clock))
    console.put_picture("gate", 640, 480)
    window = QWidget()
    qtbot.addWidget(window)
    seen = console.cameras().cameras[0]
    made = MaskEditor(console, bridge, Demands(console, 25.0), colours, seen, window)
    made.show()
    yield made
    window.close()


def _saved(console: FakeConsole) -> tuple[PrivacyMask, ...]:
    """What the one request makes of the camera."""
    (asked,) = console.asked
    assert isinstance(asked, EditCameraAsked)
    assert (asked.camera, asked.actor) == ("gate", "operator")
    tree = {**_gate().model_dump(), **asked.values}
    return Camera.model_validate(tree).privacy


def _near(mask: PrivacyMask, *points: tuple[float, float]) -> bool:
    """Within a pixel of the widget."""
    flat = [value for point in mask.points for value in point]
    return flat == pytest.approx([value for point in points for value in point], abs=0.004)


def test_a_mask_is_drawn_by_clicks_and_saved(editor: MaskEditor, console: FakeConsole) -> None:
    editor.draw_button.click()
    for place in ((0.5, 0.2), (0.7, 0.2), (0.7, 0.4), (0.5, 0.2)):  # the first corner ends it
        click(editor, place)
    editor.save()
    house, window, new = _saved(console)
    assert (house, window) == (_HOUSE, _WINDOW)
    assert new.name == "Mask 1"
    assert _near(new, (0.5, 0.2), (0.7, 0.2), (0.7, 0.4))


def test_a_double_click_ends_a_mask(editor: MaskEditor, console: FakeConsole) -> None:
    editor.draw_button.click()
    for place in ((0.5, 0.2), (0.7, 0.2), (0.7, 0.4)):
        click(editor, place)
    QTest.mouseDClick(editor.canvas, LEFT, pos=at(editor, 0.7, 0.4))
    assert len(editor.canvas.draft.masks) == 3
    assert len(editor.canvas.draft.masks[2].points) == 3


def test_a_mask_is_drawn_by_keys_alone(editor: MaskEditor) -> None:
    editor.draw_button.click()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        press(editor, Qt.Key.Key_Space)
        for _ in range(5):
            QTest.keyClick(editor.canvas, key, Qt.KeyboardModifier.ShiftModifier)
    press(editor, Qt.Key.Key_Space, Qt.Key.Key_Return)
    new = editor.canvas.draft.masks[2]
    assert _near(PrivacyMask(points=new.points), (0.5, 0.5), (0.6, 0.5), (0.6, 0.6))


def test_a_mask_of_two_corners_is_none(editor: MaskEditor) -> None:
    editor.draw_button.click()
    click(editor, (0.5, 0.2))
    click(editor, (0.7, 0.2))
    press(editor, Qt.Key.Key_Return)
    assert editor.canvas.drawing
    press(editor, Qt.Key.Key_Escape)
    assert not editor.canvas.drawing
    assert len(editor.canvas.draft.masks) == 2
    assert editor.isVisible()


def test_a_corner_is_dragged(editor: MaskEditor, console: FakeConsole) -> None:
    drag(editor, (0.4, 0.5), (0.45, 0.7))
    editor.save()
    assert _near(_saved(console)[0], (0.1, 0.1), (0.4, 0.1), (0.45, 0.7), (0.1, 0.5))


def test_a_corner_dragged_out_of_the_picture_stays_on_its_edge(editor: MaskEditor) -> None:
    QTest.mousePress(editor.canvas, LEFT, pos=at(editor, 0.1, 0.1))
    QTest.mouseMove(editor.canvas, QPoint(-40, -40))
    assert editor.canvas.draft.masks[0].points[0] == (0.0, 0.0)


def test_a_mask_is_dragged_as_a_whole_and_stays_inside(editor: MaskEditor) -> None:
    drag(editor, (0.7, 0.7), (0.75, 0.65))
    after = PrivacyMask(points=editor.canvas.draft.masks[1].points)
    assert _near(after, (0.65, 0.55), (0.95, 0.55), (0.8, 0.85))
    assert moved(((0.1, 0.1), (0.2, 0.1), (0.1, 0.3)), -1, 5) == (
        (0.0, 0.8),
        (0.1, 0.8),
        (0.0, 1.0),
    )


def test_masks_and_corners_are_chosen_and_moved_by_keys(editor: MaskEditor) -> None:
    canvas = editor.canvas
    assert canvas.selection == 0
    press(editor, Qt.Key.Key_Tab)
    assert canvas.selection == 1
    press(editor, Qt.Key.Key_Space, Qt.Key.Key_Space)
    assert canvas.corner == 1
    QTest.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.draft.masks[1].points == ((0.6, 0.6), (0.9, 0.58), (0.75, 0.9))
    press(editor, Qt.Key.Key_Insert)
    assert canvas.draft.masks[1].points[2] == (0.825, 0.74)
    press(editor, Qt.Key.Key_Delete)
    assert canvas.draft.masks[1].points == ((0.6, 0.6), (0.9, 0.58), (0.75, 0.9))
    press(editor, Qt.Key.Key_Delete)
    assert len(canvas.draft.masks[1].points) == 3  # no corner can be spared
    press(editor, Qt.Key.Key_Space, Qt.Key.Key_Delete)
    assert [mask.name for mask in canvas.draft.masks] == ["House"]


def test_a_double_click_on_an_edge_adds_a_corner(editor: MaskEditor) -> None:
    QTest.mouseDClick(editor.canvas, LEFT, pos=at(editor, 0.25, 0.1))
    points = editor.canvas.draft.masks[0].points
    assert len(points) == 5
    assert points[1] == pytest.approx((0.25, 0.1), abs=0.004)


def test_the_list_follows_the_picture_and_the_picture_the_list(editor: MaskEditor) -> None:
    click(editor, (0.75, 0.7))
    assert editor.list.currentRow() == 1
    assert editor.name.text() == "Window"
    editor.list.setCurrentRow(0)
    assert editor.canvas.selection == 0
    assert editor.name.text() == "House"


def test_a_mask_gets_another_name(editor: MaskEditor, console: FakeConsole) -> None:
    editor.name.clear()
    QTest.keyClicks(editor.name, "Neighbour")
    assert editor.list.item(0).text() == "Neighbour"
    editor.save()
    assert [mask.name for mask in _saved(console)] == ["Neighbour", "Window"]


def test_a_mask_without_a_name_is_not_saved(editor: MaskEditor, console: FakeConsole) -> None:
    editor.name.setFocus()
    editor.name.selectAll()
    QTest.keyClick(editor.name, Qt.Key.Key_Backspace)
    editor.save()
    assert console.asked == []
    assert "name" in editor.problem.text()


def test_all_masks_can_be_removed(editor: MaskEditor, console: FakeConsole) -> None:
    for _ in range(2):
        editor.list.setCurrentRow(0)
        editor.remove_button.click()
    editor.save()
    assert _saved(console) == ()


def test_it_closes_once_the_masks_are_in_force(
    editor: MaskEditor, console: FakeConsole, bridge: Bridge, qtbot: QtBot
) -> None:
    editor.remove_button.click()
    editor.save()
    bridge.deliver([RequestRefused("The disk is full.", "operator", "camera:gate")])
    qtbot.waitUntil(lambda: "The disk is full." in editor.problem.text())
    assert editor.save_button.isEnabled()
    editor.save()
    with qtbot.waitSignal(editor.accepted):
        console.configured = Settings(cameras=(_gate(_WINDOW),))


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    editor: MaskEditor, console: FakeConsole
) -> None:
    editor.remove_button.click()
    console.configured = Settings(cameras=(_gate(_HOUSE),))
    editor.save()
    assert console.asked == []
    assert "somebody else" in editor.problem.text()
    editor.revert()
    assert [mask.name for mask in editor.canvas.draft.masks] == ["House"]


def test_what_was_drawn_is_given_up_only_after_a_question(editor: MaskEditor) -> None:
    editor.remove_button.click()
    editor.reject()
    assert editor.isVisible()
    answer(editor, False)
    assert editor.isVisible()
    editor.reject()
    answer(editor, True)
    assert not editor.isVisible()


def test_without_a_change_it_closes_at_once(editor: MaskEditor) -> None:
    editor.reject()
    assert not editor.isVisible()
    assert open_dialogs(editor) == []


def test_pictures_are_wanted_only_while_it_is_open(
    editor: MaskEditor, console: FakeConsole
) -> None:
    assert console.demands[-1][0].camera == "gate"
    editor.reject()
    assert console.demands[-1] == ()


def test_an_old_picture_is_not_shown_as_live(
    editor: MaskEditor, console: FakeConsole, clock: FakeClock
) -> None:
    newest = editor.canvas.newest
    newest.look()
    assert newest.live
    clock.advance(3)
    newest.look()
    assert not newest.live
    editor.grab()


def test_a_camera_without_a_picture_can_be_masked(
    console: FakeConsole, bridge: Bridge, clock: FakeClock, colours: Tokens, qtbot: QtBot
) -> None:
    console.configured = Settings(cameras=(_gate(),))
    console.show_cameras(camera("gate", clock))
    seen = console.cameras().cameras[0]
    made = MaskEditor(console, bridge, Demands(console, 25.0), colours, seen)
    qtbot.addWidget(made)
    made.show()
    made.grab()
    made.draw_button.click()
    for place in ((0.1, 0.1), (0.3, 0.1), (0.2, 0.4)):
        click(made, place)
    press(made, Qt.Key.Key_Return)
    made.save()
    assert _near(_saved(console)[0], (0.1, 0.1), (0.3, 0.1), (0.2, 0.4))


def test_no_more_masks_than_a_camera_may_have() -> None:
    draft = MaskDraft()
    for _ in range(MOST_MASKS):
        draft, _ = draft.added(((0, 0), (1, 0), (1, 1)))
    assert draft.full()
    assert len({mask.name for mask in draft.masks}) == MOST_MASKS
    full = Camera.model_validate({**_gate().model_dump(), **draft.values()})
    assert draft_of(full) == draft


def test_no_more_corners_than_a_mask_may_have(editor: MaskEditor) -> None:
    for _ in range(MOST):
        editor.canvas.add_corner()
    assert len(editor.canvas.draft.masks[0].points) == MOST
    full = editor.canvas.draft.values()
    Camera.model_validate({**_gate().model_dump(), **full})


def test_steps_are_taken_back_and_done_again(editor: MaskEditor) -> None:
    before = editor.canvas.draft
    drag(editor, (0.4, 0.5), (0.45, 0.7))
    dragged = editor.canvas.draft
    editor.name.selectAll()
    QTest.keyClicks(editor.name, "Yard")
    named = editor.canvas.draft
    assert named.masks[0].name == "Yard"
    editor.undo_button.click()  # all letters are one step
    assert editor.canvas.draft == dragged
    assert editor.name.text() == "House"
    QTest.keyClick(editor.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.canvas.draft == before
    assert not editor.undo_button.isEnabled()
    for _ in range(3):
        QTest.keyClick(editor.canvas, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert editor.canvas.draft == named


def test_a_corner_near_the_edge_of_the_picture_snaps_to_it(editor: MaskEditor) -> None:
    edge = at(editor, 0.0, 1.0)
    QTest.mousePress(editor.canvas, LEFT, pos=at(editor, 0.1, 0.5))
    QTest.mouseMove(editor.canvas, edge + QPoint(5, -5))
    assert editor.canvas.draft.masks[0].points[3] == (0.0, 1.0)
    QTest.mouseMove(editor.canvas, edge + QPoint(20, -20))
    assert editor.canvas.draft.masks[0].points[3][0] > 0.0


def test_corners_lie_where_they_are_seen_in_a_zoomed_picture(editor: MaskEditor) -> None:
    canvas = editor.canvas
    spot = at(editor, 0.4, 0.5)
    wheel(canvas, spot, 4)
    assert canvas.view.zoom == pytest.approx(4.0)
    assert (at(editor, 0.4, 0.5) - spot).manhattanLength() <= 2
    QTest.mousePress(canvas, LEFT, pos=spot)
    QTest.mouseMove(canvas, spot + QPoint(40, 0))
    across = 40 / (canvas.field().area.width() * 4)
    assert canvas.draft.masks[0].points[2] == pytest.approx((0.4 + across, 0.5), abs=0.002)
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.view.whole


@pytest.mark.parametrize("point", [(0.0, 0.0), (0.25, 0.75), (1.0, 1.0), (0.1234, 0.9876)])
def test_places_and_fractions_are_each_others_reverse(point: tuple[float, float]) -> None:
    field = Field(QRectF(13.0, 40.0, 640.0, 360.0))
    assert field.point(field.at(point)) == point
    zoomed = Field(field.area, WHOLE.zoomed(3, 0.2, 0.9))
    assert zoomed.point(zoomed.at(point)) == point
