from dataclasses import replace

import pytest

from embereye.model.alarm import Alarm, AlarmKey, AlarmKind, AlarmState, AlarmTable, Cause, Priority
from embereye.rules.annunciation import (
    counters,
    in_flood,
    popups,
    sound,
    starts,
    summary,
    worst,
)

S, P = AlarmState, Priority
NOW = 10_000.0


def alarm(number, priority=P.EMERGENCY, state=S.UNACKNOWLEDGED, raised=None, place=None):
    raised = NOW - 1000 + number if raised is None else raised
    key = AlarmKey(place or f"place{number}", AlarmKind.FIRE)
    return Alarm(number, key, "", priority, state, Cause.ACTIVE, (), raised, raised)


def table(*alarms, silenced_until=None):
    return AlarmTable(1, alarms, silenced_until)


def test_the_worst_is_the_oldest_of_the_highest_priority():
    assert worst(table(alarm(1, P.HIGH), alarm(3), alarm(2))).id == 2


def test_a_clock_that_was_set_back_makes_no_alarm_older():
    late = alarm(2, raised=NOW - 86_400.0)
    assert worst(table(alarm(1), late)).id == 1
    assert popups(table(alarm(1), late), NOW).first_out.id == 1


def test_acknowledged_and_latched_alarms_are_not_waiting():
    assert worst(table(alarm(1, state=S.ACKNOWLEDGED), alarm(2, state=S.LATCHED))) is None


def test_a_returned_alarm_still_waits_for_somebody():
    assert worst(table(alarm(1, state=S.RETURNED))).id == 1


@pytest.mark.parametrize(
    ("priority", "repeat"), [(P.EMERGENCY, 0.0), (P.HIGH, 30.0), (P.DIAGNOSTIC, 30.0)]
)
def test_only_a_fire_sounds_without_pause(priority, repeat):
    assert sound(table(alarm(1, priority)), 0.0).repeat == repeat


def test_silence_is_quiet_until_it_ends():
    silenced = table(alarm(1), silenced_until=100.0)
    assert sound(silenced, 99.9) is None
    assert sound(silenced, 100.0) is not None


def test_an_acknowledged_alarm_is_quiet():
    assert sound(table(alarm(1, state=S.ACKNOWLEDGED)), 0.0) is None


AGAIN = alarm(1, P.HIGH)  # announced a second time
HIGH = sound(table(alarm(1, P.HIGH)), 0.0)
FIRE = sound(table(alarm(2)), 0.0)


@pytest.mark.parametrize(
    ("wanted", "playing", "elapsed", "expected"),
    [
        (None, FIRE, 0.0, False),
        (FIRE, None, 0.0, True),
        (FIRE, FIRE, 1000.0, False),  # it has not stopped
        (FIRE, HIGH, 1.0, True),  # pre-empts
        (HIGH, FIRE, 1.0, True),  # the fire was acknowledged
        (HIGH, HIGH, 29.9, False),
        (HIGH, HIGH, 30.0, True),
        (sound(table(alarm(1, P.HIGH), alarm(2, P.HIGH)), 0.0), HIGH, 1.0, True),  # one more
        (HIGH, sound(table(alarm(1, P.HIGH), alarm(2, P.HIGH)), 0.0), 1.0, False),  # one less
        (sound(table(replace(AGAIN, changed_utc=0.0)), 0.0), HIGH, 1.0, True),  # the clock was set
    ],
)
def test_when_a_sound_starts(wanted, playing, elapsed, expected):
    assert starts(wanted, playing, 50.0, 50.0 + elapsed) is expected


def test_the_counters_count_all_that_is_not_normal_and_flash_for_what_waits():
    found = counters(
        table(
            alarm(1, state=S.LATCHED),
            alarm(2, state=S.ACKNOWLEDGED),
            alarm(3, P.HIGH),
            alarm(4, P.LOW, S.ACKNOWLEDGED),
            alarm(5, P.DIAGNOSTIC, S.RETURNED),
        ),
        disabled=3,
    )
    assert (found.fire.count, found.fire.flashing) == (2, False)
    assert (found.alarm.count, found.alarm.flashing) == (2, True)
    assert (found.fault.count, found.fault.flashing) == (1, True)
    assert (found.disabled.count, found.test.count) == (3, 0)


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
    assert summary(stack) == "and 37 more"


def test_a_place_has_one_popup():
    stack = popups(table(alarm(1, P.HIGH, place="p"), alarm(2, place="p")), NOW)
    assert [a.id for a in stack.shown] == [2]


def test_faults_do_not_pop_up():
    assert popups(table(alarm(1, P.DIAGNOSTIC)), NOW).shown == ()


@pytest.mark.parametrize(
    ("count", "age", "flood"), [(9, 1.0, False), (10, 599.0, True), (10, 601.0, False)]
)
def test_ten_alarms_in_ten_minutes_are_a_flood(count, age, flood):
    assert in_flood([alarm(n, raised=NOW - age) for n in range(count)], NOW) is flood
