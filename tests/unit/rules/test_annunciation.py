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
from embereye.rules.annunciation import OF_PRIORITY, Tone, counters, sound, starts, worst

S, P = AlarmState, Priority
NOW = 10_000.0


def alarm(number, priority=P.EMERGENCY, state=S.UNACKNOWLEDGED, raised=None, place=None):
    raised = NOW - 1000 + number if raised is None else raised
    key = AlarmKey(place or f"place{number}", AlarmKind.FIRE)
    return Alarm(number, key, "", priority, state, Cause.ACTIVE, (), raised, raised)


def table(*alarms, silenced_until=None, overlays=()):
    return AlarmTable(1, alarms, silenced_until, overlays=overlays)


def cover(kind, place="place1"):
    return Overlay(kind, Scope(place), "", "miller", NOW, NOW + 60.0, P.EMERGENCY)


def test_the_worst_is_the_oldest_of_the_highest_priority():
    assert worst(table(alarm(1, P.HIGH), alarm(3), alarm(2))).id == 2


def test_a_clock_that_was_set_back_makes_no_alarm_older():
    late = alarm(2, raised=NOW - 86_400.0)
    assert worst(table(alarm(1), late)).id == 1


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
        switched_off=3,
    )
    assert (found.fire.count, found.fire.flashing) == (2, False)
    assert (found.alarm.count, found.alarm.flashing) == (2, True)
    assert (found.fault.count, found.fault.flashing) == (1, True)
    assert (found.disabled.count, found.test.count) == (3, 0)


QUIET = [OverlayKind.SHELVED, OverlayKind.SUPPRESSED, OverlayKind.OUT_OF_SERVICE]


@pytest.mark.parametrize("kind", QUIET)
def test_what_is_covered_neither_calls_nor_sounds(kind):
    covered = table(replace(alarm(1), overlay=cover(kind)))
    assert worst(covered) is None
    assert sound(covered, 0.0) is None


def test_a_covered_fire_does_not_quiet_another_one():
    found = sound(table(replace(alarm(1), overlay=cover(OverlayKind.TEST)), alarm(2)), 0.0)
    assert (found.alarm.id, found.tone, found.repeat) == (2, Tone.FIRE, 0.0)


TESTED = replace(alarm(1), overlay=cover(OverlayKind.TEST))
CHIME = sound(table(TESTED), 0.0)


def test_an_alarm_in_a_walk_test_chimes_once():
    assert CHIME.tone is Tone.TEST
    assert starts(CHIME, None, 0.0, 0.0)
    assert not starts(CHIME, CHIME, 0.0, 1e6)


def test_each_further_alarm_of_a_walk_test_chimes():
    two = sound(table(TESTED, replace(alarm(2), overlay=TESTED.overlay)), 0.0)
    assert starts(two, CHIME, 0.0, 0.1)
    assert not starts(CHIME, two, 0.0, 0.1)


def test_the_end_of_a_siren_is_no_new_chime():
    both = sound(table(alarm(2), TESTED), 0.0)
    assert both.tone is Tone.FIRE
    assert not starts(CHIME, both, 0.0, 10.0)


def test_a_fire_during_a_chime_sounds_at_once():
    assert starts(FIRE, CHIME, 0.0, 0.01)


def test_an_escalation_starts_the_siren_again():
    again = sound(table(replace(alarm(2), escalation=1)), 0.0)
    assert starts(again, FIRE, 50.0, 50.1)
    assert not starts(again, again, 50.0, 80.0)


def ruled(number, priority=P.MEDIUM):
    return replace(alarm(number, priority), key=AlarmKey("gate", AlarmKind.RULE, "night"))


@pytest.mark.parametrize(
    ("tones", "tone"),
    [({}, Tone.MEDIUM), ({"other": Tone.LOW}, Tone.MEDIUM), ({"night": Tone.HIGH}, Tone.HIGH)],
)
def test_a_rule_has_a_sound_of_its_own(tones, tone):
    found = sound(table(ruled(1)), 0.0, tones)
    assert (found.tone, found.repeat) == (tone, 30.0)


def test_a_rule_without_sound_is_not_heard_but_still_calls():
    quiet = table(ruled(1, P.HIGH), alarm(2, P.LOW))
    assert sound(quiet, 0.0, {"night": None}).tone is Tone.LOW
    assert worst(quiet).id == 1


def test_an_emergency_of_a_rule_sounds_without_pause_with_any_sound():
    found = sound(table(ruled(1, P.EMERGENCY)), 0.0, {"night": Tone.LOW})
    assert (found.tone, found.repeat) == (Tone.LOW, 0.0)


def test_the_soft_sound_of_an_older_rule_does_not_take_the_voice_of_a_fire():
    both = table(ruled(1, P.EMERGENCY), alarm(2))
    found = sound(both, 0.0, {"night": Tone.LOW})
    assert (found.tone, found.repeat, found.alarm.id) == (Tone.FIRE, 0.0, 1)
    alone = sound(table(ruled(1, P.EMERGENCY)), 0.0, {"night": Tone.LOW})
    assert starts(found, alone, 0.0, 1.0)


def test_only_rules_have_sounds_of_rules():
    fault = replace(alarm(1), key=AlarmKey("gate", AlarmKind.FIRE, "night"))
    assert sound(table(fault), 0.0, {"night": None}).tone is OF_PRIORITY[P.EMERGENCY]


def test_what_is_covered_counts_as_disabled_and_no_longer_as_fire():
    shelved, out = cover(OverlayKind.SHELVED), cover(OverlayKind.OUT_OF_SERVICE, "place9")
    found = counters(
        table(replace(alarm(1), overlay=shelved), alarm(2), overlays=(shelved, out)),
        switched_off=3,
    )
    assert found.fire.count == 1
    assert found.disabled.count == 5  # the shelved one, a place without alarms, three switched off
    assert not found.disabled.flashing


def test_alarms_and_places_in_test_have_a_counter_of_their_own():
    here, there = cover(OverlayKind.TEST), cover(OverlayKind.TEST, "place9")
    found = counters(table(replace(alarm(1), overlay=here), overlays=(here, there)))
    assert (found.test.count, found.disabled.count, found.fire.count) == (3, 0, 0)
