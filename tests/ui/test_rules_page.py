"""The list of rules: how they stand, and what can be done with them."""

from dataclasses import replace
from pathlib import Path

import pytest
from consoles import alarm
from dialog_parts import answer, open_dialogs
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot
from rule_screens import SavingConsole

from embereye.model.alarm import AlarmKey, AlarmKind
from embereye.model.alarm_messages import ArmAsked
from embereye.model.arming import ArmingState
from embereye.model.ids import PlaceId
from embereye.model.messages import RequestRefused
from embereye.model.rule_messages import RemoveRuleAsked, SaveCalendarAsked
from embereye.model.rule_preview import RulePreview
from embereye.model.rule_problem import RuleProblem, Written
from embereye.ui.bridge import Bridge
from embereye.ui.rule_calendar import RuleCalendar
from embereye.ui.rule_state import RuleStates
from embereye.ui.rules_page import RulesPage
from embereye.ui.theme import Tokens

HOT = {
    "id": "hot",
    "name": "Hot rack",
    "place": "boiler",
    "priority": "high",
    "groups": [{"conditions": [{"input": "thermal", "limit": 60.0, "sources": ["d1"]}]}],
}
SMOKY = {
    "id": "smoky",
    "name": "Smoke anywhere",
    "groups": [{"conditions": [{"input": "sensor", "channel": "smoke", "limit": 20.0}]}],
}
QUIET = {"id": "dock", "name": "Deliveries", "place": "yard", "kind": "intrusion"}


@pytest.fixture
def page_of(tmp_path: Path, bridge: Bridge, colours: Tokens, qtbot: QtBot):
    made: list[RulesPage] = []

    def make(*rules: object, **changes: object) -> RulesPage:
        console = SavingConsole(tmp_path, bridge, rules=list(rules), **changes)
        page = RulesPage(console, bridge, colours)
        page.console = console  # type: ignore[attr-defined]
        page.resize(1216, 640)
        made.append(page)
        page.show()
        return page

    yield make
    for page in made:
        page.close()
        page.deleteLater()
    QApplication.sendPostedEvents(None, 52)  # QEvent.DeferredDelete


@pytest.fixture
def page(page_of) -> RulesPage:
    return page_of(HOT, SMOKY, suppressions=[{**QUIET, "modes": ["disarmed"]}])


def cells(page: RulesPage, number: int) -> list[str]:
    row = page.model.row(number)
    return [field.text(row) for field in page.model.fields]


def choose(page: RulesPage, number: int) -> None:
    page.table.setCurrentIndex(page.model.index(number, 0))


def now(page: RulesPage) -> list[str]:
    page.refresh()
    return [cells(page, number)[3] for number in range(page.model.rowCount())]


def test_an_empty_list_says_what_to_do_first(page_of):
    page = page_of()
    assert "Press Add rule" in page.empty.text()
    assert not page.table.isVisible()
    assert not page.edit_button.isEnabled()


def test_each_rule_shows_name_place_priority_and_when(page):
    assert cells(page, 0)[:3] == ["Hot rack", "Boiler house", "HIGH"]
    assert cells(page, 1)[:3] == ["Smoke anywhere", "each place", "MEDIUM"]
    assert cells(page, 2)[:3] == ["Deliveries", "Yard", "suppression"]
    assert [cells(page, number)[4] for number in range(3)] == ["always", "always", "mode disarmed"]
    assert page.model.fields[2].look(page.model.row(0)).word == "HIGH"
    assert page.model.fields[2].look(page.model.row(2)) is None


def test_the_list_says_what_would_alarm_and_what_does(page):
    assert now(page) == ["unknown", "unknown", "does not count"]
    page.console.thermal(42.0)
    assert now(page)[0] == "quiet"
    page.console.thermal(91.0)
    assert now(page)[0] == "would alarm"
    key = AlarmKey(PlaceId("boiler"), AlarmKind.RULE, "hot")
    page.console.show_alarms(replace(alarm(1, page.console.clock), key=key))
    assert now(page)[0] == "ALARM"
    page.console.armed = ArmingState("disarmed", ("armed", "disarmed"))
    assert now(page)[2] == "keeps quiet"


def test_problems_stand_beside_their_rule(page):
    page.console.problems = (
        RuleProblem(Written.RULE, "hot", "Hot rack", "there is no region b. Choose another."),
    )
    page.refresh()
    choose(page, 0)
    assert "There is no region b" in cells(page, 0)[5]
    assert "There is no region b" in page.remarks.text()
    assert cells(page, 1)[5] == ""


def test_the_filter_finds_words_of_name_place_and_priority(page):
    page.search.setText("boiler high")
    assert [page.model.row(n).row.id for n in range(page.model.rowCount())] == ["hot"]
    page.search.setText("nothing like it")
    assert "Clear the filter" in page.empty.text()


def test_counts_are_told_in_words(page_of):
    page = page_of(HOT)
    assert page._summary.text() == "1 rule · 0 suppressions"
    problem = RuleProblem(Written.RULE, "hot", "Hot rack", "it is wrong.")
    page.console.problems = (problem, problem)
    page.refresh()
    assert page._summary.text() == "1 rule · 0 suppressions · 2 problems"


