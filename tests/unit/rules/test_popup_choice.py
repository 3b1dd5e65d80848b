from dataclasses import replace

import pytest

from embereye.model.alarm import (
    Alarm,
    AlarmKey,
    AlarmKind,
    AlarmState,
    AlarmTable,
    Cause,
    Overlay,
    OverlayKind,
    Priority,
    Scope,
)
from embereye.rules.flood import flood
from embereye.rules.popup_choice import NEW_MOST, admitted, popups, summary

S, P = AlarmState, Priority
NOW = 10_000.0


def alarm(number, priority=P.EMERGENCY, state=S.UNACKNOWLEDGED, raised=None, place=None):
    raised = NOW - 1000 + number if raised is None else raised
    key = AlarmKey(place or f"place{number}", AlarmKind.FIRE)
    return Alarm(number, key, "", priority, state, Cause.ACTIVE, (), raised, raised)


def table(*alarms):
    return AlarmTable(1, alarms)


SHELVED = Overlay(OverlayKind.SHELVED, Scope("place1"), "", "x", NOW, NOW + 60.0, P.EMERGENCY)


def test_popups_are_stacked_by_priority_then_age():
    stack = popups(table(alarm(1, P.HIGH), alarm(3), alarm(2)), NOW)
    assert [a.id for a in stack.shown] == [2, 3, 1]
    assert summary(stack) == ""


def test_first_out_is_always_shown():
    fires = [alarm(number) for number in range(2, 20)]
    stack = popups(table(alarm(1, P.LOW), *fires), NOW, room=3)
    assert stack.first_out.id == 1
    assert [a.id for a in stack.shown] == [2, 3, 1]


def test_an_older_intruder_takes_no_place_of_a_fire():
    key = AlarmKey("gate", AlarmKind.INTRUSION)
    intruder = replace(alarm(1, P.HIGH), key=key)
    stack = popups(table(intruder, alarm(2), alarm(3)), NOW, room=2)
    assert [a.id for a in stack.shown] == [2, 3]
    assert stack.first_out.id == 2
    assert popups(table(intruder), NOW).first_out.id == 1


def test_the_rest_of_a_flood_is_summarised():
    stack = popups(table(*(alarm(number) for number in range(41))), NOW, room=4)
    assert summary(stack) == "and 37 more places, 37 with FIRE"


def test_a_fire_is_named_where_it_is_only_summarised():
    stack = popups(table(alarm(1), alarm(2), alarm(3), alarm(4, P.LOW)), NOW, room=2)
    assert summary(stack) == "and 2 more places, 1 with FIRE"
    stack = popups(table(alarm(1, place="x"), alarm(2, place="x"), alarm(3, P.LOW)), NOW, room=1)
    assert summary(stack) == "and 1 more place"


def test_a_place_has_one_popup():
    stack = popups(table(alarm(1, P.HIGH, place="p"), alarm(2, place="p")), NOW)
    assert [a.id for a in stack.shown] == [2]


def test_faults_do_not_pop_up():
    assert popups(table(alarm(1, P.DIAGNOSTIC)), NOW).shown == ()


@pytest.mark.parametrize(
    ("count", "age", "flooded"), [(9, 1.0, False), (10, 599.0, True), (10, 601.0, False)]
)
def test_ten_alarms_in_ten_minutes_are_a_flood(count, age, flooded):
    found = flood([alarm(n, raised=NOW - age) for n in range(count)], NOW)
    assert (found is not None) is flooded
    assert found is None or found.count == count


def test_the_first_out_of_a_flood_stays_when_it_is_acknowledged():
    fires = [alarm(n, raised=NOW) for n in range(2, 12)]
    first = alarm(1, state=S.ACKNOWLEDGED, raised=NOW)
    assert flood([*fires, first], NOW).first_out.id == 1


def test_faults_and_intruders_are_no_first_out_of_fires():
    fault = replace(alarm(0, P.DIAGNOSTIC, raised=NOW), key=AlarmKey("p", AlarmKind.CAMERA_FAULT))
    gate = replace(alarm(1, P.HIGH, raised=NOW), key=AlarmKey("gate", AlarmKind.INTRUSION))
    fires = [alarm(n, raised=NOW) for n in range(2, 12)]
    assert flood([fault, gate, *fires], NOW).first_out.id == 2
    assert flood([fault] * 10, NOW).first_out.id == 0


def test_what_is_covered_belongs_to_no_flood():
    quiet = [replace(alarm(n, raised=NOW), overlay=SHELVED) for n in range(20)]
    assert flood(quiet, NOW) is None


def test_what_is_covered_has_no_popup():
    assert popups(table(replace(alarm(1), overlay=SHELVED)), NOW).shown == ()


def test_in_a_flood_the_worst_and_the_first_out_pop_up():
    fires = [alarm(n, raised=NOW) for n in range(2, 20)]
    stack = popups(table(alarm(1, P.LOW, raised=NOW), *fires), NOW)
    assert stack.flood
    assert [a.id for a in stack.shown] == [2, 1]
    assert stack.more == 17


def test_the_oldest_is_named_where_it_has_no_popup():
    gate = replace(alarm(1, P.LOW), key=AlarmKey("gate", AlarmKind.INTRUSION), place_name="Gate")
    stack = popups(table(gate, alarm(2), alarm(3)), NOW, room=1)
    assert [a.id for a in stack.shown] == [2]
    assert summary(stack) == "and 2 more places, 1 with FIRE, the oldest at Gate"


def test_a_popup_says_how_many_more_wait_at_its_place():
    stack = popups(table(alarm(1, P.HIGH, place="p"), alarm(2, place="p"), alarm(3)), NOW)
    assert [(a.id, more) for a, more in zip(stack.shown, stack.beside, strict=True)] == [
        (2, 1),
        (3, 0),
    ]


def test_no_more_than_three_popups_open_in_a_second():
    wanted = [alarm(n) for n in range(10, 20)]
    first = admitted(wanted, (), (), 50.0)
    assert first == {10, 11, 12}
    shown = wanted[:NEW_MOST]
    assert admitted(wanted[3:], shown, [50.0] * 3, 50.9) == frozenset()
    assert admitted(wanted[3:], shown, [50.0] * 3, 51.0) == {13, 14, 15}


def test_popups_that_are_open_stay():
    wanted = [alarm(1), alarm(2)]
    assert admitted(wanted, wanted, [50.0] * 9, 50.1) == {1, 2}


def test_a_more_urgent_alarm_pops_up_at_once_in_any_flood():
    high = [alarm(n, P.HIGH) for n in range(1, 4)]
    fires = [alarm(n) for n in range(10, 20)]
    assert admitted([*fires, *high], high, [50.0] * 3, 50.1) == {10, 1, 2, 3}
