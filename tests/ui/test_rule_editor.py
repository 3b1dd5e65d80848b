"""A rule is made, changed and checked in its form, also by somebody without a mouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dialog_parts import answer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QTimeEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot
from rule_screens import SavingConsole

from embereye.config.rule_options import AlarmRule
from embereye.model.rule_messages import RemoveRuleAsked, SaveRuleAsked
from embereye.model.rule_preview import Standing
from embereye.model.rule_problem import Written
from embereye.services.rule_configuration import row_of, values_of
from embereye.ui.bridge import Bridge
from embereye.ui.rules_page import RulesPage
from embereye.ui.theme import Tokens

HOT = {
    "id": "hot",
    "name": "Hot rack",
    "place": "boiler",
    "groups": [{"conditions": [{"input": "thermal", "limit": 60.0}]}],
}
HEAD = {"input": "thermal", "sources": ["d1"]}
TWO = {
    **HOT,
    "groups": [
        {
            "conditions": [
                {"input": "thermal", "limit": 60.0},
                {"input": "sensor", "channel": "smoke", "limit": 25.0},
            ]
        }
    ],
}
_FAR = 120  # more presses of Tab than a form has stops


@pytest.fixture
def page_of(tmp_path: Path, bridge: Bridge, colours: Tokens, qtbot: QtBot):
    made: list[RulesPage] = []

    def make(*rules: object, **changes: object) -> RulesPage:
        console = SavingConsole(tmp_path, bridge, rules=list(rules), **changes)
        page = RulesPage(console, bridge, colours)
        page.console = console  # type: ignore[attr-defined]
        page.resize(1216, 640)
        made.append(page)
        with qtbot.waitExposed(page):
            page.show()
        page.activateWindow()
        return page

    yield make
    for page in made:
        page.close()
        page.deleteLater()
    QApplication.sendPostedEvents(None, 52)  # QEvent.DeferredDelete


@pytest.fixture
def page(page_of) -> Iterator[RulesPage]:
    return page_of(HOT)


def edited(page: RulesPage):
    """The form of the first rule."""
    page.table.setCurrentIndex(page.model.index(0, 0))
    page.edit_button.click()
    return page.editor


def condition(page: RulesPage, number: int = 0):
    return page.editor.fields.groups[0].rows[number]


def enter(cells, name: str, value: object) -> None:
    """As a person does who types or chooses."""
    editor = cells.by_name[name].editor
    if isinstance(editor, QComboBox) and not editor.isEditable():
        editor.setCurrentIndex(editor.findData(value))
        editor.activated.emit(editor.currentIndex())
    elif isinstance(editor, QLineEdit):
        editor.setText(str(value))
        editor.textEdited.emit(str(value))


def told(page: RulesPage, name: str) -> str:
    return condition(page).cells.by_name[name].error.text()


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def press(*keys: object) -> None:
    for key in keys:
        if isinstance(key, str):
            QTest.keyClicks(focus(), key)
        else:
            QTest.keyClick(focus(), key)


def tab_to(name: str) -> None:
    """Go on by the keyboard until the field of this name has it."""
    for _ in range(_FAR):
        if focus().accessibleName() == name or getattr(focus(), "text", str)() == name:
            return
        press(Qt.Key.Key_Tab)
    raise AssertionError(f"the keyboard does not reach {name}")


def replace(text: str) -> None:
    QTest.keyClick(focus(), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    press(text)


def test_a_rule_is_made_by_keyboard_alone(page_of, qtbot):
    page = page_of()
    assert focus() is page.add_button
    press(Qt.Key.Key_Space, "Gate at night")
    tab_to("Place")
    place = focus()
    assert isinstance(place, QComboBox)
    while place.currentData() != "yard":
        press(Qt.Key.Key_Down)
    tab_to("Priority")
    press(Qt.Key.Key_Up)
    tab_to("In the area")
    press(Qt.Key.Key_Down)
    tab_to("Limit")
    replace("0,6")
    tab_to("More: delays, dead band, N of M")
    press(Qt.Key.Key_Space)
    tab_to("Must hold for")
    replace("5")
    tab_to("Mon")
    press(Qt.Key.Key_Space)
    tab_to("Arming mode: armed")
    press(Qt.Key.Key_Space)
    tab_to("What the operator should do")
    press("Call the guard.")
    with qtbot.waitSignal(page.editor.closed):
        QTest.keyClick(focus(), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    expected = {
        "id": "gate-at-night",
        "name": "Gate at night",
        "place": "yard",
        "priority": "high",
        "groups": [{"conditions": [{"zone": "gate", "limit": 0.6, "on_delay": 5.0}]}],
        "schedule": {"days": ["mon"]},
        "modes": ["armed"],
        "guidance": "Call the guard.",
    }
    assert page.console.store.current.rules == (AlarmRule.model_validate(expected),)
    assert page.console.audited == ["rule gate-at-night operator added"]
    assert page.model.rowCount() == 1


def test_each_field_and_button_of_the_form_is_reached_by_tab_and_has_a_name(page):
    edited(page).fields.advanced.open(True)
    condition(page).more.open(True)
    seen = []
    for _ in range(_FAR):
        seen.append(focus())
        press(Qt.Key.Key_Tab)
    kinds = (QLineEdit, QComboBox, QPlainTextEdit)
    inside = page.editor.fields.findChildren(QWidget)
    kept = [w for w in inside if isinstance(w, kinds) and w.isVisible() and w.isEnabled()]
    fields = [w for w in kept if not isinstance(w.parent(), QComboBox | QTimeEdit)]
    assert fields
    assert [w.accessibleName() for w in fields if w not in seen] == []
    assert all(w.accessibleName() for w in fields)
    assert page.editor.save_button in seen or not page.editor.save_button.isEnabled()


def test_a_sentence_says_what_the_rule_means(page):
    editor = edited(page)
    assert editor.pane.meaning.text() == (
        "Alarms MEDIUM at Boiler house when the thermal maximum is at least 60 °C."
    )
    enter(condition(page).cells, "on_delay", "5")
    enter(editor.fields.head.cells, "priority", "high")
    assert editor.pane.meaning.text() == (
        "Alarms HIGH at Boiler house when the thermal maximum is at least 60 °C for 5 s."
    )


def test_fields_follow_what_a_condition_looks_at(page):
    edited(page)
    cells = condition(page).cells
    shown = lambda: {n for n, cell in cells.by_name.items() if not cell.isHidden()}  # noqa: E731
    assert {"measure", "region", "limit"} <= shown()
    enter(cells, "input", "sensor")
    assert {"channel", "limit"} <= shown()
    assert not {"measure", "region", "label"} & shown()
    assert cells.by_name["limit"].hint.text() == "%  0–100"
    assert cells.by_name["limit"].editor.text() == "25"
    enter(cells, "input", "device fault")
    assert "limit" not in shown()
    assert page.editor.fields.row is not None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("limit", "hot", "Enter a number."),
        ("limit", "", "Enter a number."),
        ("limit", "9999999", "At most 1,000,000 is possible."),
        ("hits", "2.5", "Enter a whole number."),
        ("on_delay", "-1", "At least 0 is possible."),
        ("on_delay", "nan", "At most 3,600 is possible."),
    ],
)
def test_a_wrong_field_is_told_under_it_and_nothing_is_asked_for(page, name, value, words):
    editor = edited(page)
    enter(condition(page).cells, name, value)
    assert told(page, name) == words
    editor.save()
    assert page.console.asked == []
    assert "red" in editor.error.text()
    assert focus() is condition(page).cells.by_name[name].editor
    assert not editor.history_button.isEnabled()


def test_the_wrong_field_is_brought_into_sight(page_of):
    many = [{"input": "thermal", "limit": 60.0 + n} for n in range(6)]
    page = page_of({**HOT, "groups": [{"conditions": many}]})
    editor = edited(page)
    QApplication.processEvents()
    limit = condition(page, 5).cells.by_name["limit"].editor
    enter(condition(page, 5).cells, "limit", "hot")
    assert limit.visibleRegion().isEmpty()
    editor.save()
    assert not limit.visibleRegion().isEmpty()


def test_what_can_never_be_is_told_at_its_condition(page):
    edited(page)
    enter(condition(page).cells, "input", "sensor")
    enter(condition(page).cells, "limit", "150")
    assert "can never be" in condition(page).error.text()
    enter(condition(page).cells, "limit", "50")
    assert condition(page).error.text() == ""


def test_without_a_name_there_is_a_preview_but_nothing_is_saved(page_of):
    page = page_of()
    page.add_button.click()
    editor = page.editor
    name = editor.fields.head.cells.by_name["name"]
    assert name.error.text() == ""
    assert editor.pane.model.rowCount() > 0
    enter(editor.fields.head.cells, "priority", "high")
    editor.save()
    assert name.error.text() == "Fill this in."
    assert page.console.asked == []


def test_the_preview_shows_each_source_with_value_age_and_verdict(page):
    editor, console = edited(page), page.console
    row = editor.pane.model.row
    assert row(0).state is Standing.UNKNOWN
    assert "Nobody knows" in editor.pane.verdict.text()
    console.thermal(42.0)
    console.clock.advance(2.0)
    editor.refresh()
    parts = [row(n) for n in range(editor.pane.model.rowCount())]
    head = next(part for part in parts if "device Head" in part.text)
    assert (head.value, head.state, round(head.age)) == ("42.0 °C", Standing.NOT, 2)
    console.thermal(91.2)
    editor.refresh()
    assert editor.pane.verdict.text() == "◆ MEDIUM · It would alarm now at Boiler house."
    console.clock.advance(60.0)
    editor.refresh()
    assert "Nobody knows" in editor.pane.verdict.text()


def test_the_preview_follows_each_edit(page_of):
    page = page_of({**HOT, "groups": [{"conditions": [{**HEAD, "limit": 60.0}]}]})
    editor = edited(page)
    page.console.thermal(70.0)
    editor.refresh()
    assert "would alarm now" in editor.pane.verdict.text()
    enter(condition(page).cells, "limit", "80")
    assert "would not alarm" in editor.pane.verdict.text()
    enter(condition(page).cells, "limit", "eighty")
    assert "red" in editor.pane.verdict.text()


def test_of_many_sources_those_that_hold_come_first_and_the_rest_is_counted(page_of):
    devices = [{"id": f"x{n}", "name": f"Head {n}", "place": "boiler"} for n in range(60)]
    page = page_of(HOT, devices=devices)
    editor = edited(page)
    page.console.thermal(91.0, "x59")
    editor.refresh()
    rows = [editor.pane.model.row(n) for n in range(editor.pane.model.rowCount())]
    assert len(rows) == 1 + 24 + 1
    assert "any of 60" in rows[0].text
    assert ("Head 59" in rows[1].text, rows[1].state) == (True, Standing.HOLDS)
    assert rows[-1].text == "– and 36 more"


def test_new_values_do_not_measure_all_rows_of_the_preview_again(page, monkeypatch):
    editor, measured = edited(page), []
    monkeypatch.setattr(editor.pane.table, "resizeRowsToContents", lambda: measured.append(1))
    header = editor.pane.table.verticalHeader()
    assert header.sectionResizeMode(0) is not QHeaderView.ResizeMode.ResizeToContents
    for hottest in (40.0, 50.0):
        page.console.thermal(hottest)
        editor.refresh()
    assert measured == []
    enter(condition(page).cells, "limit", "80")
    assert measured == [1]


def test_the_keyboard_goes_through_a_new_condition_before_what_follows_it(page):
    edited(page)
    group = page.editor.fields.groups[0]
    group.add_button.click()
    QApplication.processEvents()  # new rows are shown
    group.rows[1].more.button.setFocus()
    press(Qt.Key.Key_Tab)
    assert focus() is group.rows[1].remove_button
    press(Qt.Key.Key_Tab)
    assert focus() is group.add_button
    group.rows[0].remove_button.setFocus()
    press(Qt.Key.Key_Tab)
    assert focus() is group.rows[1].cells.by_name["input"].editor


def test_changed_fields_are_marked_and_reverted(page):
    editor = edited(page)
    assert not editor.changed
    enter(condition(page).cells, "limit", "80")
    enter(editor.fields.head.cells, "name", "Hotter")
    assert condition(page).cells.by_name["limit"].title.text().endswith("•")
    assert editor.fields.head.cells.by_name["name"].title.text().endswith("•")
    assert not editor.fields.head.cells.by_name["place"].title.text().endswith("•")
    editor.revert_button.click()
    assert not editor.changed
    assert condition(page).cells.by_name["limit"].editor.text() == "60"


def test_leaving_asks_only_when_something_would_be_lost(page):
    editor = edited(page)
    editor.leave()
    assert page.currentIndex() == 0
    editor = edited(page)
    enter(condition(page).cells, "limit", "80")
    editor.leave()
    assert page.currentWidget() is editor
    answer(editor, yes=True)
    assert page.currentIndex() == 0
    assert page.console.asked == []


def test_a_change_is_saved_whole(page_of, qtbot):
    page = page_of(TWO)
    editor = edited(page)
    enter(editor.fields.groups[0].cells, "need", "any")
    enter(condition(page, 1).cells, "limit", "30")
    with qtbot.waitSignal(editor.closed):
        editor.save()
    (rule,) = page.console.store.current.rules
    assert rule.groups[0].need == "any"
    assert [c.limit for c in rule.groups[0].conditions] == [60.0, 30.0]


def test_conditions_and_groups_come_and_go(page):
    editor = edited(page)
    group = editor.fields.groups[0]
    group.add_button.click()
    assert [row.number.text() for row in group.rows] == ["Condition 1", "Condition 2"]
    editor.fields.add_button.click()
    assert editor.fields.row is not None
    assert len(editor.fields.row.groups) == 2
    group.rows[0].remove_button.click()
    editor.fields.groups[1].remove_button.click()
    assert [len(g.conditions) for g in editor.fields.row.groups] == [1]
    assert editor.fields.row.groups[0].conditions[0].input == "label"


def test_what_the_settings_have_and_the_site_has_not_stays(page_of):
    gone = {
        **HOT,
        "place": "attic",
        "modes": ["holiday"],
        "actions": ["pager"],
        "groups": [
            {"conditions": [{"input": "thermal", "limit": 60, "region": "x", "sources": ["d9"]}]}
        ],
    }
    page = page_of(gone)
    editor = edited(page)
    assert not editor.changed
    assert values_of(editor.fields.row) == values_of(AlarmRule.model_validate(gone))
    assert "no place attic" in editor.pane.remarks.text()


def test_a_rule_that_somebody_removed_meanwhile_is_not_brought_back_unseen(page, qtbot):
    editor, console = edited(page), page.console
    enter(condition(page).cells, "limit", "80")
    seen = values_of(row_of(console.settings(), Written.RULE, "hot"))
    console.ask(RemoveRuleAsked(Written.RULE, "hot", "bob", seen))
    with qtbot.waitSignal(editor._saving.failed):
        editor.save()
    assert "removed by somebody else" in editor.error.text()
    assert console.settings().rules == ()
    assert "Save adds it again" in editor.news.text()
    with qtbot.waitSignal(editor.closed):
        editor.save()
    assert console.settings().rules[0].groups[0].conditions[0].limit == 80.0


def test_a_rule_that_somebody_changed_meanwhile_is_not_overwritten(page, qtbot):
    editor, console = edited(page), page.console
    enter(condition(page).cells, "limit", "80")
    seen = values_of(row_of(console.settings(), Written.RULE, "hot"))
    console.ask(SaveRuleAsked(Written.RULE, {**seen, "name": "By Bob"}, "bob", seen))
    with qtbot.waitSignal(editor._saving.failed):
        editor.save()
    assert "changed it meanwhile" in editor.error.text()
    assert console.settings().rules[0].name == "By Bob"
    assert editor.load_button.isVisible()
    editor.load_button.click()
    assert editor.fields.head.cells.by_name["name"].editor.text() == "By Bob"
    assert not editor.news.isVisible()


def test_who_may_not_edit_sees_why(page_of):
    page = page_of(HOT, role="operator")
    editor = edited(page)
    enter(condition(page).cells, "limit", "80")
    assert "needs the role supervisor" in editor.news.text()
    assert not editor.save_button.isEnabled()
    editor.save()
    assert page.console.asked == []


def test_a_new_rule_gets_an_id_of_its_name_that_nobody_has(page):
    page.add_button.click()
    fields = page.editor.fields
    enter(fields.head.cells, "name", "Hot!")
    assert fields.row.id == "hot-2"
    enter(fields.more.cells, "id", "hot")
    assert "there already" in fields.more.cells.by_name["id"].error.text()
    enter(fields.head.cells, "name", "Hotter")
    assert fields.more.cells.values()["id"] == "hot"
    enter(fields.more.cells, "id", "own")
    assert fields.row.id == "own"


def test_a_name_in_another_script_gets_an_id_too(page):
    page.add_button.click()
    enter(page.editor.fields.head.cells, "name", "दरवाज़ा")
    assert page.editor.fields.row.id == "rule"


def test_a_suppression_is_made_with_hours_and_modes_only(page_of, qtbot):
    page = page_of()
    page.quiet_button.click()
    editor = page.editor
    enter(editor.fields.head.cells, "name", "Deliveries")
    enter(editor.fields.head.cells, "place", "yard")
    editor.fields.when.modes.choose(["disarmed"])
    assert editor.pane.meaning.text() == ("Keeps intrusion alarms at Yard quiet, mode disarmed.")
    assert editor.pane.verdict.text() == "It does not count now: the mode is armed."
    editor.fields.add_button.click()
    enter(condition(page).cells, "input", "thermal")  # there is no sensor in the yard
    assert "so it keeps nothing quiet" in editor.pane.verdict.text()
    editor.fields.groups[0].remove_button.click()
    with qtbot.waitSignal(editor.closed):
        editor.save()
    (made,) = page.console.settings().suppressions
    assert (made.id, made.kind, made.modes) == ("deliveries", "intrusion", ("disarmed",))
