"""The page of alarms: three lists, their keys and actions, the pane beside them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from consoles import FakeConsole, alarm, camera, device, thermal
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QTableView,
)

from embereye.config.schema import Alarms, Place, Settings
from embereye.model.alarm import (
    Alarm,
    AlarmKind,
    AlarmState,
    AlarmTable,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.alarm_messages import (
    AssignAsked,
    CommentAsked,
    EndWalkTestAsked,
    EscalateAsked,
    OutOfServiceAsked,
    ReturnToServiceAsked,
    ShelveAsked,
    UnshelveAsked,
)
from embereye.model.ids import AlarmId, PlaceId
from embereye.model.messages import AcknowledgeAsked, RequestRefused, ResetAsked
from embereye.ui.alarm_dialogs import LONGEST_COMMENT, AssigneeDialog, CommentDialog, QuietDialog
from embereye.ui.alarm_permits import Action
from embereye.ui.alarm_rows import Column
from embereye.ui.alarms_page import AlarmsPage
from embereye.ui.beside import Question
from embereye.ui.demands import Demands
from embereye.ui.theme import Tokens
from embereye.ui.wishes import Wishes

ME = "operator"


@pytest.fixture
def page(console: FakeConsole, colours: Tokens, qtbot: object) -> Iterator[AlarmsPage]:
    made = AlarmsPage(console, Demands(console, 25.0), colours, Wishes(console))
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(1856, 900)
    with qtbot.waitActive(made):  # type: ignore[attr-defined]
        made.show()
        made.activateWindow()
    yield made
    made.close()


def fill(
    page: AlarmsPage, console: FakeConsole, *alarms: Alarm, overlays: tuple[Overlay, ...] = ()
) -> None:
    """Show these alarms, the first selected where none is."""
    console.alarm_table = AlarmTable(console.alarm_table.revision + 1, alarms, None, True, overlays)
    first = console.alarm_table.revision == 1
    page.refresh()
    if first and page.active.model.alarms:
        page.select(page.active.model.alarms[0].id)


def press(page: AlarmsPage, key: Qt.Key, shift: bool = False) -> None:
    way = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(QApplication.focusWidget() or page, key, way)


def dialogs(page: AlarmsPage) -> list[QDialog]:
    return [found for found in page.findChildren(QDialog) if found.isVisible()]


def overlay(kind: OverlayKind, place: str = "hall", **changes: object) -> Overlay:
    fields: dict[str, object] = {
        "kind": kind,
        "scope": Scope(PlaceId(place)),
        "reason": "hot work",
        "by": "Ann",
        "since_utc": 0.0,
        "until_utc": None,
        "covers": Priority.EMERGENCY,
    }
    return Overlay(**{**fields, **changes})  # type: ignore[arg-type]


# --- keys and bulk -------------------------------------------------------------------------------


def test_a_acknowledges_the_selected_alarm(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock), alarm(2, clock))
    page.select(AlarmId(2))
    press(page, Qt.Key.Key_A)
    assert console.asked == [AcknowledgeAsked(AlarmId(2), ME)]


def test_several_selected_alarms_are_acknowledged_after_one_question_with_their_number(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, *(alarm(n, clock) for n in range(1, 6)))
    page.active.table.choose(0)
    for _ in range(2):
        press(page, Qt.Key.Key_Down, shift=True)
    press(page, Qt.Key.Key_A)
    (question,) = dialogs(page)
    assert isinstance(question, Question)
    assert "3 alarms" in question.text()
    assert console.asked == []
    QTest.mouseClick(question.verb, Qt.MouseButton.LeftButton)
    assert console.asked == [AcknowledgeAsked(AlarmId(n), ME) for n in (1, 2, 3)]


def test_shift_a_takes_the_rows_on_the_screen_and_no_others(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    page.resize(1600, 400)
    fill(page, console, *(alarm(n, clock) for n in range(1, 101)))
    page.active.table.verticalScrollBar().setValue(50)
    seen = [page.active.model.alarm(n) for n in page.active.table.on_screen()]
    press(page, Qt.Key.Key_A, shift=True)
    (question,) = dialogs(page)
    QTest.mouseClick(question.verb, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    assert console.asked == [AcknowledgeAsked(one.id, ME) for one in seen if one]
    assert 3 < len(seen) < 20


def test_an_alarm_that_closed_while_the_question_stood_is_left_out(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock), alarm(2, clock))
    press(page, Qt.Key.Key_A, shift=True)
    (question,) = dialogs(page)
    fill(page, console, alarm(2, clock))
    QTest.mouseClick(question.verb, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    assert console.asked == [AcknowledgeAsked(AlarmId(2), ME)]


def test_letters_belong_to_a_text_field_that_has_the_focus(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock, place="scare"))
    page.search.setFocus()
    QTest.keyClicks(page.search, "scare")
    assert page.search.text() == "scare"
    assert console.asked == []
    assert dialogs(page) == []


def test_a_key_with_nothing_to_do_says_why(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock, state=AlarmState.ACKNOWLEDGED))
    for key, word in (
        (Qt.Key.Key_A, "already"),
        (Qt.Key.Key_E, "escalated"),
        (Qt.Key.Key_R, "Reset"),
    ):
        press(page, key)
        assert word in page.detail.notice.text()
    assert console.asked == []


def test_r_and_e_act_at_once_on_one_alarm(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    latched = alarm(2, clock, state=AlarmState.LATCHED, cause=Cause.CLEAR)
    fill(page, console, alarm(1, clock), latched)
    page.select(AlarmId(1))
    press(page, Qt.Key.Key_E)
    page.select(AlarmId(2))
    press(page, Qt.Key.Key_R)
    assert console.asked == [EscalateAsked(AlarmId(1), ME), ResetAsked(AlarmId(2), ME)]


# --- dialogs -------------------------------------------------------------------------------------


def test_shelving_needs_a_reason_and_takes_a_preset(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock))
    press(page, Qt.Key.Key_S)
    (dialog,) = dialogs(page)
    assert isinstance(dialog, QuietDialog)
    assert dialog.minutes.value() == 60
    QTest.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    assert "Say why" in dialog._error.text()
    assert console.asked == []
    dialog.presets.button(15).click()
    dialog.reason.setText("  known fault ")
    QTest.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    assert console.asked == [ShelveAsked(AlarmId(1), 900.0, "known fault", ME)]


def test_a_shelving_lasts_no_longer_than_the_settings_allow(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    console.configured = Settings(alarms=Alarms(shelve=7_200, shelve_most=7_200))
    fill(page, console, alarm(1, clock))
    press(page, Qt.Key.Key_S)
    (dialog,) = dialogs(page)
    assert isinstance(dialog, QuietDialog)
    assert dialog.minutes.maximum() == 120
    assert [button.text() for button in dialog.presets.buttons()] == ["15 min", "1 h"]


def test_the_end_of_the_shift_is_offered_where_shifts_are_known(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    changes = ("00:00", "06:00", "12:00", "18:00")
    console.configured = Settings(alarms=Alarms(shift_changes=changes))
    fill(page, console, alarm(1, clock))
    press(page, Qt.Key.Key_S)
    (dialog,) = dialogs(page)
    assert isinstance(dialog, QuietDialog)
    last = dialog.presets.buttons()[-1]
    assert last.text() == "End of shift"
    last.click()
    assert 1 <= dialog.minutes.value() <= 360


def test_out_of_service_covers_the_kind_at_the_place(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock, place="boiler"))
    page.detail.buttons.buttons[Action.OUT_OF_SERVICE].click()
    (dialog,) = dialogs(page)
    assert isinstance(dialog, QuietDialog)
    dialog.reason.setText("repair")
    dialog.confirm.click()
    scope = Scope(PlaceId("boiler"), AlarmKind.FIRE)
    assert console.asked == [OutOfServiceAsked(scope, 3600.0, "repair", ME)]


def test_a_comment_of_ten_thousand_characters_is_taken_and_one_more_is_not(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock))
    press(page, Qt.Key.Key_C)
    (dialog,) = dialogs(page)
    assert isinstance(dialog, CommentDialog)
    dialog.text.setPlainText("א" * (LONGEST_COMMENT + 1))
    dialog.confirm.click()
    assert "by 1 characters" in dialog._error.text()
    dialog.text.setPlainText("א" * LONGEST_COMMENT)
    assert dialog._counter.text() == "10,000 of 10,000 characters"
    dialog.confirm.click()
    assert console.asked == [CommentAsked(AlarmId(1), "א" * LONGEST_COMMENT, ME)]


def test_an_alarm_is_assigned_to_a_name(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock), alarm(2, clock, assigned_to="Bob"))
    page.detail.buttons.buttons[Action.ASSIGN].click()
    (dialog,) = dialogs(page)
    assert isinstance(dialog, AssigneeDialog)
    assert [dialog.who.itemText(n) for n in range(dialog.who.count())] == [ME, "Bob"]
    dialog.who.setEditText("Bob")
    dialog.confirm.click()
    assert console.asked == [AssignAsked(AlarmId(1), "Bob", ME)]


# --- permissions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "able"),
    [
        ("viewer", set()),
        ("operator", {"ACKNOWLEDGE", "SILENCE", "ESCALATE", "COMMENT", "ASSIGN"}),
        (
            "supervisor",
            {"ACKNOWLEDGE", "SILENCE", "ESCALATE", "COMMENT", "ASSIGN", "SHELVE", "OUT_OF_SERVICE"},
        ),
    ],
)
def test_buttons_offer_a_fire_to_each_role_what_it_may_and_say_why_else(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock, role: str, able: set[str]
) -> None:
    console.configured = Settings(role=role)  # type: ignore[arg-type]
    fill(page, console, alarm(1, clock))
    page.active.table.clearSelection()
    page.select(AlarmId(1))
    buttons = page.detail.buttons.buttons
    assert {action.name for action, button in buttons.items() if button.isEnabled()} == able
    for button in buttons.values():
        assert button.isEnabled() or "." in button.toolTip()


def test_an_operator_shelves_what_is_no_fire(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    console.configured = Settings(role="operator")
    fill(page, console, alarm(1, clock, kind=AlarmKind.GAS, priority=Priority.HIGH))
    page.select(AlarmId(1))
    assert page.detail.buttons.buttons[Action.SHELVE].isEnabled()


def test_a_refusal_is_told_beside_the_buttons(page: AlarmsPage) -> None:
    page.show_refusal(RequestRefused("The cause is still present.", ME, "alarm:1"))
    assert page.detail.notice.text() == "The cause is still present."
    page.show_refusal(RequestRefused("Of a device.", ME, "device:1"))
    assert page.detail.notice.text() == "The cause is still present."


# --- grouping ------------------------------------------------------------------------------------


def test_alarms_are_grouped_below_their_places_and_fold(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    first = [
        alarm(n, clock, place="boiler", kind=k)
        for n, k in ((1, AlarmKind.FIRE), (3, AlarmKind.GAS))
    ]
    fill(page, console, first[0], alarm(2, clock, place="yard"), first[1])
    page.active.grouped.setChecked(True)
    model = page.active.model
    texts = [model.index(row, 3).data() for row in range(model.rowCount())]
    assert texts == ["▾  boiler", "boiler", "boiler", "▾  yard", "yard"]
    page.select(AlarmId(3))
    press(page, Qt.Key.Key_Left)
    texts = [model.index(row, 3).data() for row in range(model.rowCount())]
    assert texts == ["▸  boiler", "▾  yard", "yard"]
    assert page.active.table.currentIndex().row() == 0
    press(page, Qt.Key.Key_A)
    assert console.asked == []  # a head is no alarm, and what is folded is not visible
    press(page, Qt.Key.Key_Right)
    assert model.rowCount() == 5


def test_a_folded_place_is_not_acknowledged_as_visible(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock, place="boiler"), alarm(2, clock, place="yard"))
    page.active.grouped.setChecked(True)
    page.active.model.fold(PlaceId("boiler"), False)
    press(page, Qt.Key.Key_A, shift=True)
    assert console.asked == [AcknowledgeAsked(AlarmId(2), ME)]


# --- what moves ----------------------------------------------------------------------------------


def test_the_selection_of_several_stays_while_the_list_churns(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    alarms = [alarm(n, clock, priority=Priority(n % 5)) for n in range(1, 301)]
    alarms.sort(key=lambda a: -a.priority)
    fill(page, console, *alarms)
    page.active.table.verticalScrollBar().setValue(100)
    page.active.table.choose(104)
    for _ in range(3):
        press(page, Qt.Key.Key_Down, shift=True)
    chosen = {a.id for a in page.active.chosen()}
    eye = page.active.current()
    assert eye is not None
    height = page.active.table.rowViewportPosition(page.active.model.row_of(eye.id))
    for step in range(20):
        clock.advance(0.1)
        fresh = [alarm(1000 + step * 3 + n, clock) for n in range(3)]
        alarms = [*fresh, *alarms]
        for number in (5, 50, 200):
            row = (number * (step + 3)) % len(alarms)
            if alarms[row].id not in chosen:
                alarms.append(replace(alarms.pop(row), state=AlarmState.ACKNOWLEDGED))
        fill(page, console, *alarms)
        assert {a.id for a in page.active.chosen()} == chosen
        row = page.active.model.row_of(eye.id)
        assert page.active.table.rowViewportPosition(row) == height
        assert page.active.current().id == eye.id


def test_an_alarm_that_closes_is_told_and_no_other_is_chosen(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock), alarm(2, clock))
    page.select(AlarmId(1))
    fill(page, console, alarm(2, clock))
    assert page.selection() is None
    assert "closed" in page.detail._since.text()
    press(page, Qt.Key.Key_A)
    assert console.asked == []


def test_an_alarm_comes_back_to_the_selection_when_the_filter_lets_it_through(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock, place="boiler"), alarm(2, clock, place="yard"))
    page.select(AlarmId(1))
    page.search.setText("yard")
    assert page.selection() is None
    page.search.setText("")
    assert page.selection() is not None
    assert page.selection().id == 1


# --- kept quiet ----------------------------------------------------------------------------------


def test_what_an_overlay_covers_is_listed_apart_with_its_reason_and_rest(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    until = clock.now().utc + 65
    covered = alarm(1, clock, place="hall", overlay=overlay(OverlayKind.SHELVED, until_utc=until))
    bare = overlay(OverlayKind.OUT_OF_SERVICE, "yard")
    fill(page, console, covered, alarm(2, clock), overlays=(covered.overlay, bare))
    assert [a.id for a in page.active.model.alarms] == [2]
    page.tabs.setCurrentIndex(1)
    model = page.shelved.model
    told = [[model.index(row, c).data() for c in range(model.columnCount())] for row in (0, 1)]
    assert model.rowCount() == 2
    assert {"Shelved", "hall", "hot work", "Ann", "01:05"} <= set(told[0])
    assert {"Out of service", "yard", "all alarms; none is open"} <= set(told[1])


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (OverlayKind.SHELVED, UnshelveAsked(Scope(PlaceId("hall")), ME)),
        (OverlayKind.OUT_OF_SERVICE, ReturnToServiceAsked(Scope(PlaceId("hall")), ME)),
        (OverlayKind.TEST, EndWalkTestAsked(ME)),
    ],
)
def test_an_overlay_is_ended_early_after_a_question(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock, kind: OverlayKind, asked: object
) -> None:
    fill(page, console, alarm(1, clock, overlay=overlay(kind)))
    page.tabs.setCurrentIndex(1)
    page.shelved.table.choose(0)
    page.shelved.table.setFocus()
    press(page, Qt.Key.Key_Delete)
    (question,) = dialogs(page)
    QTest.mouseClick(question.verb, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    assert console.asked == [asked]


def test_a_suppression_by_design_cannot_be_ended_and_says_why(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock, overlay=overlay(OverlayKind.SUPPRESSED)))
    page.tabs.setCurrentIndex(1)
    page.shelved.table.choose(0)
    assert not page.shelved.end_button.isEnabled()
    assert "ends with its condition" in page.shelved.end_button.toolTip()


# --- the pane ------------------------------------------------------------------------------------


def test_the_pane_tells_who_cares_what_covers_and_shows_the_hottest_cell(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    console.configured = Settings(
        places=(Place(id="boiler", name="Boiler", guidance="Close V-201.", phones=("2-112",)),)
    )
    console.show_cameras(camera("boiler", clock))
    console.show_devices(
        device("d1", clock, place=PlaceId("boiler"), thermal=thermal("d1", clock, 183.0))
    )
    fire = alarm(1, clock, place="boiler", escalation=2, chattering=True, assigned_to="Bob")
    fill(page, console, fire)
    page.select(AlarmId(1))
    detail = page.detail
    assert all(word in detail._marks.text() for word in ("ESCALATED", "CHATTERING", "Bob"))
    assert "Close V-201." in detail._guidance.text()
    assert detail._thermal.isVisible()
    assert detail._live.isVisible()
    page.grab()


def test_without_devices_and_cameras_nothing_stands_in_for_them(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock))
    page.select(AlarmId(1))
    for widget in (page.detail._thermal, page.detail._live, page.detail._trend):
        assert not widget.isVisible()


@pytest.mark.parametrize(("width", "more"), [(1216, True), (1856, False)])
def test_a_narrow_pane_has_all_actions_in_a_menu(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock, width: int, more: bool
) -> None:
    page.resize(width, 640)
    fill(page, console, alarm(1, clock))
    buttons = page.detail.buttons
    assert buttons.more.isVisible() is more
    shown = {action for action, button in buttons.buttons.items() if button.isVisible()}
    entries = {entry.data() for entry in buttons.more.menu().actions()} if more else set()
    assert shown | entries == set(Action)


def test_an_action_of_the_menu_does_what_its_button_does(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    page.resize(1216, 640)
    fill(page, console, alarm(1, clock))
    entries = page.detail.buttons.more.menu().actions()
    (escalate,) = [entry for entry in entries if entry.data() is Action.ESCALATE]
    escalate.trigger()
    assert console.asked == [EscalateAsked(AlarmId(1), ME)]


def test_columns_go_where_there_is_no_room_until_somebody_chooses(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock))
    table, menu = page.active.table, page.active.columns.button.menu()
    (by,) = [entry for entry in menu.actions() if entry.text() == "By"]
    assert not table.isColumnHidden(Column.BY)
    page.resize(1216, 640)
    page.grab()
    assert table.isColumnHidden(Column.BY)
    by.trigger()
    assert not table.isColumnHidden(Column.BY)
    page.resize(1300, 640)
    page.grab()
    assert not table.isColumnHidden(Column.BY)


def test_every_button_and_field_has_a_name(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    fill(page, console, alarm(1, clock))
    widgets = (
        *page.findChildren(QAbstractButton),
        *page.findChildren(QLineEdit),
        *page.findChildren(QComboBox),
        *page.findChildren(QTableView),
    )
    nameless = [
        w
        for w in widgets
        if not w.isHidden()
        and w.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not w.objectName().startswith("qt_")
        and not (w.accessibleName() or getattr(w, "text", str)())
    ]
    assert nameless == []


def test_an_overlay_under_a_stronger_one_says_where_its_alarms_are_listed(
    page: AlarmsPage, console: FakeConsole, clock: FakeClock
) -> None:
    strong = overlay(OverlayKind.OUT_OF_SERVICE, "hall")
    weak = overlay(OverlayKind.TEST, "hall")
    covered = alarm(1, clock, place="hall", overlay=strong)
    fill(page, console, covered, overlays=(strong, weak))
    page.tabs.setCurrentIndex(1)
    model = page.shelved.model
    assert [row.overlay.kind for row in map(model.row, (0, 1))] == [strong.kind, weak.kind]
    assert model.index(1, 3).data() == "all alarms; 1 listed under another kind"