def test_the_selection_stays_with_its_rule(page):
    choose(page, 1)
    page.search.setText("smoke")
    assert page.selection().row.id == "smoky"
    page.search.clear()
    assert page.selection().row.id == "smoky"


def test_a_rule_is_switched_off_and_on_again(page):
    choose(page, 0)
    page.switch_button.click()
    assert not page.console.settings().rules[0].enabled
    assert now(page)[0] == "switched off"
    assert page.switch_button.text() == "Switch on"
    page.switch_button.click()
    assert page.console.settings().rules[0].enabled


def test_a_rule_is_removed_after_one_question_that_names_it(page):
    choose(page, 0)
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    (question,) = open_dialogs(page)
    assert "Hot rack" in question.text()
    assert page.console.asked == []
    answer(page, yes=True)
    assert [rule.id for rule in page.console.settings().rules] == ["smoky"]


def test_what_is_removed_is_what_was_asked_about(page):
    choose(page, 0)
    page.remove_button.click()
    choose(page, 1)
    answer(page, yes=True)
    (asked,) = page.console.asked
    assert isinstance(asked, RemoveRuleAsked)
    assert asked.id == "hot"


def test_a_copy_begins_with_another_id_and_name(page):
    choose(page, 0)
    page.copy_button.click()
    fields = page.editor.fields
    assert page.currentWidget() is page.editor
    assert fields.head.cells.values()["name"] == "Hot rack (copy)"
    fields.head.cells.edited.emit()
    assert fields.row.id == "hot-rack-copy"
    assert fields.row.groups == page.console.settings().rules[0].groups
    assert page.editor.save_button.isEnabled()


def test_the_arming_mode_is_shown_and_changed(page):
    assert page.mode_button.text() == "Mode: armed ▾"
    armed, disarmed = page._modes.actions()
    assert armed.isChecked()
    armed.trigger()
    assert page.console.asked == []
    disarmed.trigger()
    assert page.console.asked == [ArmAsked("disarmed", "operator")]
    assert page.mode_button.text() == "Mode: armed ▾"  # until it is in force


def test_a_refusal_stands_on_the_page_until_the_next_try(page, bridge):
    bridge.refused.emit(RequestRefused("You may not.", "operator", "rule:hot"))
    assert page.outcome.text() == "You may not."
    assert page.outcome.isVisible()
    choose(page, 0)
    page.switch_button.click()
    assert not page.outcome.isVisible()
    bridge.refused.emit(RequestRefused("No such camera.", "operator", "camera:c1"))
    assert not page.outcome.isVisible()


def test_holidays_and_modes_are_changed_in_a_form(page, qtbot):
    page.calendar_button.click()
    (form,) = page.findChildren(RuleCalendar)
    holidays, modes = form.findChildren(QPlainTextEdit)
    holidays.setPlainText("12-25\n2027-02-30")
    form.save()
    assert "2027-02-30" in form.cells.by_name["holidays"].error.text()
    assert page.console.asked == []
    holidays.setPlainText("12-25\n\n2027-04-02 ")
    modes.setPlainText("day\nnight")
    with qtbot.waitSignal(form.accepted):
        form.save()
    (asked,) = page.console.asked
    assert isinstance(asked, SaveCalendarAsked)
    calendar = page.console.settings().calendar
    assert (calendar.holidays, calendar.modes) == (("12-25", "2027-04-02"), ("day", "night"))


def test_many_rules_are_looked_at_in_turn_not_all_at_once(page_of):
    page = page_of(*({**SMOKY, "id": f"r{n}"} for n in range(6)))
    console, looked = page.console, []
    preview = console.preview

    def slow(rule: object) -> RulePreview:
        looked.append(rule.id)
        console.clock.advance(0.006)  # two of them use up the time of a refresh
        return preview(rule)

    console.preview = slow
    states = RuleStates(console)
    for expected in (["r0", "r1"], ["r2", "r3"], ["r4", "r5"], ["r0", "r1"]):
        looked.clear()
        states.refresh()
        assert looked == expected


def test_an_alarm_shows_at_once_however_many_rules_wait_for_a_look(page_of):
    page = page_of(*({**SMOKY, "id": f"r{n}"} for n in range(6)))
    console, preview = page.console, page.console.preview

    def slow(rule: object) -> RulePreview:
        console.clock.advance(1.0)
        return preview(rule)

    console.preview = slow
    page._states = RuleStates(console)
    assert now(page)[5] == "…"
    key = AlarmKey(PlaceId("boiler"), AlarmKind.RULE, "r5")
    console.show_alarms(replace(alarm(1, console.clock), key=key))
    assert now(page)[5] == "ALARM"


def test_every_button_has_a_name(page):
    assert all(button.text() for button in page.findChildren(QPushButton))
    assert page.mode_button.accessibleName()
    assert page.search.accessibleName()
