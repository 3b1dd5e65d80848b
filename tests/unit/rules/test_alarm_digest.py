from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

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
from embereye.rules.alarm_digest import digest
from embereye.rules.annunciation import Tone, siren, sound, urgency

SHELVED = Overlay(OverlayKind.SHELVED, Scope("hall"), "", "x", 0.0, 60.0, Priority.EMERGENCY)
TEST = replace(SHELVED, kind=OverlayKind.TEST)
TONES = {"soft": Tone.LOW, "mute": None}


def alarm(number, priority=Priority.HIGH, **values):
    key = AlarmKey("hall", AlarmKind.FIRE, str(number))
    state = AlarmState.UNACKNOWLEDGED
    made = Alarm(number, key, "", priority, state, Cause.ACTIVE, (), 0.0, 0.0)
    return replace(made, **values)


ALARMS = st.lists(
    st.builds(
        lambda priority, kind, source, **values: (priority, kind, source, values),
        st.sampled_from(list(Priority)),
        st.sampled_from([AlarmKind.FIRE, AlarmKind.RULE]),
        st.sampled_from(["soft", "mute", "other"]),
        state=st.sampled_from(list(AlarmState)[1:]),
        overlay=st.sampled_from([None, None, SHELVED, TEST]),
        recorded=st.sampled_from([True, True, False]),
    ),
    max_size=12,
).map(
    lambda rows: tuple(
        alarm(number, priority, key=AlarmKey("hall", kind, source), **values)
        for number, (priority, kind, source, values) in enumerate(rows)
    )
)


@settings(deadline=None)
@given(ALARMS, st.randoms())
def test_the_digest_says_what_the_alarms_say_in_any_order(alarms, chance):
    alarms = tuple(chance.sample(alarms, len(alarms)))
    found = digest(alarms)
    assert list(found.calling) == sorted((a for a in alarms if a.calling), key=urgency)
    assert found.uncovered == tuple(a for a in alarms if a.overlay is None)
    assert found.covered == tuple(a for a in alarms if a.overlay is not None)
    assert found.fires == sum(a.priority is Priority.EMERGENCY for a in found.uncovered)
    assert found.faults == sum(a.priority is Priority.DIAGNOSTIC for a in found.uncovered)
    assert found.recorded == all(a.recorded for a in alarms)


@settings(deadline=None)
@given(ALARMS, st.sampled_from([None, TONES]), st.sampled_from([None, 5.0, 15.0]))
def test_the_siren_sounds_where_more_than_a_chime_is_heard(alarms, tones, silenced):
    table = AlarmTable(1, alarms, silenced)
    heard = sound(table, 10.0, tones)
    assert siren(table, 10.0, tones) == (heard is not None and heard.tone is not Tone.TEST)


def test_the_same_alarms_are_gone_through_once():
    alarms = (alarm(1), alarm(2))
    assert digest(alarms) is digest(alarms)


def test_a_new_table_gets_a_new_digest():
    assert [a.id for a in digest((alarm(1),)).calling] == [1]
    assert digest((alarm(1, overlay=SHELVED),)).calling == ()
