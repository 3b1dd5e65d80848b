"""The page about incidents: what it lists, what it asks for, and the note of two people."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

import pytest
from consoles import FakeConsole, alarm
from fakes import FakeClock
from incident_parts import incident, member, tally
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from embereye.config.schema import Incidents, LanguageModel, Settings
from embereye.model.alarm import AlarmKind, Priority
from embereye.model.ids import AlarmId, IncidentId
from embereye.model.incident import (
    Incident,
    IncidentState,
    IncidentTable,
    Level,
    NoteVersion,
    Summary,
    SummaryState,
)
from embereye.model.incident_messages import (
    AssignIncidentAsked,
    EditNoteAsked,
    IncidentStateAsked,
    SummaryAsked,
)
from embereye.ui.incidents_page import IncidentsPage, Shown
from embereye.ui.main_window import MainWindow
from embereye.ui.pages import Page
from embereye.ui.theme import Tokens

EVIL = "<img src=x onerror=alert(1)><b>Yard</b>"
FIRST = incident(1, 1, 2)
SECOND = incident(
    2, 3, place_name=EVIL, state=IncidentState.NEEDS_REVIEW, score=70, level=Level.HIGH,
    summary=Summary(SummaryState.NEEDS_REVIEW, problem="The language model is away. Start it."),
)  # fmt: skip
OVER = incident(3, 4, state=IncidentState.CLOSED, closed_by="ben", members=(member(4, open=False),))


def note(number: int, text: str, author: str = "ben", conflict: bool = False) -> NoteVersion:
    return NoteVersion(number, text, author, 1.7e9, number - 1, conflict)


@pytest.fixture
def page(console: FakeConsole, colours: Tokens, qtbot: object) -> Iterator[IncidentsPage]:
    url = LanguageModel(url="http://127.0.0.1:8091")
    console.configured = Settings(operator="anna", incidents=Incidents(language_model=url))
    show(console, FIRST, SECOND, OVER)
    made = IncidentsPage(console, colours)
    qtbot.addWidget(made)  # type: ignore[attr-defined]
    made.resize(1280, 720)
    made.show()
    yield made
    made.hide()


def show(console: FakeConsole, *incidents: Incident) -> None:
    by_alarm = {m.alarm: one.id for one in incidents for m in one.members}
    revision = console.incident_table.revision + 1
    console.incident_table = IncidentTable(revision, incidents, MappingProxyType(by_alarm))


def changed(page: IncidentsPage, console: FakeConsole, **fields: object) -> None:
    """The first incident is another one now."""
    present = console.incident_table.incidents[0]
    show(console, replace(present, revision=present.revision + 1, **fields), SECOND, OVER)  # type: ignore[arg-type]
    page.refresh()


def listed(page: IncidentsPage) -> list[int]:
    rows = (page.model.row(n) for n in range(page.model.rowCount()))
    return [row.id for row in rows if row is not None]


def choose(page: IncidentsPage, shown: Shown) -> None:
    page.shown.setCurrentIndex(page.shown.findData(shown))


def click(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_what_is_not_closed_is_listed_and_the_first_selected(page: IncidentsPage) -> None:
    assert listed(page) == [1, 2]
    assert page.selection() == FIRST


@pytest.mark.parametrize(
    ("shown", "expected"),
    [(Shown.REVIEW, [2]), (Shown.MINE, []), (Shown.CLOSED, [3]), (Shown.ALL, [1, 2, 3])],
)
def test_the_list_can_be_narrowed(page: IncidentsPage, shown: Shown, expected: list[int]) -> None:
    choose(page, shown)
    assert listed(page) == expected


def test_what_is_typed_filters_place_note_and_summary(
    page: IncidentsPage, console: FakeConsole
) -> None:
    changed(page, console, notes=(note(1, "sprinkler on"),))
    page.search.setText("SPRINKLER")
    assert listed(page) == [1]


def test_the_selection_survives_changes(page: IncidentsPage, console: FakeConsole) -> None:
    page.select(IncidentId(2))
    show(console, incident(9, 9), FIRST, SECOND, OVER)
    page.refresh()
    assert page.selection() == SECOND


def test_one_that_the_filter_hides_can_be_shown(page: IncidentsPage) -> None:
    page.select(IncidentId(3))
    assert page.selection() == OVER


def test_rule_score_and_risk_of_the_model_are_told_apart(
    page: IncidentsPage, console: FakeConsole
) -> None:
    summary = Summary(SummaryState.READY, "Fire at the boiler.", "Two sensors.", 44, Level.MEDIUM)
    changed(page, console, summary=summary)
    assert page.detail._score.text() == "Rule score 91 of 100, critical"
    assert page.detail._risk.text().startswith("Risk 44 of 100, medium, by the language model")


def test_what_needs_review_has_no_score_and_says_why(page: IncidentsPage) -> None:
    page.select(IncidentId(2))
    assert "no score" in page.detail._risk.text()
    assert page.detail._reasoning.text() == "The language model is away. Start it."


def test_no_scroll_bar_lies_over_an_alarm_with_a_long_reason(
    page: IncidentsPage, console: FakeConsole
) -> None:
    changed(page, console, members=(replace(member(1), reasons=("thermal " * 40,)),))
    assert page.detail.alarms.count() == 1
    assert not page.detail.alarms.horizontalScrollBar().isVisible()


def test_names_are_shown_as_they_are_typed(page: IncidentsPage) -> None:
    page.select(IncidentId(2))
    assert page.detail._title.whole == EVIL
    assert page.detail._title.textFormat() is Qt.TextFormat.PlainText


def test_taking_it_assigns_it_and_begins(page: IncidentsPage, console: FakeConsole) -> None:
    click(page.detail.take_button)
    assert console.asked == [
        AssignIncidentAsked(IncidentId(1), "anna", "anna"),
        IncidentStateAsked(IncidentId(1), IncidentState.IN_PROGRESS, "anna"),
    ]


def test_one_with_an_open_alarm_cannot_be_closed(page: IncidentsPage) -> None:
    assert not page.detail.close_button.isEnabled()
    assert "reset" in page.detail.close_button.toolTip()


def test_one_without_can(page: IncidentsPage, console: FakeConsole) -> None:
    changed(page, console, members=(member(1, open=False),))
    click(page.detail.close_button)
    assert console.asked == [IncidentStateAsked(IncidentId(1), IncidentState.CLOSED, "anna")]


def test_a_closed_one_can_be_opened_again(page: IncidentsPage, console: FakeConsole) -> None:
    page.select(IncidentId(3))
    click(page.detail.reopen_button)
    assert console.asked == [IncidentStateAsked(IncidentId(3), IncidentState.OPEN, "anna")]


def test_it_is_assigned_with_enter(page: IncidentsPage, console: FakeConsole) -> None:
    page.detail.assignee.setText("ben")
    QTest.keyClick(page.detail.assignee, Qt.Key.Key_Return)
    assert console.asked == [AssignIncidentAsked(IncidentId(1), "ben", "anna")]


def test_what_is_typed_as_assignee_survives_changes(
    page: IncidentsPage, console: FakeConsole
) -> None:
    page.detail.assignee.setText("be")
    changed(page, console, score=95)
    assert page.detail.assignee.text() == "be"


def test_the_model_is_asked_again(page: IncidentsPage, console: FakeConsole) -> None:
    page.select(IncidentId(2))
    click(page.detail.ask_button)
    assert console.asked == [SummaryAsked(IncidentId(2), "anna")]


def test_enter_on_an_alarm_shows_it(page: IncidentsPage, qtbot: object) -> None:
    page.detail.alarms.setCurrentRow(1)
    with qtbot.waitSignal(page.alarm_asked) as caught:  # type: ignore[attr-defined]
        QTest.keyClick(page.detail.alarms, Qt.Key.Key_Return)
    assert caught.args == [AlarmId(2)]


def test_what_cameras_saw_is_told(page: IncidentsPage, console: FakeConsole) -> None:
    changed(page, console, detections=tuple(tally(f"c{n}") for n in range(12)))
    lines = page.detail._seen.text().split("\n")
    assert len(lines) == 9
    assert lines[0].startswith("c0: fire 0.93, 12 pictures")
    assert lines[-1] == "and 4 more"


def test_without_alarms_that_is_said(page: IncidentsPage, console: FakeConsole) -> None:
    changed(page, console, members=())
    assert page.detail._no_alarm.isVisible()


# --- the note ------------------------------------------------------------------------------------


def test_a_note_is_saved_with_the_version_it_was_made_from(
    page: IncidentsPage, console: FakeConsole
) -> None:
    changed(page, console, notes=(note(1, "one"),))
    page.detail.note.edit.setPlainText("one\ntwo")
    click(page.detail.note.save_button)
    assert console.asked == [EditNoteAsked(IncidentId(1), "one\ntwo", 1, "anna")]


def test_without_a_change_nothing_can_be_saved(page: IncidentsPage) -> None:
    assert not page.detail.note.save_button.isEnabled()


def test_a_newer_version_is_shown_while_nobody_types(
    page: IncidentsPage, console: FakeConsole
) -> None:
    changed(page, console, notes=(note(1, "one"),))
    changed(page, console, notes=(note(1, "one"), note(2, "two")))
    assert page.detail.note.edit.toPlainText() == "two"


def test_what_is_being_typed_stays_when_somebody_else_saves(
    page: IncidentsPage, console: FakeConsole
) -> None:
    changed(page, console, notes=(note(1, "one"),))
    page.detail.note.edit.setPlainText("one, typed")
    changed(page, console, notes=(note(1, "one"), note(2, "two")))
    assert page.detail.note.edit.toPlainText() == "one, typed"
    assert "joined" in page.detail.note.remark.text()
    click(page.detail.note.save_button)
    assert console.asked == [EditNoteAsked(IncidentId(1), "one, typed", 1, "anna")]


def test_the_joined_version_is_shown_after_saving(
    page: IncidentsPage, console: FakeConsole
) -> None:
    page.detail.note.edit.setPlainText("mine")
    click(page.detail.note.save_button)
    assert page.detail.note.edit.isReadOnly()
    both = note(2, "<<< ben\ntheirs\n=== anna\nmine\n>>>", "anna", conflict=True)
    changed(page, console, notes=(note(1, "theirs"), both))
    assert page.detail.note.edit.toPlainText() == both.text
    assert not page.detail.note.edit.isReadOnly()
    assert "Keep what is right" in page.detail.note.remark.text()


def test_what_was_typed_is_there_again_after_a_look_at_another_incident(
    page: IncidentsPage, console: FakeConsole
) -> None:
    changed(page, console, notes=(note(1, "one"),))
    page.detail.note.edit.setPlainText("one, typed")
    page.select(IncidentId(2))
    assert page.detail.note.edit.toPlainText() == ""
    changed(page, console, notes=(note(1, "one"), note(2, "two")))
    page.select(IncidentId(1))
    assert page.detail.note.edit.toPlainText() == "one, typed"
    click(page.detail.note.save_button)
    assert console.asked == [EditNoteAsked(IncidentId(1), "one, typed", 1, "anna")]


def test_an_older_version_can_be_looked_at_and_saved_again(
    page: IncidentsPage, console: FakeConsole
) -> None:
    changed(page, console, notes=(note(1, "one"), note(2, "two")))
    versions = page.detail.note.versions
    for row, text in ((1, "one"), (0, "two"), (1, "one")):
        versions.setCurrentIndex(row)
        versions.activated.emit(row)
        assert page.detail.note.edit.toPlainText() == text
    click(page.detail.note.save_button)
    assert console.asked == [EditNoteAsked(IncidentId(1), "one", 2, "anna")]


def test_every_control_has_a_name(page: IncidentsPage) -> None:
    kinds = (QLineEdit, QComboBox, QPlainTextEdit)
    fields: list[QWidget] = [w for kind in kinds for w in page.findChildren(kind)]
    fields += [page.table, page.detail.alarms]
    assert all(field.accessibleName() for field in fields)
    assert all(button.text() for button in page.detail.findChildren(QAbstractButton) if
               button.isVisible() and not button.objectName().startswith("qt_"))  # fmt: skip


def test_kinds_of_alarms_are_counted(page: IncidentsPage, console: FakeConsole) -> None:
    gas = member(5, kind=AlarmKind.GAS, priority=Priority.HIGH)
    changed(page, console, members=(*FIRST.members, gas))
    column = [field.title for field in page.model.fields].index("Alarms")
    assert page.model.index(0, column).data() == "2 fire · gas"


# --- from an alarm to its incident ----------------------------------------------------------------


def test_an_alarm_names_its_incident_and_leads_to_it(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    show(console, FIRST, SECOND, OVER)
    console.show_alarms(alarm(3, clock))
    window.show()
    window.show_page(Page.ALARMS)
    window.alarms.select(AlarmId(3))
    link = window.alarms.detail.incident
    assert link.text() == "Incident 2 · 1 alarm · needs review"
    click(link)
    assert window.pages.current is Page.INCIDENTS
    assert window.pages.incidents.selection() == SECOND


def test_an_alarm_without_an_incident_names_none(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    console.show_alarms(alarm(7, clock))
    window.show()
    window.show_page(Page.ALARMS)
    window.alarms.select(AlarmId(7))
    assert not window.alarms.detail.incident.isVisible()


def test_an_alarm_of_an_incident_is_shown_in_its_list(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    show(console, FIRST, SECOND, OVER)
    console.show_alarms(alarm(1, clock), alarm(2, clock))
    window.show()
    window.show_page(Page.INCIDENTS)
    window.pages.incidents.detail.alarms.setCurrentRow(1)
    QTest.keyClick(window.pages.incidents.detail.alarms, Qt.Key.Key_Return)
    assert window.pages.current is Page.ALARMS
    chosen = window.alarms.selection()
    assert chosen is not None
    assert chosen.id == 2
