"""Popups: what they show, how many, how fast, and what they never do."""

from dataclasses import replace

import pytest
from consoles import FakeConsole, alarm, camera, device, thermal
from dialog_parts import open_dialogs
from fakes import FakeClock
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from embereye.config.rule_options import AlarmRule, Condition, ConditionGroup
from embereye.config.schema import Place, Settings
from embereye.model.alarm import (
    AlarmKey,
    AlarmKind,
    AlarmState,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.model.ids import AlarmId, CameraId, PlaceId
from embereye.rules.popup_choice import NEW_MOST
from embereye.ui.alarm_dialogs import QuietDialog
from embereye.ui.alarm_facts import alarm_facts
from embereye.ui.main_window import MainWindow
from embereye.ui.pages import Page
from embereye.ui.theme import Tokens, tile_look


def shown(window: MainWindow) -> list[AlarmId]:
    return [popup.alarm.id for popup in window.popups.popups()]


def test_heat_camera_and_trend_are_seen_together(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    console.show_cameras(replace(camera("c1", clock), place=PlaceId("boiler")))
    status = device("d1", clock, thermal=thermal("d1", clock), camera=CameraId("c1"))
    console.show_devices(replace(status, place=PlaceId("boiler")))
    window.show()
    console.show_alarms(alarm(1, clock, place="boiler", cameras=("c1",)))
    window._refresh_alarms()
    (popup,) = window.popups.popups()
    assert popup._live.isVisible()
    assert popup._heat.isVisible()
    assert popup._trend.isVisible()
    assert not popup._live.geometry().intersects(popup._heat.geometry())
    assert popup._trend.geometry().top() >= popup._live.geometry().bottom()


def test_a_low_window_has_room_for_pictures_and_a_second_popup(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    console.show_cameras(replace(camera("c1", clock), place=PlaceId("boiler")))
    status = device("d1", clock, thermal=thermal("d1", clock), camera=CameraId("c1"))
    console.show_devices(replace(status, place=PlaceId("boiler")))
    window.resize(1280, 720)
    window.show()
    fire = alarm(1, clock, place="boiler", cameras=("c1",))
    console.show_alarms(fire, alarm(2, clock, priority=Priority.HIGH))
    window._refresh_alarms()
    worst, other = window.popups.popups()
    assert worst._live.isVisible()
    assert worst._heat.isVisible()
    assert not worst._trend.isVisible()
    assert other.geometry().top() >= window.bar.geometry().bottom()


def test_without_heat_the_trend_stands_beside_the_camera(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    console.show_cameras(replace(camera("c1", clock), place=PlaceId("boiler")))
    console.show_devices(replace(device("d1", clock), place=PlaceId("boiler")))
    window.show()
    console.show_alarms(alarm(1, clock, place="boiler", cameras=("c1",)))
    window._refresh_alarms()
    (popup,) = window.popups.popups()
    assert not popup._heat.isVisible()
    assert popup._trend.geometry().left() > popup._live.geometry().right()


def test_what_is_escalated_chattering_or_assigned_says_so(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    told = alarm(1, clock, escalation=2, chattering=True, assigned_to="Miller")
    console.show_alarms(told, alarm(2, clock, place="place-1", kind=AlarmKind.GAS))
    window._refresh_alarms()
    (popup,) = window.popups.popups()
    assert popup._marks.text() == "ESCALATED × 2 · CHATTERING · assigned to Miller · 1 more here"
    assert "ESCALATED × 2" in window.bar.worst.accessibleName()


def test_an_alarm_whose_cause_is_gone_is_not_shown_as_if_it_held(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    console.show_alarms(alarm(1, clock, state=AlarmState.RETURNED))
    window._refresh_alarms()
    (popup,) = window.popups.popups()
    assert "RETURNED" in popup._marks.text()
    assert "RETURNED" in window.bar.worst.accessibleName()


def test_a_rule_can_be_saved_with_the_mouse_while_alarms_call(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.resize(1280, 720)
    window.show()
    console.show_alarms(*[alarm(number, clock) for number in range(1, 20)])
    window._refresh_alarms()
    window.show_page(Page.RULES)
    rules = window.pages.rules
    rules.add_button.click()
    editor = rules.editor
    assert editor.isVisible()
    window.resize(1281, 720)  # popups lie where they belong now
    above = [*window.popups.popups(), window.popups._summary]
    for button in (editor.back_button, editor.history_button, editor.save_button):
        middle = button.mapTo(window.popups._window, button.rect().center())
        assert not [one for one in above if one.geometry().contains(middle)]


@pytest.mark.parametrize("state", [AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED])
def test_a_hidden_popup_comes_back_when_nobody_answers(
    window: MainWindow, console: FakeConsole, clock: FakeClock, state: AlarmState
) -> None:
    window.show()
    console.show_alarms(alarm(1, clock))
    window._refresh_alarms()
    QTest.mouseClick(window.popups.popups()[0].close_button, Qt.MouseButton.LeftButton)
    assert shown(window) == []
    console.show_alarms(alarm(1, clock, state=state))
    window._refresh_alarms()
    assert shown(window) == []
    console.show_alarms(alarm(1, clock, state=state, escalation=1))
    window._refresh_alarms()
    assert shown(window) == [1]


def test_a_hidden_popup_comes_back_when_a_shelving_ends(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    gas = alarm(1, clock, kind=AlarmKind.GAS, priority=Priority.HIGH)
    console.show_alarms(gas)
    window._refresh_alarms()
    window.popups.popups()[0].closed.emit(gas.id)
    assert shown(window) == []
    over = Overlay(OverlayKind.SHELVED, Scope(gas.key.place), "", "", 0.0, 60.0, Priority.HIGH)
    ended = replace(gas, state=AlarmState.RETURNED, changed_utc=clock.now().utc + 9.0)
    console.show_alarms(replace(ended, overlay=over))
    window._refresh_alarms()
    console.show_alarms(replace(ended, changed_utc=clock.now().utc + 60.0))
    window._refresh_alarms()
    assert shown(window) == [1]


def test_a_popup_leads_to_shelving(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    console.show_alarms(alarm(1, clock))
    window._refresh_alarms()
    button = window.popups.popups()[0].shelve_button
    assert button.focusPolicy() is Qt.FocusPolicy.NoFocus
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = open_dialogs(window)
    assert isinstance(dialog, QuietDialog)
    assert not dialog.isModal()


def test_a_flood_is_named_in_the_bar_with_its_first_out(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    first = alarm(1, clock, place_name="Boiler house", state=AlarmState.ACKNOWLEDGED)
    console.show_alarms(*[alarm(number, clock) for number in range(2, 40)], first)
    window._refresh_alarms()
    said = window.bar.worst.accessibleName()
    assert "FLOOD 39 alarms in 10 min" in said
    assert "Boiler house" in said
    assert shown(window) == [2, 3]
    assert [popup._marks.text() for popup in window.popups.popups()] == ["FIRST OUT", ""]
    assert window.popups._summary.label.whole == "FLOOD: and 36 more places, 36 with FIRE"


def test_everything_of_a_flood_is_in_the_list(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    console.show_alarms(*[alarm(number, clock) for number in range(1, 40)])
    window._refresh_alarms()
    window.show_alarm(None)
    assert window.alarms.table.model().rowCount() == 39


def test_popups_open_no_faster_than_hands_move(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    opened: set[AlarmId] = set()
    for number in range(1, 21):  # acknowledged at once, each time another one comes
        console.show_alarms(alarm(number, clock, priority=Priority.HIGH), alarm(900, clock))
        window._refresh_alarms()
        opened |= set(shown(window))
    assert len(opened) <= NEW_MOST
    assert 900 in opened
    clock.advance(1.1)
    window.popups._age()  # what had to wait comes by itself
    assert 20 in shown(window)


def test_a_fire_never_waits_for_the_pace_of_popups(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    for number in range(1, 6):
        console.show_alarms(alarm(number, clock, priority=Priority.HIGH))
        window._refresh_alarms()
    console.show_alarms(alarm(99, clock))
    window._refresh_alarms()
    assert shown(window) == [99]


def test_a_fire_does_not_wait_for_one_that_was_just_acknowledged(
    window: MainWindow, console: FakeConsole, clock: FakeClock
) -> None:
    window.show()
    for number in range(1, 7):
        console.show_alarms(alarm(number, clock))
        window._refresh_alarms()
        assert shown(window) == [number]


def test_a_rule_says_what_to_do_before_its_place_does(
    console: FakeConsole, clock: FakeClock
) -> None:
    group = ConditionGroup(conditions=(Condition(),))
    rule = AlarmRule(id="night", name="Night", groups=(group,), guidance="Wake the guard.")
    place = Place(id="gate", name="Gate", guidance="Close the gate.", phones=("2-112",))
    console.configured = Settings(places=(place,), rules=(rule,))
    key = AlarmKey(PlaceId("gate"), AlarmKind.RULE, "night")
    facts = alarm_facts(console, replace(alarm(1, clock), key=key))
    assert (facts.guidance, facts.phones) == ("Wake the guard.", ("2-112",))
    other = alarm_facts(console, alarm(2, clock, place="gate"))
    assert other.guidance == "Close the gate."


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (OverlayKind.SHELVED, "SHELVED"),
        (OverlayKind.SUPPRESSED, "SUPPRESSED"),
        (OverlayKind.OUT_OF_SERVICE, "OUT OF SERVICE"),
        (OverlayKind.TEST, "TEST"),
    ],
)
def test_a_tile_says_why_its_alarm_is_quiet(
    colours: Tokens, clock: FakeClock, kind: OverlayKind, word: str
) -> None:
    scope = Scope(PlaceId("place-1"))
    overlay = Overlay(kind, scope, "", "miller", 0.0, 9e9, Priority.EMERGENCY)
    assert tile_look(colours, alarm(1, clock)).word == "FIRE"
    assert tile_look(colours, alarm(1, clock, overlay=overlay)).word == word
